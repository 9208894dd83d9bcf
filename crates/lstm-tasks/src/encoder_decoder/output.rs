//! The loss on the decoder's output, with or without copying, and its gradient.

use super::{EncoderDecoder, PairBatch, Tape};
use crate::copy::CopyPass;
use lstm_model::{Engine, HeadPass, Team, Weighting};
use nalgebra::{DMatrix, zero};

/// The loss in nats, dh̃, and dα if words can be copied.
pub(super) type OutputGradient<T> = (T, DMatrix<T>, Option<Vec<DMatrix<T>>>);

impl<R: Engine> EncoderDecoder<R> {
    /// −Σ_t ln p_t\[y_t\] over the batch, in nats.
    pub(super) fn nats(&self, batch: &PairBatch, tape: &Tape<R>, team: &dyn Team) -> R::Scalar {
        let mask = batch.targets.mask();
        let (pass, top) = (head_pass(batch, tape, &mask, team), self.decoder.top());
        match &self.copying {
            None => top.head_loss(&self.head, pass),
            Some(copying) => {
                let log_p = top.log_probabilities(&self.head, pass);
                copying.loss(copy_pass(batch, tape, &mask), &log_p)
            }
        }
    }

    /// The loss of [`nats`](Self::nats), and the gradient of this loss with label smoothing, times
    /// `scale`. The gradients of the weights are *added* to `grad`.
    pub(super) fn output_gradient(
        &self,
        batch: &PairBatch,
        tape: &Tape<R>,
        smoothing: R::Scalar,
        scale: R::Scalar,
        grad: &mut Self,
        team: &dyn Team,
    ) -> OutputGradient<R::Scalar> {
        let mask = batch.targets.mask();
        let (pass, top) = (head_pass(batch, tape, &mask, team), self.decoder.top());
        let grad_head = &mut grad.head;
        let mut head_gradient = |weigh: &mut dyn FnMut(usize, R::Scalar) -> R::Scalar| {
            let smoothing = smoothing * scale;
            let weighting = Weighting { weigh, smoothing };
            top.weighted_gradient(&self.head, pass, weighting, grad_head)
        };
        match (&self.copying, &mut grad.copying) {
            (Some(copying), Some(grad)) => {
                let pass = copy_pass(batch, tape, &mask);
                let (nats, dh, dweights) =
                    copying.loss_and_gradient(pass, scale, grad, head_gradient);
                (nats, dh, Some(dweights))
            }
            _ => {
                let mut nats = zero::<R::Scalar>();
                let dh = head_gradient(&mut |_, log_p| {
                    nats -= log_p;
                    scale
                });
                (nats, dh, None)
            }
        }
    }
}

fn copy_pass<'a, R: Engine>(
    batch: &'a PairBatch,
    tape: &'a Tape<R>,
    mask: &'a [bool],
) -> CopyPass<'a, R::Scalar> {
    CopyPass {
        h: &tape.seen,
        weights: &tape.attended.weights,
        source: &batch.source,
        targets: &batch.targets.ids,
        mask,
    }
}

pub(super) fn head_pass<'a, R: Engine>(
    batch: &'a PairBatch,
    tape: &'a Tape<R>,
    mask: &'a [bool],
    team: &'a dyn Team,
) -> HeadPass<'a, R::Scalar> {
    HeadPass {
        h: &tape.seen,
        targets: &batch.targets.ids,
        mask,
        team,
    }
}
