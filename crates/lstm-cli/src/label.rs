//! `lstm label`.

mod train;
mod eval;
mod run;

use crate::args::LabelCommand;
use crate::error::CliError;

pub fn run(command: &LabelCommand) -> Result<(), CliError> {
    match command {
        LabelCommand::Train(args) => train::train(args),
        LabelCommand::Eval(args) => eval::eval(args),
        LabelCommand::Run(args) => run::run(args),
    }
}
