//! What each step and each evaluation of a run reports.

use serde::{Deserialize, Serialize};

/// What one step reports.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StepReport {
    /// Its number, counted from 1.
    pub step: u64,
    /// The mean loss of its batch in nats.
    pub loss: f64,
    /// Tokens in its batch.
    pub tokens: usize,
    /// ‖g‖₂ before clipping (E18).
    pub gradient_norm: f64,
    /// η used.
    pub learning_rate: f64,
}

/// What one evaluation reports: a line of `metrics.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Steps done.
    pub step: u64,
    /// Seconds since the run began.
    pub seconds: f64,
    /// The mean training loss in nats since the evaluation before.
    pub train_loss: f64,
    /// The mean validation loss in nats; `null` if nothing was held out.
    pub val_loss: Option<f64>,
    /// Bits per character (E22) of the validation loss, or else of the training loss. Where the model
    /// predicts tokens or words, the file says `bits_per_token` or `bits_per_word`.
    #[serde(alias = "bits_per_token", alias = "bits_per_word")]
    pub bpc: f64,
    /// The perplexity (E22) of the same loss.
    pub perplexity: f64,
    /// Characters trained on per second since the evaluation before; `tokens_per_s` or `words_per_s`
    /// in the file where the model predicts those.
    #[serde(alias = "tokens_per_s", alias = "words_per_s")]
    pub chars_per_s: f64,
    /// Whether the validation loss is the lowest so far. Not in the file: it follows from the lines.
    #[serde(skip)]
    pub is_best: bool,
}
