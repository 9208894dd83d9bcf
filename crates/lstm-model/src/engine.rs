//! What an engine offers in addition to its layers.

use crate::{Embedding, Head, Layer, Reader, Stack, Team};
use nalgebra::DMatrix;

/// What one pass through the head reads; the loss alone and the loss with its gradient read the same.
#[derive(Clone, Copy)]
pub struct HeadPass<'a, T> {
    /// h of every token, H×N.
    pub h: &'a DMatrix<T>,
    /// The token that each h predicts, N of them, each below V.
    pub targets: &'a [u32],
    /// m of E21, N of them: which predictions count.
    pub mask: &'a [bool],
    /// The threads that may work on the pass.
    pub team: &'a dyn Team,
}

/// What a network asks of an engine in addition to its layers: how to share out a batch, the loss on top of
/// the layers, and reading one token at a time. An engine may compute the last two faster than the
/// general code does.
pub trait Engine: Layer {
    /// A network of this engine in the course of reading one sequence.
    type Reader<'a>: Reader<Self::Scalar>
    where
        Self: 'a;

    /// How many of `threads` should each compute a part of a batch of `batch_size` sequences, in
    /// layers of H = `hidden_size`. The threads that are left join the [`Team`] of each part. All
    /// threads get a part of their own, unless the engine has a better use for some.
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
    /// and db_y, times `scale`, are *added* to `grad`; returned are the nats and dh, H×N.
    fn head_loss_and_gradient(
        &self,
        head: &Head<Self::Scalar>,
        pass: HeadPass<'_, Self::Scalar>,
        scale: Self::Scalar,
        grad: &mut Head<Self::Scalar>,
    ) -> (Self::Scalar, DMatrix<Self::Scalar>) {
        head.loss_and_gradient(pass.h, pass.targets, pass.mask, scale, grad)
    }

    /// A reader of the network of these parts, in the zero state (E8). It reads with at most
    /// `threads` threads, the caller's own among them; the logits do not depend on their number.
    fn reader<'a>(
        embedding: &'a Embedding<Self::Scalar>,
        stack: &'a Stack<Self>,
        head: &'a Head<Self::Scalar>,
        threads: usize,
    ) -> Self::Reader<'a>;
}
