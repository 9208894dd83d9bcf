//! `lstm classify`.

mod eval;
mod measured;
mod run;
mod subject;
mod train;

use crate::args::ClassifyCommand;
use crate::error::CliError;
use lstm_tasks::classify::Reading;

pub fn run(command: &ClassifyCommand) -> Result<(), CliError> {
    match command {
        ClassifyCommand::Train(args) => train::train(args),
        ClassifyCommand::Eval(args) => eval::eval(args),
        ClassifyCommand::Run(args) => run::run(args),
    }
}

/// What a model reads, in a message: `text` or `series`; the plural is `texts` or `series`.
fn noun(reading: &Reading) -> &'static str {
    match reading {
        Reading::Tokens { .. } => "text",
        Reading::Numbers { .. } => "series",
    }
}
