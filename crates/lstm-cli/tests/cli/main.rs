//! The `lstm` command as a person uses it: through its binary.

mod bad_input;
mod carry;
mod commands;
#[cfg(unix)]
mod edit;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod first_hour;
#[cfg(unix)]
mod headers;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod inputs;
mod interruptions;
#[cfg(unix)]
mod overflow;
mod reading;
mod several;
mod tasks;
mod tool;
