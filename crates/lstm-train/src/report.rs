//! The reports of steps and evaluations.

use serde::{Deserialize, Serialize};

/// The report of one step.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StepReport {
    /// The number of the step, counted from 1.
    pub step: u64,
    /// The mean loss of the batch in nats.
    pub loss: f64,
    /// The number of tokens in the batch.
    pub tokens: usize,
    /// ‖g‖₂ before clipping (E18).
    pub gradient_norm: f64,
    /// η of the step.
    pub learning_rate: f64,
}

/// The report of one evaluation: a line of `metrics.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The number of steps so far.
    pub step: u64,
    /// Seconds since the run began.
    pub seconds: f64,
    /// The mean training loss in nats since the previous evaluation.
    pub train_loss: f64,
    /// The mean validation loss in nats; `null` if nothing was held out.
    pub val_loss: Option<f64>,
    /// Bits per character (E22) of the validation loss, or of the training loss if nothing was held out.
    /// If the model predicts tokens, words or labels, the name in the file is `bits_per_token`,
    /// `bits_per_word` or `bits_per_label`. `None`, and not in the file, if the loss is not in nats
    /// ([`Task::IN_NATS`](crate::Task::IN_NATS)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bpc: Option<f64>,
    /// The perplexity (E22) of the same loss, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perplexity: Option<f64>,
    /// The number of characters trained on per second since the previous evaluation. If the model predicts
    /// tokens or words, the name in the file is `tokens_per_s` or `words_per_s`, and so on.
    pub chars_per_s: f64,
    /// Whether the validation loss is the lowest so far. It is not in the file.
    #[serde(skip)]
    pub is_best: bool,
}
