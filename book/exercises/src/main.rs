//! Judges all exercises, or those of some chapters, and prints the verdicts.

use clap::Parser;
use exercises::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    Arguments::parse().run()
}
