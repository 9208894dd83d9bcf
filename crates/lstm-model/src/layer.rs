//! A recurrent layer over a batch of sequences.

use crate::{BatchState, Input, Parameters, Span, Team};
use lstm_gates::LstmParams;
use nalgebra::DMatrix;

/// What one pass reads; the backward pass is given the same as the forward pass.
#[derive(Clone, Copy)]
pub struct Pass<'a, T> {
    /// x_t of every token.
    pub input: Input<'a, T>,
    /// h_0 and c_0, each H×B.
    pub initial: &'a BatchState<T>,
    /// T, B, lengths and direction.
    pub span: Span<'a>,
    /// The threads that may work on the pass.
    pub team: &'a dyn Team,
}

/// What a layer's forward pass gives.
#[derive(Debug)]
pub struct Forward<T, Tape> {
    /// h_t of every token, H×(T·B).
    pub outputs: DMatrix<T>,
    /// h and c after the last step read.
    pub last: BatchState<T>,
    /// What the backward pass will read.
    pub tape: Tape,
}

/// What a layer's backward pass returns; the gradients of the weights are added where the caller
/// keeps them.
#[derive(Debug)]
pub struct LayerGradient<T> {
    /// The gradient of the matrix that the input holds: dx_t of every token, D×(T·B) (E15), for
    /// [`Input::Dense`]; dE, D×V (E15, E19), for [`Input::Embedded`]; `None` for [`Input::OneHot`],
    /// which holds none.
    pub dinput: Option<DMatrix<T>>,
    /// dh_0 and dc_0 (E17).
    pub dinitial: BatchState<T>,
}

/// A recurrent LSTM layer: weights in and out, a forward pass that fills a tape, a backward pass that
/// reads it. Each engine implements it; stacks and networks are written once and run on any engine.
///
/// An engine keeps its weights in the layout that suits it and shows them as flat slices
/// ([`Parameters`]). Its users exchange weights with it in the canonical form, the four gates of
/// lstm-gates.
pub trait Layer: Parameters {
    /// What the engine is called on the command line.
    const NAME: &'static str;

    /// All that a forward pass leaves for the backward pass.
    type Tape: Send;

    /// Takes the canonical weights.
    fn from_params(params: &LstmParams<Self::Scalar>) -> Self;

    /// Gives the canonical weights back, to the bit.
    fn to_params(&self) -> LstmParams<Self::Scalar>;

    /// D
    fn input_size(&self) -> usize;

    /// H
    fn hidden_size(&self) -> usize;

    /// E1–E8 over a batch.
    ///
    /// # Panics
    /// If the shapes in `pass` do not fit the layer.
    fn forward(&self, pass: Pass<'_, Self::Scalar>) -> Forward<Self::Scalar, Self::Tape>;

    /// E9–E17 over a batch. `pass` and `tape` are those of the forward pass, `doutputs` (H×(T·B)) and
    /// `dlast` are the gradients of the loss on every output and on the last state. Gradients of the
    /// weights are *added* to `grad`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    fn backward(
        &self,
        pass: Pass<'_, Self::Scalar>,
        tape: &Self::Tape,
        doutputs: &DMatrix<Self::Scalar>,
        dlast: &BatchState<Self::Scalar>,
        grad: &mut Self,
    ) -> LayerGradient<Self::Scalar>;

    /// Takes back a matrix that this engine made and nobody needs any more; the engine may use its
    /// memory again.
    fn recycle(matrix: DMatrix<Self::Scalar>) {
        drop(matrix);
    }
}
