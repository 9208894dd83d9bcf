//! An engine: a layer, a head and a reader that work together.

use crate::{Embedding, Head, Layer, Reader, Stack, Team, Weighting};
use nalgebra::DMatrix;

/// The arguments of a pass through the head, the same for the loss alone and for the loss with its
/// gradient.
#[derive(Clone, Copy)]
pub struct HeadPass<'a, T> {
    /// h of every token, H×N.
    pub h: &'a DMatrix<T>,
    /// The N target tokens, one for each h, each below V.
    pub targets: &'a [u32],
    /// m of E21, N values: which targets count.
    pub mask: &'a [bool],
    /// The threads that may work on the pass.
    pub team: &'a dyn Team,
}

/// A layer's engine as a network uses it. In addition to the layer, an engine decides how a batch is
/// shared out among threads, computes the loss on top of the layers, and reads one token at a time. It
/// may compute the loss and read tokens faster than the general code.
pub trait Engine: Layer {
    /// Reads one sequence with a network of this engine.
    type Reader<'a>: Reader<Self::Scalar>
    where
        Self: 'a;

    /// The number of parts into which a batch of `batch_size` sequences is cut for `threads` threads, with
    /// layers of H = `hidden_size`. By default each thread gets a part of its own. With fewer parts than
    /// threads, the other threads join the [`Team`]s of the parts.
    fn parts(_hidden_size: usize, _batch_size: usize, threads: usize) -> usize {
        threads
    }

    /// The loss of [`Head::loss`] (E20–E21) on top of this layer.
    fn head_loss(
        &self,
        head: &Head<Self::Scalar>,
        pass: HeadPass<'_, Self::Scalar>,
    ) -> Self::Scalar {
        head.loss(pass.h, pass.targets, pass.mask)
    }

    /// The loss and the gradient of [`Head::loss_and_gradient`] (E20–E21) on top of this layer: dW_y
    /// and db_y, times `scale`, are *added* to `grad`; the result is the nats and dh, H×N.
    fn head_loss_and_gradient(
        &self,
        head: &Head<Self::Scalar>,
        pass: HeadPass<'_, Self::Scalar>,
        scale: Self::Scalar,
        grad: &mut Head<Self::Scalar>,
    ) -> (Self::Scalar, DMatrix<Self::Scalar>) {
        head.loss_and_gradient(pass.h, pass.targets, pass.mask, scale, grad)
    }

    /// ln p_t\[y_t\] of every target, as [`Head::log_probabilities`].
    fn log_probabilities(
        &self,
        head: &Head<Self::Scalar>,
        pass: HeadPass<'_, Self::Scalar>,
    ) -> Vec<Self::Scalar> {
        head.log_probabilities(pass.h, pass.targets, pass.mask)
    }

    /// The gradient of [`Head::weighted_gradient`] on top of this layer: dW_y and db_y are *added* to
    /// `grad`; the result is dh, H×N.
    fn weighted_gradient(
        &self,
        head: &Head<Self::Scalar>,
        pass: HeadPass<'_, Self::Scalar>,
        weighting: Weighting<'_, Self::Scalar>,
        grad: &mut Head<Self::Scalar>,
    ) -> DMatrix<Self::Scalar> {
        head.weighted_gradient(pass.h, pass.targets, pass.mask, weighting, grad)
    }

    /// A reader of the network with this embedding, stack and head, in the zero state (E8). It uses at
    /// most `threads` threads, the caller's own included; the logits do not depend on their number.
    fn reader<'a>(
        embedding: &'a Embedding<Self::Scalar>,
        stack: &'a Stack<Self>,
        head: &'a Head<Self::Scalar>,
        threads: usize,
    ) -> Self::Reader<'a>;
}
