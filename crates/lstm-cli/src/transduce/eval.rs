//! Generating a text for every source of the validation data, and comparing it with the references.

use super::{best, clipped, load};
use crate::args::EvalTextArgs;
use crate::count::counted;
use crate::error::{CliError, say};
use crate::session::Learned;
use crate::settings::workers;
use indicatif::ProgressBar;
use lstm_tasks::data::{Referenced, group_references};
use lstm_tasks::{PairData, PairOrigin, PairSettings, PairSource, Transduction};
use lstm_train::{StoredRun, TrainError, create_file, expect_absent};
use std::time::Instant;

/// A source, its references, and the text that the model generated.
pub struct Judged {
    pub source: String,
    references: Vec<String>,
    pub generated: String,
}

impl Judged {
    pub fn references(&self) -> Vec<&str> {
        self.references.iter().map(String::as_str).collect()
    }

    fn is_exact(&self) -> bool {
        self.references.contains(&self.generated)
    }
}

/// Generates a text for every source of `other`, or of the run's validation data.
pub fn judge(
    transduction: Transduction,
    other: Option<PairOrigin>,
    args: &EvalTextArgs,
) -> Result<Vec<Judged>, CliError> {
    args.out.as_deref().map_or(Ok(()), expect_absent)?;
    let model = load(transduction, &args.model)?;
    let own = match StoredRun::<PairSettings>::read(&args.model.model) {
        Ok(run) => Some(run.header.settings.source),
        Err(_) if other.is_some() => None,
        Err(TrainError::NoRun { .. }) => return Err(CliError::NothingHeldOut),
        Err(error) => return Err(error.into()),
    };
    let reversed = own.as_ref().is_some_and(|source| source.reversed);
    let other = other.map(|origin| PairSource { origin, reversed });
    let source = other.or(own).ok_or(CliError::NothingHeldOut)?;
    let Learned::<PairData> { data, .. } = source.read(args.input.limit())?.into();
    let examples = group_references(&data.val);
    let (start, bar) = (Instant::now(), ProgressBar::new(examples.len() as u64));
    let (beam, length_penalty) = (args.model.beam, args.model.length_penalty);
    let workers = workers(args.model.threads)?;
    let judged = workers.map(examples, |Referenced { source, references }, _team| {
        let generated = model.generate(&source, beam, length_penalty);
        bar.inc(1);
        generated.map(|found| Judged {
            source,
            references,
            generated: best(found),
        })
    });
    bar.finish_and_clear();
    let judged = judged.into_iter().collect::<Result<Vec<_>, _>>()?;
    if judged.is_empty() {
        return Err(CliError::NothingHeldOut);
    }
    if let Some(path) = &args.out {
        let lines = judged.iter().map(|one| one.generated.clone() + "\n");
        create_file(path, lines.collect::<String>().as_bytes())?;
    }
    say!(
        "{} in {:.1} s, beam {beam}, length penalty {length_penalty}",
        counted(judged.len(), "text"),
        start.elapsed().as_secs_f64(),
    );
    Ok(judged)
}

/// Prints five examples, evenly spaced, and the share of texts that equal one of their references.
pub fn say_examples(judged: &[Judged]) -> Result<(), CliError> {
    for one in judged.iter().step_by(judged.len().div_ceil(5)) {
        say!("  {}", clipped(&one.source));
        say!("    → {}", one.generated);
        if !one.is_exact() {
            say!("    ≠ {}", clipped(&one.references.join(" | ")));
        }
    }
    let (exact, all) = (
        judged.iter().filter(|one| one.is_exact()).count(),
        judged.len(),
    );
    let share = 100.0 * exact as f64 / all as f64;
    say!("exact match  {share:.2} %  ({exact} of {all})");
    Ok(())
}
