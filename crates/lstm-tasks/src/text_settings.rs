//! The settings by which a text is cut for training and for evaluation.

use lstm_model::ModelError;
use serde::{Deserialize, Serialize};

/// How a text is cut into sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cut {
    /// Contiguous streams, with the state carried from chunk to chunk: truncated BPTT.
    Streams,
    /// The article's overlapping windows, in random order, each from a zero state.
    Windows,
}

/// How a language model is trained on a text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSettings {
    /// How the text is cut into sequences.
    pub cut: Cut,
    /// B
    pub batch_size: usize,
    /// T
    pub seq_len: usize,
    /// The fraction of the text, at its end, that is held out for validation.
    pub val_fraction: f64,
    /// The probability that a stream starts from a zero state at the beginning of a batch, and not from
    /// the state that it carries. 0 is plain truncated BPTT, in which a model sees a zero state only at the
    /// beginning of an epoch, and so does not learn how to begin a text.
    #[serde(default)]
    pub restart: f64,
    /// The seed of the initial weights, the order of windows, and every other random choice.
    pub seed: u64,
}

impl Default for TextSettings {
    fn default() -> Self {
        Self {
            cut: Cut::Streams,
            batch_size: 64,
            seq_len: 100,
            val_fraction: 0.1,
            restart: 0.05,
            seed: 1,
        }
    }
}

/// More than any memory holds; below it, no size overflows.
const MOST: usize = 1 << 24;

/// A batch size or a sequence length.
pub(crate) fn check_size(setting: &'static str, value: usize) -> Result<(), ModelError> {
    if (1..=MOST).contains(&value) {
        return Ok(());
    }
    Err(ModelError::setting(
        setting,
        value,
        "at least 1 and at most 16777216",
    ))
}

impl TextSettings {
    /// Checks the sizes and the probability of a restart.
    ///
    /// # Errors
    /// [`ModelError::Setting`] for the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        self.evaluation().check()?;
        if (0.0..=1.0).contains(&self.restart) {
            return Ok(());
        }
        Err(ModelError::setting(
            "probability of a restart",
            self.restart,
            "a number from 0 to 1",
        ))
    }

    /// How the validation part is cut.
    #[must_use]
    pub fn evaluation(&self) -> EvaluationSettings {
        EvaluationSettings {
            batch_size: self.batch_size,
            seq_len: self.seq_len,
        }
    }
}

/// How a text is cut into streams to measure the loss on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationSettings {
    /// The largest B. A short text has fewer streams.
    pub batch_size: usize,
    /// T
    pub seq_len: usize,
}

impl EvaluationSettings {
    /// Whether a text can be cut like this.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        check_size("batch size", self.batch_size)?;
        check_size("sequence length", self.seq_len)
    }
}

impl Default for EvaluationSettings {
    fn default() -> Self {
        Self {
            batch_size: 32,
            seq_len: 128,
        }
    }
}
