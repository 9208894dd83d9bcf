//! A recurrent layer over a batch of sequences.

use crate::{BatchState, Input, Parameters, Span, Team};
use lstm_gates::LstmParams;
use nalgebra::DMatrix;

/// The arguments of a pass. The backward pass gets the same as the forward pass.
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

/// The result of a layer's forward pass.
#[derive(Debug)]
pub struct Forward<T, Tape> {
    /// h_t of every token, H×(T·B).
    pub outputs: DMatrix<T>,
    /// h and c after the last step.
    pub last: BatchState<T>,
    /// The values that the backward pass reads.
    pub tape: Tape,
}

/// The gradients of a layer's inputs that its backward pass returns. It adds the gradients of the
/// weights to its argument `grad`.
#[derive(Debug)]
pub struct LayerGradient<T> {
    /// dx_t of every token, D×(T·B) (E15), for [`Input::Dense`]; dE, D×V (E15, E19), for
    /// [`Input::Embedded`]; `None` for [`Input::OneHot`].
    pub dinput: Option<DMatrix<T>>,
    /// dh_0 and dc_0 (E17).
    pub dinitial: BatchState<T>,
}

/// A recurrent LSTM layer: weights in and out, a forward pass that fills a tape, a backward pass that
/// reads it. Each engine implements it; stacks and networks are written once and run on any engine.
///
/// Each engine chooses the layout of its weights and exposes them as flat slices ([`Parameters`]).
/// Other code reads and sets the weights in the canonical form, the four gates of lstm-gates.
pub trait Layer: Parameters {
    /// The engine's name on the command line.
    const NAME: &'static str;

    /// The values of the forward pass that the backward pass reads.
    type Tape: Send;

    /// A layer with these canonical weights.
    fn from_params(params: &LstmParams<Self::Scalar>) -> Self;

    /// The canonical weights, the same bits as given to [`from_params`](Self::from_params).
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
    /// If the shapes do not fit the layer.
    fn backward(
        &self,
        pass: Pass<'_, Self::Scalar>,
        tape: &Self::Tape,
        doutputs: &DMatrix<Self::Scalar>,
        dlast: &BatchState<Self::Scalar>,
        grad: &mut Self,
    ) -> LayerGradient<Self::Scalar>;

    /// A matrix for the caller to fill. Its numbers are arbitrary, because its memory may have been used
    /// before; [`recycle`](Self::recycle) takes it back.
    fn matrix(rows: usize, columns: usize) -> DMatrix<Self::Scalar> {
        DMatrix::zeros(rows, columns)
    }

    /// Takes back a matrix that this engine has returned, so that the engine can use its memory again.
    fn recycle(matrix: DMatrix<Self::Scalar>) {
        drop(matrix);
    }
}
