//! Reading the text of a language model, and the texts to run a model on.

use crate::count::counted;
use crate::error::{CliError, note};
use lstm_text::{Normalization, read_text};
use lstm_train::Fingerprint;
use std::collections::BTreeMap;
use std::io::stdin;
use std::iter;
use std::path::Path;

/// The English chapters of this project's book, as `cargo run -p lstm-book` collects them.
const TOUR_TEXT: &str = include_str!("../tour.txt");

pub const TOUR_SOURCE: &str = "the English chapters of this project's book";

/// A normalised text and its fingerprint.
pub struct Source {
    pub text: String,
    pub fingerprint: Fingerprint,
    pub normalization: Normalization,
}

impl Source {
    pub fn read(path: &Path, normalization: Normalization) -> Result<Self, CliError> {
        let raw = read_text(path)?;
        // The absolute path, so that the run can be resumed from any directory.
        let name = match (path.to_str(), path.canonicalize()) {
            (Some("-"), _) => "standard input".to_owned(),
            (_, Ok(absolute)) => absolute.display().to_string(),
            (_, Err(_)) => path.display().to_string(),
        };
        Ok(Self::new(&name, &raw, normalization))
    }

    pub fn new(name: &str, raw: &str, normalization: Normalization) -> Self {
        let text = normalization.apply(raw).into_owned();
        Self {
            fingerprint: Fingerprint::new(name, &text),
            text,
            normalization,
        }
    }
}

/// The texts of the command line all at once, or else the lines of standard input one by one.
pub fn texts(given: &[String]) -> Box<dyn Iterator<Item = Result<Vec<String>, CliError>>> {
    if given.is_empty() {
        Box::new(
            stdin()
                .lines()
                .map(|line| Ok(vec![line.map_err(CliError::Input)?])),
        )
    } else {
        Box::new(iter::once(Ok(given.to_vec())))
    }
}

/// Names every character that was left out, and how often.
pub fn warn_of_unknown(unknown: &BTreeMap<char, usize>) {
    for (character, count) in unknown {
        let code = u32::from(*character);
        let times = counted(*count, "time");
        note!("left out: {character:?} (U+{code:04X}), {times}");
    }
}

/// The tour's own text, which is part of the program.
pub fn tour_text() -> Source {
    Source::new(TOUR_SOURCE, TOUR_TEXT, Normalization { nfc: false })
}
