//! The `lstm` command as a person uses it: through its binary.

mod bad_input;
mod carry;
mod commands;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod hostile;
mod interruptions;
mod reading;
mod several;
mod tasks;
mod tool;
