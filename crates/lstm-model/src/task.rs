//! The two sides of a training loop: what is learned, and who watches.

use crate::{Canonical, Loss, ModelError, Parameters, Tensors, Trainer, Workers};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// What is learned: weights, batches, a loss.
///
/// Which batch a step sees, and every random choice in it, is a function of `step` and of what
/// [`export`](Self::export) stores. That is all it takes for a resumed run to go on to the bit.
pub trait Task {
    /// The weights.
    type Params: Parameters<Scalar = f32> + Canonical;

    /// Adds the gradient of the mean loss of batch number `step` to `grad`.
    fn gradient(&mut self, params: &Self::Params, step: u64, grad: &mut Self::Params) -> Loss;

    /// The threads it works with.
    fn workers(&self) -> &Workers;

    /// The mean loss on what training does not see; `None` if nothing was held out.
    fn validate(&self, params: &Self::Params) -> Option<f64>;

    /// How many steps see everything once.
    fn steps_per_epoch(&self) -> u64;

    /// Stores what one step hands to the next besides the weights, such as a carried state.
    fn export(&self, tensors: &mut Tensors);

    /// Takes back what [`export`](Self::export) stored.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if a tensor is missing or has another shape.
    fn import(&mut self, tensors: &mut Tensors) -> Result<(), ModelError>;
}

/// One step as it went.
#[derive(Clone, Copy, Debug)]
pub struct StepReport {
    /// Its number, counted from 1.
    pub step: u64,
    /// Mean loss of its batch in nats.
    pub loss: f64,
    /// Tokens in its batch.
    pub tokens: usize,
    /// ‖g‖₂ before clipping (E18).
    pub gradient_norm: f64,
    /// η used.
    pub learning_rate: f64,
}

/// One line of `metrics.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Steps done.
    pub step: u64,
    /// Seconds since the run began.
    pub seconds: f64,
    /// Mean training loss in nats since the evaluation before.
    pub train_loss: f64,
    /// Mean validation loss in nats; `null` if nothing was held out.
    pub val_loss: Option<f64>,
    /// Bits per character (E22) of the validation loss, or else of the training loss. Where tokens or
    /// words are predicted, `bits_per_token` or `bits_per_word` in the file.
    #[serde(alias = "bits_per_token", alias = "bits_per_word")]
    pub bpc: f64,
    /// Perplexity (E22) of the same.
    pub perplexity: f64,
    /// Characters trained on per second since the evaluation before; `tokens_per_s` or `words_per_s`
    /// in the file, where those are predicted.
    #[serde(alias = "tokens_per_s", alias = "words_per_s")]
    pub chars_per_s: f64,
}

/// Who watches a run: draws its progress, writes its metrics, saves its checkpoints.
pub trait Observer<T: Task> {
    /// After every step. `Break` stops the run cleanly.
    fn on_step(&mut self, trainer: &Trainer<T>, report: &StepReport) -> ControlFlow<()>;

    /// After every evaluation.
    ///
    /// # Errors
    /// Whatever goes wrong in writing it down; the run then stops.
    fn on_evaluation(
        &mut self,
        trainer: &Trainer<T>,
        evaluation: &Evaluation,
    ) -> Result<(), ModelError>;
}
