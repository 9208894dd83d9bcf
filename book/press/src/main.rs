//! The book's press: `preprocess` and `chinese` are called by mdBook, `check` by people and CI.

use lstm_press::{Error, check, chinese, parity, preprocess};
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::{env, io};

const USAGE: &str = "usage: lstm-press preprocess | chinese | check [FOLDER]

  preprocess  mdBook's preprocessor: formulas, equations, figures
  chinese     mdBook's renderer: the second language
  check       links, requests, formulas and languages of the built book (default: book/html)";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        // mdBook asks whether a renderer is ours; book.toml says so more strictly.
        ["preprocess", "supports", renderer] => {
            return ExitCode::from(u8::from(renderer != "html"));
        }
        ["preprocess"] => input()
            .and_then(|input| preprocess::preprocess(&input))
            .map(|book| println!("{book}")),
        ["chinese"] => input().and_then(|context| chinese::build(&context)),
        ["check"] => check("book/html"),
        ["check", folder] => check(folder),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn input() -> Result<String, Error> {
    let mut text = String::new();
    let read = io::stdin().read_to_string(&mut text);
    read.map_err(|e| Error::new("standard input", 0, e.to_string()))?;
    Ok(text)
}

fn check(folder: &str) -> Result<(), Error> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut errors = parity::differences(book.parent().unwrap_or(book), "en", "zh");
    let (counts, found) = check::check(Path::new(folder))?;
    errors.extend(found);
    for error in &errors {
        eprintln!("{error}");
    }
    println!(
        "{} pages, {} links, {} formulas, {} equations traced, {} wrong",
        counts.pages,
        counts.links,
        counts.formulas,
        counts.equations,
        errors.len()
    );
    match errors.len() {
        0 => Ok(()),
        wrong => Err(Error::new(folder, 0, format!("{wrong} wrong"))),
    }
}
