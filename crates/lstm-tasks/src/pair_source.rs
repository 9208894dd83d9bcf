//! Where a run's pairs come from, said so that a resumed run finds them again.

use crate::data::{Pair, RecordFields, Rows, read_pairs, read_records};
use crate::{TasksError, corpora};
use lstm_model::TextRecord;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// Pairs of a source and a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairSource {
    /// Where they come from.
    pub origin: PairOrigin,
    /// Whether the second text of each is read and the first one written.
    pub reversed: bool,
}

/// Where pairs come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PairOrigin {
    /// [`corpora::english_french`].
    EnglishFrench,
    /// [`corpora::english_chinese`].
    EnglishChinese,
    /// [`corpora::headlines`].
    Headlines,
    /// Tab-separated files.
    Pairs(Files),
    /// Files of JSON lines, and the fields that are read.
    Records(Files, RecordFields),
}

/// A file to learn from and one to be judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// To learn from.
    pub train: PathBuf,
    /// To be judged by; without it a twentieth of the sources of `train`.
    pub val: Option<PathBuf>,
}

/// Pairs that were read.
#[derive(Clone, Debug)]
pub struct PairData {
    /// To learn from.
    pub train: Vec<Pair>,
    /// To be judged by: no source of it is in `train`, unless a file of its own says so.
    pub val: Vec<Pair>,
    /// What to tell of malformed rows.
    pub warnings: Vec<String>,
    /// By what the pairs are known again.
    pub record: TextRecord,
}

/// Pairs of a generated corpus to learn from.
const GENERATED: usize = 20_000;
/// Decides which they are.
const GENERATED_SEED: u64 = 1;
/// Without a file to be judged by, one source in so many is held out.
const HELD_OUT: u32 = 20;

impl PairSource {
    /// Whether no file holds them.
    pub fn is_generated(&self) -> bool {
        !matches!(self.origin, PairOrigin::Pairs(_) | PairOrigin::Records(..))
    }

    /// Reads or generates the pairs.
    ///
    /// # Errors
    /// If a file cannot be read, or has not one pair.
    pub fn read(&self) -> Result<PairData, TasksError> {
        let mut warnings = Vec::new();
        let source = |pair: &Pair| pair.source.clone();
        let (mut train, mut val) = match &self.origin {
            PairOrigin::EnglishFrench => {
                generated(corpora::english_french(GENERATED_SEED, GENERATED))
            }
            PairOrigin::EnglishChinese => {
                generated(corpora::english_chinese(GENERATED_SEED, GENERATED))
            }
            PairOrigin::Headlines => generated(corpora::headlines(GENERATED_SEED, GENERATED)),
            PairOrigin::Pairs(files) => files.read(read_pairs, source, &mut warnings)?,
            PairOrigin::Records(files, fields) => {
                files.read(|path| read_records(path, fields), source, &mut warnings)?
            }
        };
        if self.reversed {
            for pairs in [&mut train, &mut val] {
                *pairs = std::mem::take(pairs)
                    .into_iter()
                    .map(Pair::reversed)
                    .collect();
            }
        }
        let text: String = train
            .iter()
            .chain(&val)
            .flat_map(|pair| [&pair.source, "\t", &pair.target, "\n"])
            .collect();
        Ok(PairData {
            record: TextRecord::new(&self.to_string(), &text),
            train,
            val,
            warnings,
        })
    }
}

fn generated(corpus: corpora::Corpus<Pair>) -> (Vec<Pair>, Vec<Pair>) {
    (corpus.train, corpus.held_out)
}

impl Files {
    /// What to learn from and what to be judged by; `source` is what the two parts do not share.
    pub(crate) fn read<T>(
        &self,
        read: impl Fn(&Path) -> Result<Rows<T>, TasksError>,
        source: impl Fn(&T) -> String,
        warnings: &mut Vec<String>,
    ) -> Result<(Vec<T>, Vec<T>), TasksError> {
        let mut rows = |path: &Path| -> Result<Vec<T>, TasksError> {
            let rows = read(path)?;
            warnings.extend(rows.warning(5));
            Ok(rows.good)
        };
        let train = rows(&self.train)?;
        match &self.val {
            Some(path) => Ok((train, rows(path)?)),
            None => Ok(train.into_iter().partition(|one| {
                !crc32fast::hash(source(one).as_bytes()).is_multiple_of(HELD_OUT)
            })),
        }
    }
}

impl fmt::Display for PairSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (there, back) = match &self.origin {
            PairOrigin::EnglishFrench => ("English", "French"),
            PairOrigin::EnglishChinese => ("English", "Chinese"),
            PairOrigin::Headlines => return f.write_str("generated reports and their headlines"),
            PairOrigin::Pairs(files) | PairOrigin::Records(files, _) => {
                let arrow = if self.reversed { ", right to left" } else { "" };
                return write!(f, "{}{arrow}", files.train.display());
            }
        };
        let (from, to) = if self.reversed {
            (back, there)
        } else {
            (there, back)
        };
        write!(f, "generated sentences, {from} to {to}")
    }
}
