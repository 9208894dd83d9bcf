//! The loss on the decoder's output, with or without copying, and its gradient.

use super::{EncoderDecoder, PairBatch, Tape, smoothing};
use crate::copy::CopyPass;
use lstm_model::{Engine, HeadPass, Team};
use nalgebra::DMatrix;

/// The loss in nats, dh̃, and dα if words can be copied.
pub(super) type OutputGradient<T> = (T, DMatrix<T>, Option<Vec<DMatrix<T>>>);

impl<R: Engine> EncoderDecoder<R> {
    /// −Σ_t ln p_t\[y_t\] over the batch, in nats.
    pub(super) fn nats(&self, batch: &PairBatch, tape: &Tape<R>, team: &dyn Team) -> R::Scalar {
        let mask = batch.targets.mask();
        match &self.copying {
            None => {
                let pass = head_pass(batch, tape, &mask, team);
                self.decoder.top().head_loss(&self.head, pass)
            }
            Some(copying) => copying.loss(self.copy_pass(batch, tape, &mask)),
        }
    }

    fn copy_pass<'a>(
        &'a self,
        batch: &'a PairBatch,
        tape: &'a Tape<R>,
        mask: &'a [bool],
    ) -> CopyPass<'a, R::Scalar> {
        CopyPass {
            head: &self.head,
            h: &tape.seen,
            weights: &tape.attended.weights,
            source: &batch.source,
            targets: &batch.targets.ids,
            mask,
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
        let pass = head_pass(batch, tape, &mask, team);
        let (nats, mut dh, dweights) = match (&self.copying, &mut grad.copying) {
            (Some(copying), Some(grad_copying)) => {
                let pass = self.copy_pass(batch, tape, &mask);
                let (nats, dh, dweights) =
                    copying.loss_and_gradient(pass, scale, grad_copying, &mut grad.head);
                (nats, dh, Some(dweights))
            }
            _ => {
                let (top, grad) = (self.decoder.top(), &mut grad.head);
                let (nats, dh) = top.head_loss_and_gradient(&self.head, pass, scale, grad);
                (nats, dh, None)
            }
        };
        let scale = smoothing * scale;
        smoothing::add_gradient(&self.head, pass, scale, &mut grad.head, &mut dh);
        (nats, dh, dweights)
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
