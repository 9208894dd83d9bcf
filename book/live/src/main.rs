//! Makes what runs in the live pages: `cargo run -p lstm-live -- build | train | numbers`.

use lstm_live::native::answers;
use lstm_live::script;
use lstm_live::writer::Writer;
use lstm_live::{train, wasm};
use std::env;
use std::error::Error;
use std::io::{Read, stdin};
use std::process::ExitCode;

const USAGE: &str = "\
cargo run -p lstm-live -- build               compiles the crates into book/en/live/module.js
cargo run -p lstm-live -- build --build-std   the same, and the standard library with them
cargo run -p lstm-live -- check               compiles again, and compares with what is committed
cargo run --release -p lstm-live -- train     trains the writer, book/en/live/model.js
cargo run -p lstm-live -- numbers             reads calls, a line each, and prints the crates' answers";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    match arguments {
        ["build"] => println!("{} bytes", wasm::build(false)?),
        ["build", "--build-std"] => println!("{} bytes", wasm::build(true)?),
        ["check"] => check()?,
        ["train"] => train::train()?,
        ["numbers"] => {
            let mut calls = String::new();
            stdin().read_to_string(&mut calls)?;
            let bytes = script::to_bytes(&script::read("model")?["weights"])?;
            let mut writer = Writer::load(&bytes).ok_or("model.js holds no model")?;
            print!("{}", answers(&calls, &mut writer));
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// One compiler makes the same bytes from the same sources wherever it runs.
fn check() -> Result<(), Box<dyn Error>> {
    let module = script::read("module")?;
    let (used, here) = (module["compiler"].as_str().unwrap_or(""), wasm::compiler()?);
    if used != here {
        println!("made by {used}; this is {here}, whose bytes may differ");
        return Ok(());
    }
    if wasm::compile(false)? != script::to_bytes(&module["wasm"])? {
        return Err(
            "the module is not what its sources give: `cargo run -p lstm-live -- build`".into(),
        );
    }
    println!("the same bytes");
    Ok(())
}
