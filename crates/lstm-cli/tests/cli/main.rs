//! The `lstm` command as a person uses it: through its binary.

mod bad_input;
mod carry;
mod commands;
mod interruptions;
mod reading;
mod tasks;
mod tool;
