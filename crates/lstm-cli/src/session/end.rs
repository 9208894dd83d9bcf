//! The end of a session: pictures, the report, what happened, and what to try next.

use crate::count::counted;
use crate::error::{CliError, note, say};
use crate::open::open;
use crate::report::{REPORT, Report};
use crate::sample::{SAMPLES, SampleAt, to_lines};
use crate::session::{Drawn, Subject, Summary};
use crate::shell::quoted;
use crate::{pictures, report};
use lstm_model::Engine;
use lstm_plot::grouped;
use lstm_train::{Evaluation, METRICS, Outcome, Run, replace_file};

/// Prints how a run ended and what to do next, and leaves its pictures and its report.
pub fn report<S: Subject, R: Engine<Scalar = f32>>(
    run: &Run<S, R>,
    data: &S::Data,
    summary: Summary,
    outcome: Outcome,
    samples: &[SampleAt],
    is_opened: bool,
) -> Result<(), CliError> {
    let command = S::command(run.description());
    let dir = run.dir().path();
    let quoted = quoted(&dir.display().to_string());
    let next = S::next(run.description(), data, &quoted);
    let overfitting = overfitting(&run.dir().metrics());
    let settings = report::settings(run, summary);
    let left = leave(run, data, settings, samples, overfitting.as_deref(), &next);
    if is_opened
        && left.contains(&REPORT)
        && let Err(error) = open(&dir.join(REPORT))
    {
        note!(
            "warning: cannot open {}: {error}",
            dir.join(REPORT).display()
        );
    }
    let progress = run.trainer().progress();
    let step = progress.step;
    if outcome == Outcome::Interrupted {
        say!("stopped and saved at step {step}; resume with: {command} train --resume {quoted}");
        return Ok(());
    }
    if outcome == Outcome::OutOfPatience {
        let waited = progress.since_best;
        say!(
            "stopped early: no new minimum of the validation loss in {}",
            counted(waited as usize, "evaluation")
        );
    }
    let (last, others) = left.split_last().expect("two at least");
    let (dir, others) = (dir.display(), others.join(", "));
    say!("done: step {step}; {dir} holds {others} and {last}");
    if let Some(best) = progress.best.filter(|best| best.step < step) {
        let (step, loss) = (grouped(best.step), best.val_loss);
        say!("the validation loss was lowest at step {step}: {loss:.4} (best.safetensors)");
    }
    if let Some(sentence) = overfitting {
        say!("{sentence}");
    }
    say!("\nWhat to try next:");
    if left.contains(&REPORT) {
        say!("  open {quoted}/{REPORT} in a browser");
    }
    for command in next {
        say!("  {command}");
    }
    Ok(())
}

/// Writes the pictures, the samples and the report, and returns what the directory holds. The run is done
/// and saved: it has not failed if a picture cannot be drawn or written.
fn leave<S: Subject, R: Engine<Scalar = f32>>(
    run: &Run<S, R>,
    data: &S::Data,
    settings: Vec<(&'static str, String)>,
    samples: &[SampleAt],
    overfitting: Option<&str>,
    next: &[String],
) -> Vec<&'static str> {
    let dir = run.dir();
    let loss = pictures::loss_of(run, S::unit(run.description()));
    let written_loss = pictures::save(dir, "loss.svg", loss.clone()).map(|()| vec!["loss.svg"]);
    let written_samples = match samples {
        [] => Ok(Vec::new()),
        samples => replace_file(&dir.path().join(SAMPLES), to_lines(samples).as_bytes())
            .map(|()| vec![SAMPLES])
            .map_err(CliError::from),
    };
    let (picture, written_drawn) = match S::draw(run, data) {
        Ok(Drawn { picture, svg: None }) => (picture, Ok(Vec::new())),
        Ok(Drawn {
            picture,
            svg: Some((name, svg)),
        }) => (picture, pictures::save(dir, name, svg).map(|()| vec![name])),
        Err(error) => (None, Err(error)),
    };
    let page = Report {
        title: format!("{} train", S::command(run.description())),
        dir: dir.path().display().to_string(),
        settings,
        loss: loss.ok(),
        overfitting,
        samples,
        picture,
        next,
    };
    let written_report = page.write(dir.path()).map(|()| vec![REPORT]);
    let mut left = vec!["the model", METRICS];
    for written in [written_loss, written_drawn, written_samples, written_report] {
        match written {
            Ok(names) => left.extend(names),
            Err(error) => note!("warning: {error}"),
        }
    }
    left
}

/// A sentence that explains overfitting, if the end of a run shows it: the validation loss is more than
/// a hundredth above its minimum, and the training loss has fallen since.
fn overfitting(metrics: &[Evaluation]) -> Option<String> {
    let last = metrics.last()?;
    let validated = metrics.iter().filter(|e| e.val_loss.is_some());
    let best = validated.min_by(|a, b| a.val_loss.partial_cmp(&b.val_loss).expect("finite"))?;
    let (lowest, end) = (best.val_loss?, last.val_loss?);
    let is_overfitting = end > 1.01 * lowest && last.train_loss < best.train_loss;
    is_overfitting.then(|| {
        format!(
            "This is overfitting: since step {} the training loss has fallen from {:.4} to {:.4}, but the \
             validation loss has risen from {lowest:.4} to {end:.4}, because the model memorises the \
             training data.",
            grouped(best.step),
            best.train_loss,
            last.train_loss,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluations(losses: &[(f64, f64)]) -> Vec<Evaluation> {
        let evaluation = |(n, (train, val)): (usize, &(f64, f64))| {
            let json = serde_json::json!({"step": 1000 * (n + 1), "seconds": 1, "train_loss": train,
                "val_loss": val, "bpc": 1, "perplexity": 1, "chars_per_s": 1});
            serde_json::from_value(json).unwrap()
        };
        losses.iter().enumerate().map(evaluation).collect()
    }

    #[test]
    fn overfitting_is_explained_only_when_the_losses_part() {
        let parted = [(2.0, 2.1), (1.5, 1.7), (1.3, 1.76)];
        assert_eq!(
            overfitting(&evaluations(&parted)).unwrap(),
            "This is overfitting: since step 2,000 the training loss has fallen from 1.5000 to 1.3000, but \
             the validation loss has risen from 1.7000 to 1.7600, because the model memorises the training \
             data."
        );
        let together = [(2.0, 2.1), (1.5, 1.7), (1.3, 1.6)];
        let noise = [(2.0, 2.1), (1.5, 1.7), (1.3, 1.701)];
        // A run that diverges does not memorise anything.
        let worse = [(2.0, 2.1), (1.5, 1.7), (2.3, 2.6)];
        for losses in [&together[..], &noise, &worse, &[]] {
            assert_eq!(overfitting(&evaluations(losses)), None);
        }
    }
}
