//! Draws all figures of the book and writes the text of the tour, or records what takes minutes to compute:
//! the attention of a translator, and the recall experiment.

use clap::Parser;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

/// Draws all figures of the book, and writes the text of the tour
#[derive(Parser)]
struct Arguments {
    /// Records the attention of the translator in this directory instead
    translator: Option<PathBuf>,
    /// Trains the networks of the recall experiment and records how many learn it instead
    #[arg(long, conflicts_with = "translator")]
    recall: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if let Some(translator) = arguments.translator {
        lstm_book::record_attention(&translator)?;
        return Ok(());
    }
    if arguments.recall {
        lstm_book::record_recall()?;
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
