//! Reads the training text of a language model, and the texts to run a model on.

use crate::count::counted;
use crate::error::{CliError, note};
use lstm_text::{
    ByteSize, Encoded, InputLimit, Normalization, TextError, Tokenizer, Unknown, read_text,
};
use lstm_train::{DataFiles, Fingerprint};
use std::cmp::Reverse;
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

/// The separator between the names of several files.
const AND: &str = " + ";
const VALIDATED_ON: &str = ", validated on ";

/// The files of a run that was stored before runs kept a list of their files: they are in its description.
pub fn files_in(description: &str) -> DataFiles {
    let (train, val) = match description.split_once(VALIDATED_ON) {
        Some((train, val)) => (train, Some(val.into())),
        None => (description, None),
    };
    let train = train.split(AND).map(PathBuf::from).collect();
    DataFiles { train, val }
}

/// The description of the files for messages.
fn describe(files: &DataFiles) -> String {
    let train: Vec<String> = files.train.iter().map(|path| name(path)).collect();
    let val = files
        .val
        .as_deref()
        .map(|path| VALIDATED_ON.to_owned() + &name(path));
    train.join(AND) + &val.unwrap_or_default()
}

fn name(path: &Path) -> String {
    match path.to_str() {
        Some(STANDARD_INPUT) => "standard input".to_owned(),
        _ => path.display().to_string(),
    }
}

/// Reads and joins the texts; the validation text comes last. A run stores the files' absolute paths, so
/// that it can be resumed from any directory.
pub fn read_files(
    files: &DataFiles,
    limit: InputLimit,
    normalization: Normalization,
) -> Result<Source, CliError> {
    let mut raw = String::new();
    for path in &files.train {
        for file in text_files(path)? {
            add(&mut raw, &read_text(&file, limit)?);
            expect_within(limit, &file, &raw)?;
        }
    }
    let mut text = normalization.apply(&raw).into_owned();
    let mut val_start = None;
    if let Some(path) = &files.val {
        add(&mut text, "");
        val_start = Some(text.len());
        text += &normalization.apply(&read_text(path, limit)?);
    }
    let files = DataFiles {
        train: files.train.iter().map(|path| absolute(path)).collect(),
        val: files.val.as_deref().map(absolute),
    };
    let can_be_read_again = |path: &PathBuf| path.to_str() != Some(STANDARD_INPUT);
    let is_stored = files.train.iter().chain(&files.val).all(can_be_read_again);
    Ok(Source {
        fingerprint: Fingerprint {
            files: is_stored.then(|| files.clone()),
            ..Fingerprint::new(&describe(&files), &text)
        },
        text,
        val_start,
        normalization,
    })
}

/// Checks that the texts up to `file` together are not too large.
fn expect_within(limit: InputLimit, file: &Path, text: &str) -> Result<(), CliError> {
    if text.len() as u64 <= limit.file {
        return Ok(());
    }
    Err(CliError::Text(TextError::TooLarge {
        name: name(file),
        comparison: "and the texts before it are larger than",
        limit: ByteSize(limit.file),
    }))
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

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

fn absolute(path: &Path) -> PathBuf {
    match path.to_str() {
        Some(STANDARD_INPUT) => path.to_owned(),
        _ => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
    }
}

impl Source {
    pub fn read(
        path: &Path,
        limit: InputLimit,
        normalization: Normalization,
    ) -> Result<Self, CliError> {
        let text = read_text(path, limit)?;
        Ok(Self::new(&name(&absolute(path)), &text, normalization))
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
pub fn texts(
    given: &[String],
    limit: InputLimit,
) -> Box<dyn Iterator<Item = Result<Vec<String>, CliError>>> {
    if !given.is_empty() {
        return Box::new(iter::once(Ok(given.to_vec())));
    }
    Box::new(input_lines(limit).map(|line| Ok(vec![line?])))
}

/// The lines of standard input, one by one.
pub fn input_lines(limit: InputLimit) -> impl Iterator<Item = Result<String, CliError>> {
    let (mut input, mut line) = (stdin().lock(), 0);
    iter::from_fn(move || {
        line += 1;
        let bytes = limit.next_line("standard input", line, &mut input);
        let text = |bytes| String::from_utf8(bytes).map_err(|_| CliError::NotUtf8 { line });
        Some(bytes.transpose()?.map_err(CliError::from).and_then(text))
    })
}

/// Prints the characters that were left out, in one line: the most frequent ones by name.
pub fn warn_of_unknown(unknown: &BTreeMap<char, usize>) {
    const NAMED: usize = 8;
    if unknown.is_empty() {
        return;
    }
    let mut by_count: Vec<(char, usize)> = unknown.iter().map(|(c, n)| (*c, *n)).collect();
    by_count.sort_by_key(|&(_, count)| Reverse(count));
    let name = |&(c, count): &(char, usize)| {
        format!("{c:?} (U+{:04X}) {}", u32::from(c), counted(count, "time"))
    };
    let mut named: Vec<String> = by_count.iter().take(NAMED).map(name).collect();
    if by_count.len() > NAMED {
        named.push("…".to_owned());
    }
    note!(
        "left out {} of {} that the model does not know: {}",
        counted(unknown.values().sum(), "character"),
        counted(unknown.len(), "kind"),
        named.join(", ")
    );
}

/// The tour's own text, which is part of the program.
pub fn tour_text() -> Source {
    Source::new(TOUR_SOURCE, TOUR_TEXT, Normalization { nfc: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_an_older_run_are_found_in_its_description() {
        for (train, val) in [
            (vec!["/a.txt"], None),
            (vec!["/a.txt", "/b, c.txt"], None),
            (vec!["/a.txt", "/b"], Some("/val.txt")),
        ] {
            let files = DataFiles {
                train: train.into_iter().map(PathBuf::from).collect(),
                val: val.map(PathBuf::from),
            };
            assert_eq!(files_in(&describe(&files)), files);
        }
    }
}
