//! Tools for the live pages; `cargo run -p lstm-live -- help` lists them.

use clap::{Parser, Subcommand};
use lstm_live::native::{Models, answers};
use lstm_live::script;
use lstm_live::{train, train_translator, wasm};
use std::error::Error;
use std::io::{Read, stdin};
use std::process::ExitCode;

/// Makes the files that the live pages load
#[derive(Parser)]
struct Live {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compiles the crates into book/en/live/module.js
    Build {
        /// Compiles the standard library too, for a compiler that lacks the WebAssembly target
        #[arg(long)]
        build_std: bool,
    },
    /// Compiles the crates again, and compares the result with the committed module
    Check,
    /// Trains the writer, book/en/live/model.js; needs --release
    Train,
    /// Trains the translator, book/en/live/translator.js; needs --release
    TrainTranslator,
    /// Reads calls from the standard input, one a line, and prints the answers of the crates
    Numbers,
}

fn main() -> ExitCode {
    match run(&Live::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Build { build_std } => println!("{} bytes", wasm::build(*build_std)?),
        Command::Check => check()?,
        Command::Train => train::train()?,
        Command::TrainTranslator => train_translator::train()?,
        Command::Numbers => {
            let mut calls = String::new();
            stdin().read_to_string(&mut calls)?;
            print!("{}", answers(&calls, &mut Models::read()?));
        }
    }
    Ok(())
}

/// The same compiler makes the same bytes from the same sources on every machine.
fn check() -> Result<(), Box<dyn Error>> {
    let module = script::read("module")?;
    let (used, here) = (module["compiler"].as_str().unwrap_or(""), wasm::compiler()?);
    if used != here {
        println!("the module was compiled by {used}; this is {here}, whose bytes may differ");
        return Ok(());
    }
    if wasm::compile(false)? != script::to_bytes(&module["wasm"])? {
        return Err(
            "the module is not made from these sources: `cargo run -p lstm-live -- build`".into(),
        );
    }
    println!("the module is made from these sources");
    Ok(())
}
