//! What `lstm translate` and `lstm summarize` have in common.

mod train;
mod eval;
mod run;

pub use eval::{Judged, judge, say_examples};
pub use run::run;
pub use train::train;

use crate::args::BeamArgs;
use crate::error::CliError;
use crate::settings::check_beam;
use lstm_fast::Fast;
use lstm_tasks::{Generated, Transducer, TransducerDescription, Transduction};
use lstm_train::TrainError;
use std::path::Path;

fn load(transduction: Transduction, args: &BeamArgs) -> Result<Transducer<Fast>, CliError> {
    check_beam(args.beam)?;
    let model = Transducer::load(&args.model)?;
    expect(transduction, &model.description, &args.model)?;
    Ok(model)
}

/// Refuses a model that was trained for something else.
fn expect(
    transduction: Transduction,
    description: &TransducerDescription,
    path: &Path,
) -> Result<(), TrainError> {
    if description.transduction == transduction {
        return Ok(());
    }
    let why = match description.transduction {
        Transduction::Translation => "it translates: use `lstm translate`",
        Transduction::Summarisation => "it summarises: use `lstm summarize`",
    };
    Err(TrainError::file(path, why))
}

/// The text with the highest score; empty if the search found none.
fn best(generated: Vec<Generated>) -> String {
    let best = generated.into_iter().next();
    best.map_or(String::new(), |one| one.text)
}

/// The first ninety characters.
fn clipped(text: &str) -> String {
    match text.char_indices().nth(90) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
