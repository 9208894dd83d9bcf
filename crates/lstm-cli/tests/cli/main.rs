//! The `lstm` command as a person uses it: through its binary.

mod answers;
mod bad_input;
mod carry;
mod classify;
mod commands;
#[cfg(unix)]
mod edit;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod files;
mod forecast;
#[cfg(unix)]
mod headers;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod inputs;
mod interruptions;
#[cfg(unix)]
mod learning;
#[cfg(unix)]
mod on_a_terminal;
#[cfg(unix)]
mod overflow;
mod reading;
#[cfg(unix)]
mod reports;
mod several;
mod side_by_side;
mod tasks;
mod tool;
