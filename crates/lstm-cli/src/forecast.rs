//! `lstm forecast`.

mod eval;
mod example;
mod follow;
mod of_run;
mod picture;
mod run;
mod subject;
mod table;
mod train;

pub use subject::relative_to;
pub use table::field;

use crate::args::ForecastCommand;
use crate::error::CliError;

pub fn run(command: &ForecastCommand) -> Result<(), CliError> {
    match command {
        ForecastCommand::Train(args) => train::train(args),
        ForecastCommand::Eval(args) => eval::eval(args),
        ForecastCommand::Run(args) => run::run(args),
    }
}
