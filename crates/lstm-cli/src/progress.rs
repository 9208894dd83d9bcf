//! The output of a run while it trains: a progress bar, and a line and a sample for each evaluation.

use crate::error::note;
use crate::explosion::Explosion;
use crate::gauge::Gauge;
use crate::sample::{Sample, SampleAt};
use crate::{interrupt, terminal};
use console::{Style, Term, is_dumb};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lstm_plot::grouped;
use lstm_train::{Evaluation, Observer, StepReport, Task, TrainError, Trainer};
use std::io::{Write, stdout};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The progress of a run. `show` makes the sample of an evaluation.
pub struct Progress<F> {
    term: Term,
    bar: ProgressBar,
    drawn: Option<Instant>,
    gauge: Gauge,
    unit: &'static str,
    explosion: Explosion,
    told_of_room: Option<Instant>,
    show: F,
    samples: Vec<SampleAt>,
}

/// The time between two warnings of a full disk.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(30);
/// The time between two drawings of the bar.
const BETWEEN_DRAWINGS: Duration = Duration::from_millis(80);

impl<F> Progress<F> {
    /// `guess` is the loss of a model that guesses.
    pub fn new(gauge: Gauge, unit: &'static str, guess: f64, show: F) -> Self {
        let style = ProgressStyle::with_template("{msg}").expect("the template is well formed");
        let bar = ProgressBar::new_spinner().with_style(style);
        if is_dumb() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self {
            term: Term::stderr(),
            bar,
            drawn: None,
            gauge,
            unit,
            explosion: Explosion::new(guess),
            told_of_room: None,
            show,
            samples: Vec::new(),
        }
    }

    /// Removes the bar. Returns the samples.
    pub fn finish(self) -> Vec<SampleAt> {
        self.bar.finish_and_clear();
        self.samples
    }

    fn draw(&mut self) {
        let is_due = |drawn: Instant| drawn.elapsed() >= BETWEEN_DRAWINGS;
        if !self.bar.is_hidden() && self.drawn.is_none_or(is_due) {
            self.drawn = Some(Instant::now());
            let (_, columns) = self.term.size();
            let width = usize::from(columns).saturating_sub(1);
            self.bar.set_message(self.gauge.line(width, &self.term));
        }
    }
}

impl<T: Task, F: FnMut(&T::Network) -> Option<Sample>> Observer<T> for Progress<F> {
    fn on_step(&mut self, trainer: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        if let Some(warning) = self.explosion.warning(report) {
            self.bar.suspend(|| note!("{warning}"));
        }
        self.gauge.note(report, trainer.progress().seconds);
        self.draw();
        interrupted()
    }

    fn on_evaluation(
        &mut self,
        trainer: &Trainer<T>,
        evaluation: &Evaluation,
    ) -> Result<(), TrainError> {
        let (sample, width) = ((self.show)(&trainer.network), terminal::width());
        let lines = sample.as_ref().map(|sample| sample.lines(width));
        // Training goes on even if nobody reads the output.
        self.bar.suspend(|| {
            let _ = writeln!(stdout(), "{}", told(evaluation, self.unit, width));
            if let Some(lines) = lines {
                let _ = terminal::print_lines(&lines);
            }
        });
        let step = evaluation.step;
        self.samples
            .extend(sample.map(|sample| SampleAt { step, sample }));
        Ok(())
    }

    fn on_no_room(&mut self, error: &TrainError) -> ControlFlow<()> {
        if self
            .told_of_room
            .is_none_or(|told| told.elapsed() > BETWEEN_WARNINGS)
        {
            self.told_of_room = Some(Instant::now());
            self.bar.suspend(|| {
                note!("warning: {error}; make room: saving is tried again until it succeeds");
            });
        }
        ControlFlow::Continue(())
    }
}

/// The observer of a process that trains for rank 0, which prints for all.
pub struct Follower;

impl<T: Task> Observer<T> for Follower {
    fn on_step(&mut self, _: &Trainer<T>, _: &StepReport) -> ControlFlow<()> {
        interrupted()
    }
}

/// `Break` if a signal has asked to stop.
fn interrupted() -> ControlFlow<()> {
    if interrupt::asked() {
        return ControlFlow::Break(());
    }
    ControlFlow::Continue(())
}

/// The line of an evaluation. A narrow terminal gets fewer of its numbers, and a new minimum of the
/// validation loss is green.
fn told(e: &Evaluation, unit: &str, width: Option<usize>) -> String {
    let val_loss = e.val_loss.map(|loss| format!("{loss:.4}"));
    let val_loss = val_loss.unwrap_or_else(|| "none".to_owned());
    let mut parts = vec![
        format!("step {:>6}", grouped(e.step)),
        format!("train {:.4}", e.train_loss),
        format!("val {val_loss}"),
    ];
    parts.extend(e.bpc.map(|bits| format!("{bits:.3} bits/{unit}")));
    parts.extend(e.perplexity.map(|p| format!("perplexity {p:.2}")));
    parts.push(format!("{} {unit}s/s", grouped(e.chars_per_s as u64)));
    let columns = |parts: &[String]| parts.iter().map(|part| part.len() + 2).sum::<usize>() - 2;
    while width.is_some_and(|width| columns(&parts) > width && parts.len() > 3) {
        parts.pop();
    }
    let green = Style::new()
        .green()
        .force_styling(e.is_best && terminal::has_colours());
    parts[2] = green.apply_to(&parts[2]).to_string();
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_gets_the_losses_and_a_program_gets_everything() {
        let json = r#"{"step": 1200, "seconds": 1, "train_loss": 1.5, "val_loss": 1.69971,
            "bpc": 2.452, "perplexity": 5.47, "chars_per_s": 812345}"#;
        let evaluation: Evaluation = serde_json::from_str(json).unwrap();
        let all = "step  1,200  train 1.5000  val 1.6997  2.452 bits/char  perplexity 5.47  812,345 chars/s";
        assert_eq!(told(&evaluation, "char", None), all);
        assert_eq!(told(&evaluation, "char", Some(120)), all);
        let without_speed =
            "step  1,200  train 1.5000  val 1.6997  2.452 bits/char  perplexity 5.47";
        assert_eq!(told(&evaluation, "char", Some(80)), without_speed);
        let losses = "step  1,200  train 1.5000  val 1.6997";
        assert_eq!(told(&evaluation, "char", Some(20)), losses);
    }
}
