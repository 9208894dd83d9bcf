//! The source of a run's pairs. The checkpoint stores it, so that a resumed run reads the same pairs.

use crate::data::{Pair, RecordFields, read_pairs, read_records};
use crate::examples::{Examples, Files, generated};
use crate::{TasksError, corpora};
use lstm_text::InputLimit;
use lstm_train::Fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A source of pairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairSource {
    /// Where the pairs come from.
    pub origin: PairOrigin,
    /// Whether source and target are exchanged.
    pub reversed: bool,
}

/// A generated corpus or files.
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
    /// Files of JSON lines, and the fields to read.
    Records(Files, RecordFields),
}

/// The pairs of a source.
pub type PairData = Examples<Pair>;

/// The number of training pairs of a generated corpus.
const GENERATED: usize = 20_000;
/// The seed of a generated corpus.
const GENERATED_SEED: u64 = 1;

impl PairSource {
    /// Whether the pairs are generated and not read from files.
    pub fn is_generated(&self) -> bool {
        !matches!(self.origin, PairOrigin::Pairs(_) | PairOrigin::Records(..))
    }

    /// Reads or generates the pairs.
    ///
    /// # Errors
    /// If a file cannot be read, is larger than the limit, or has no good pair.
    pub fn read(&self, limit: InputLimit) -> Result<PairData, TasksError> {
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
            PairOrigin::Pairs(files) => {
                files.read(|path| read_pairs(path, limit), source, &mut warnings)?
            }
            PairOrigin::Records(files, fields) => files.read(
                |path| read_records(path, fields, limit),
                source,
                &mut warnings,
            )?,
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
            fingerprint: Fingerprint::new(&self.to_string(), &text),
            train,
            val,
            warnings,
        })
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
