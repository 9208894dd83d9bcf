//! Reads the training text of a language model, and the texts to run a model on.

use crate::count::counted;
use crate::error::{CliError, note};
use lstm_text::{Encoded, Normalization, Tokenizer, Unknown, read_text};
use lstm_train::Fingerprint;
use std::collections::BTreeMap;
use std::io::stdin;
use std::iter;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The English chapters of this project's book, as `cargo run -p lstm-book` collects them.
const TOUR_TEXT: &str = include_str!("../tour.txt");

pub const TOUR_SOURCE: &str = "the English chapters of this project's book";

/// A normalised text and its fingerprint.
pub struct Source {
    pub text: String,
    /// The byte offset of the validation text, if it comes from a separate file.
    pub val_start: Option<usize>,
    pub fingerprint: Fingerprint,
    pub normalization: Normalization,
}

/// The files of a run's text. A run keeps their names, so that it can be resumed without --text.
#[derive(Debug, PartialEq, Eq)]
pub struct Files {
    pub train: Vec<PathBuf>,
    pub val: Option<PathBuf>,
}

/// The separator between the names of several files.
const AND: &str = " + ";
const VALIDATED_ON: &str = ", validated on ";

impl Files {
    /// The files that a run was trained on, from the name stored in the run.
    pub fn of_run(name: &str) -> Self {
        let (train, val) = match name.split_once(VALIDATED_ON) {
            Some((train, val)) => (train, Some(val.into())),
            None => (name, None),
        };
        let train = train.split(AND).map(PathBuf::from).collect();
        Self { train, val }
    }

    fn name(&self) -> String {
        let train: Vec<String> = self.train.iter().map(|path| absolute(path)).collect();
        let val = self
            .val
            .as_deref()
            .map(|path| VALIDATED_ON.to_owned() + &absolute(path));
        train.join(AND) + &val.unwrap_or_default()
    }

    /// Reads and joins the texts; the validation text comes last.
    pub fn read(&self, normalization: Normalization) -> Result<Source, CliError> {
        let mut raw = String::new();
        for path in &self.train {
            for file in text_files(path)? {
                add(&mut raw, &read_text(&file)?);
            }
        }
        let mut text = normalization.apply(&raw).into_owned();
        let mut val_start = None;
        if let Some(path) = &self.val {
            add(&mut text, "");
            val_start = Some(text.len());
            text += &normalization.apply(&read_text(path)?);
        }
        Ok(Source {
            fingerprint: Fingerprint::new(&self.name(), &text),
            text,
            val_start,
            normalization,
        })
    }
}

/// Appends a text, starting on a new line.
fn add(texts: &mut String, text: &str) {
    if !texts.is_empty() && !texts.ends_with('\n') {
        texts.push('\n');
    }
    texts.push_str(text);
}

/// The file itself, or all .txt files below a directory, in the order of their paths.
fn text_files(path: &Path) -> Result<Vec<PathBuf>, CliError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| CliError::io("read", path)(error.into()))?;
        let is_text = entry
            .path()
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("txt"));
        if is_text && entry.path().is_file() {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        let dir = path.to_owned();
        return Err(CliError::NoTextFile { dir });
    }
    Ok(files)
}

/// The absolute path, so that the run can be resumed from any directory.
fn absolute(path: &Path) -> String {
    match (path.to_str(), path.canonicalize()) {
        (Some("-"), _) => "standard input".to_owned(),
        (_, Ok(absolute)) => absolute.display().to_string(),
        (_, Err(_)) => path.display().to_string(),
    }
}

impl Source {
    pub fn read(path: &Path, normalization: Normalization) -> Result<Self, CliError> {
        Ok(Self::new(&absolute(path), &read_text(path)?, normalization))
    }

    pub fn new(name: &str, raw: &str, normalization: Normalization) -> Self {
        let text = normalization.apply(raw).into_owned();
        Self {
            fingerprint: Fingerprint::new(name, &text),
            text,
            val_start: None,
            normalization,
        }
    }

    /// The ids of the text and, if the validation text comes from a separate file, its fraction of the
    /// ids.
    pub fn encode(
        &self,
        vocabulary: &Tokenizer,
        unknown: Unknown,
    ) -> Result<(Encoded, Option<f64>), CliError> {
        let (train, val) = self
            .text
            .split_at(self.val_start.unwrap_or(self.text.len()));
        let mut encoded = vocabulary.encode_with(train, unknown)?;
        if self.val_start.is_none() {
            return Ok((encoded, None));
        }
        let val = vocabulary.encode_with(val, unknown)?;
        for (character, count) in val.unknown {
            *encoded.unknown.entry(character).or_default() += count;
        }
        encoded.ids.extend(&val.ids);
        let fraction = val.ids.len() as f64 / encoded.ids.len() as f64;
        Ok((encoded, Some(fraction)))
    }
}

/// The texts of the command line, all at once; without any, the lines of standard input, one by one.
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

/// Prints every character that was left out, with its count.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_run_are_found_again_by_its_name() {
        for (train, val) in [
            (vec!["/a.txt"], None),
            (vec!["/a.txt", "/b, c.txt"], None),
            (vec!["/a.txt", "/b"], Some("/val.txt")),
        ] {
            let files = Files {
                train: train.into_iter().map(PathBuf::from).collect(),
                val: val.map(PathBuf::from),
            };
            assert_eq!(Files::of_run(&files.name()), files);
        }
    }
}
