//! Draws the book's figures from runs of the crates, every one from fixed seeds; those of speed from
//! the committed record of lstm-benches.
//!
//! `cargo run -p lstm-book` writes them into `book/en/figures`; `cargo test -p lstm-book` fails when
//! one of them is not what the code draws.
//!
//! *Invariant:* no clock and no network: the same code draws the same bytes.

mod forgetting;
mod gradcheck;
mod horizon;
mod measure;
mod model;
mod sampling;
mod translation;
mod speed;
mod figures;

pub use figures::figures;

use std::error::Error;
use std::path::{Path, PathBuf};

/// Records where the translator in `dir` looks, for its figure.
///
/// # Errors
/// If there is no translator, or the record cannot be written.
pub fn record_attention(dir: &Path) -> Result<(), Box<dyn Error>> {
    let path = [env!("CARGO_MANIFEST_DIR"), "src", "attention.txt"];
    let record = translation::record(dir)?;
    std::fs::write(path.iter().collect::<PathBuf>(), record)?;
    Ok(())
}

/// Where the figures live.
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
    fn no_figure_is_left_that_nothing_draws() {
        let drawn: BTreeSet<String> = figures()
            .unwrap()
            .into_iter()
            .map(|(name, _)| name.into())
            .collect();
        for entry in std::fs::read_dir(figures_dir()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                drawn.contains(&name),
                "book/en/figures/{name} is drawn by nothing; delete it"
            );
        }
    }
}
