//! Draws the book's figures from runs of the crates with fixed seeds. The figures about speed are drawn
//! from the committed record of lstm-benches.
//!
//! `cargo run -p lstm-book` writes them into `book/en/figures`; `cargo test -p lstm-book` fails if a
//! committed figure differs from what the code draws.
//!
//! *Invariant:* no clock and no network. The same code draws the same bytes.

pub mod beyond;
mod cell;
mod cold_start;
#[cfg(test)]
mod forecasting;
#[cfg(test)]
mod records;
mod plain;
mod drawings;
mod forgetting;
mod gradcheck;
mod horizon;
mod machines;
mod measure;
mod model;
mod recall;
mod sampling;
mod translation;
mod speed;
mod figures;

pub use figures::figures;

use std::error::Error;
use std::path::{Path, PathBuf};

/// Records the attention of the translator in `dir` for its figure.
///
/// # Errors
/// If there is no translator, or the record cannot be written.
pub fn record_attention(dir: &Path) -> Result<(), Box<dyn Error>> {
    let path = [env!("CARGO_MANIFEST_DIR"), "src", "attention.txt"];
    let record = translation::record(dir)?;
    std::fs::write(path.iter().collect::<PathBuf>(), record)?;
    Ok(())
}

/// Trains the networks of the recall experiment and records how many learn it, for its figure and tables.
///
/// # Errors
/// If the record cannot be written.
pub fn record_recall() -> std::io::Result<()> {
    let path = [env!("CARGO_MANIFEST_DIR"), "src", "recall", "record.txt"];
    std::fs::write(path.iter().collect::<PathBuf>(), recall::record())
}

/// The chapters that `lstm tour` learns from, joined into one text of the command's own package.
const TOUR: [&str; 8] = [
    "introduction",
    "gates",
    "cell",
    "bptt",
    "bptt-code",
    "carousel",
    "flow",
    "text",
];

/// The path of the tour's text.
pub fn tour_path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../crates/lstm-cli/tour.txt"]
        .iter()
        .collect()
}

/// The tour's text, from the chapters as they are.
///
/// # Errors
/// If a chapter cannot be read.
pub fn tour_text() -> std::io::Result<String> {
    TOUR.into_iter().map(chapter).collect()
}

/// A chapter in English, as it is written.
fn chapter(name: &str) -> std::io::Result<String> {
    let chapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("en");
    std::fs::read_to_string(chapters.join(format!("{name}.md")))
}

/// The directory of the figures.
pub fn figures_dir() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "en", "figures"]
        .iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_figure_is_what_the_code_draws() {
        for (name, svg) in figures().unwrap() {
            let path = figures_dir().join(name);
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                found == svg,
                "book/en/figures/{name} is stale; draw it with `cargo run -p lstm-book`"
            );
        }
    }

    #[test]
    fn the_tour_s_text_is_the_chapters_as_they_are() {
        let found = std::fs::read_to_string(tour_path()).unwrap_or_default();
        assert!(
            found == tour_text().unwrap(),
            "crates/lstm-cli/tour.txt is stale; write it with `cargo run -p lstm-book`"
        );
    }

    #[test]
    fn every_committed_figure_is_drawn_by_the_code() {
        let drawn: BTreeSet<String> = figures()
            .unwrap()
            .into_iter()
            .map(|(name, _)| name.into())
            .collect();
        for entry in std::fs::read_dir(figures_dir()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                drawn.contains(&name),
                "no code draws book/en/figures/{name}; delete it"
            );
        }
    }
}
