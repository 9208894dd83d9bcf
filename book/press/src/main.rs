//! The press of the book: mdBook calls `preprocess` and `finish`, people and CI call `check`.

use clap::{Parser, Subcommand};
use lstm_press::{Error, check, languages, parity, policy, preprocess, sources};
use std::io;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Prints the book.
#[derive(Parser)]
struct Press {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// mdBook's preprocessor: sets formulas and numbers equations, and puts figures into the page
    Preprocess {
        #[command(subcommand)]
        question: Option<Question>,
    },
    /// mdBook's renderer: the book in both languages, the sources that it links, and the
    /// content-security policy of all pages
    Finish,
    /// Checks links, requests, formulas and languages of the built book
    Check {
        /// The folder that mdBook has built
        #[arg(default_value = "book/html")]
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
enum Question {
    /// Whether the preprocessor works for a renderer
    Supports {
        /// mdBook's name of the renderer
        renderer: String,
    },
}

fn main() -> ExitCode {
    let done = match Press::parse().command {
        Command::Preprocess {
            question: Some(Question::Supports { renderer }),
        } => return ExitCode::from(u8::from(renderer != "html")),
        Command::Preprocess { question: None } => input()
            .and_then(|input| preprocess::preprocess(&input))
            .map(|book| println!("{book}")),
        Command::Finish => input()
            .and_then(|context| languages::build(&context))
            .and_then(|pages| sources::copy(&pages).and_then(|()| policy::apply(&pages))),
        Command::Check { folder } => check(&folder),
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

fn check(folder: &Path) -> Result<(), Error> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut errors = parity::differences(book.parent().unwrap_or(book), "en", "zh");
    let (counts, found) = check::check(folder)?;
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
        wrong => {
            let folder = folder.display().to_string();
            Err(Error::new(folder, 0, format!("{wrong} wrong")))
        }
    }
}
