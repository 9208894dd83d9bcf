//! Draws all figures of the book and writes the text of the tour, or records the attention of a translator for one of them.

use clap::Parser;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

/// Draws all figures of the book, and writes the text of the tour
#[derive(Parser)]
struct Arguments {
    /// Records the attention of the translator in this directory instead
    translator: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(translator) = Arguments::parse().translator {
        lstm_book::record_attention(&translator)?;
        return Ok(());
    }
    let dir = lstm_book::figures_dir();
    fs::create_dir_all(&dir)?;
    for (name, svg) in lstm_book::figures()? {
        fs::write(dir.join(name), svg)?;
        println!("book/en/figures/{name}");
    }
    fs::write(lstm_book::tour_path(), lstm_book::tour_text()?)?;
    println!("crates/lstm-cli/tour.txt");
    Ok(())
}
