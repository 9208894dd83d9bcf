//! The seam: a recurrent layer over a batch of sequences, whoever computes it.

use crate::{Head, Network, Parameters, Reader};
use lstm_gates::LstmParams;
use nalgebra::{DMatrix, RealField};

/// Which end of each sequence a layer starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From the first token on.
    #[default]
    Forward,
    /// From each sequence's own last real token back (E27).
    Backward,
}

/// The extent of a batch: T steps of B sequences, read in one direction.
///
/// Wherever a matrix holds one column for every token, token (t, b) is column t·B + b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// T
    pub seq_len: usize,
    /// B
    pub batch_size: usize,
    /// The real length of each sequence, B numbers of at most T; `None` if all are T.
    ///
    /// A padded step leaves h and c as they are (its output is that h) and passes no gradient.
    pub lengths: Option<&'a [usize]>,
    /// Where to start.
    pub direction: Direction,
}

impl<'a> Span<'a> {
    /// T steps of B sequences without padding, read forward.
    pub fn full(seq_len: usize, batch_size: usize) -> Self {
        Self {
            seq_len,
            batch_size,
            lengths: None,
            direction: Direction::Forward,
        }
    }

    /// Whether step t of sequence b is a real token.
    pub fn is_real(&self, t: usize, b: usize) -> bool {
        self.lengths.is_none_or(|lengths| t < lengths[b])
    }

    /// The steps in the order in which the layer reads them.
    pub fn order(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let (last, backward) = (
            self.seq_len.wrapping_sub(1),
            self.direction == Direction::Backward,
        );
        (0..self.seq_len).map(move |n| if backward { last - n } else { n })
    }

    /// The columns of step t.
    pub(crate) fn columns(&self, t: usize) -> std::ops::Range<usize> {
        t * self.batch_size..(t + 1) * self.batch_size
    }

    /// Looks at the lengths, once for each forward pass.
    ///
    /// # Panics
    /// If there is not one for each sequence, or if one is longer than T.
    pub fn assert_fits(&self) {
        if let Some(lengths) = self.lengths {
            assert_eq!(
                lengths.len(),
                self.batch_size,
                "one length for each sequence"
            );
            assert!(
                lengths.iter().all(|&len| len <= self.seq_len),
                "no sequence is longer than the batch"
            );
        }
    }
}

/// x_t of every token of a batch.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a, T> {
    /// D×(T·B), one column a token.
    Dense(&'a DMatrix<T>),
    /// Token ids and E: x_t is column s_t of the table (E19). Whether the columns are ever looked up
    /// is the engine's choice: W_x x_t is as well a column of W_x E.
    Embedded {
        /// s_t of every token, T·B of them, each below V.
        ids: &'a [u32],
        /// E, D×V.
        table: &'a DMatrix<T>,
    },
    /// Token ids, T·B of them: x_t is the one-hot vector of its token, D = V. The vector is never
    /// materialised; W_x x_t is a column of W_x (E19 with E = I).
    OneHot(&'a [u32]),
}

/// h and c of a batch, each H×B.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchState<T> {
    /// Hidden states, one column a sequence.
    pub h: DMatrix<T>,
    /// Cell states, one column a sequence.
    pub c: DMatrix<T>,
}

impl<T: RealField + Copy> BatchState<T> {
    /// h_0 = 0, c_0 = 0 (E8).
    pub fn zeros(hidden_size: usize, batch_size: usize) -> Self {
        Self {
            h: DMatrix::zeros(hidden_size, batch_size),
            c: DMatrix::zeros(hidden_size, batch_size),
        }
    }

    /// The states of sequences `start..end`.
    pub fn columns(&self, start: usize, end: usize) -> Self {
        Self {
            h: self.h.columns(start, end - start).into_owned(),
            c: self.c.columns(start, end - start).into_owned(),
        }
    }
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

/// What a layer's backward pass gives, besides the gradients of its weights.
#[derive(Debug)]
pub struct Backward<T> {
    /// The gradient of the matrix that the input holds: dx_t of every token, D×(T·B) (E15), for
    /// [`Input::Dense`]; dE, D×V (E15, E19), for [`Input::Embedded`]; `None` for [`Input::OneHot`],
    /// which holds none.
    pub dinput: Option<DMatrix<T>>,
    /// dh_0 and dc_0 (E17).
    pub dinitial: BatchState<T>,
}

/// A recurrent LSTM layer. One seam, several engines: everything above it is written once.
///
/// An engine keeps its weights in the layout that suits it and shows them as flat slices
/// ([`Parameters`]). In and out it speaks the canonical form, the four gates of lstm-gates.
pub trait Recurrent: Parameters {
    /// What the engine is called on the command line.
    const NAME: &'static str;

    /// All that a forward pass leaves for the backward pass.
    type Tape: Send;

    /// A network of this engine in the course of reading one sequence.
    type Reader<'a>: Reader<Self::Scalar>
    where
        Self: 'a;

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
    /// If the shapes of `input`, `initial` and `span` do not fit the layer.
    fn forward(
        &self,
        input: Input<'_, Self::Scalar>,
        initial: &BatchState<Self::Scalar>,
        span: &Span<'_>,
    ) -> Forward<Self::Scalar, Self::Tape>;

    /// E9–E17 over a batch: the loss's gradient on every output (`doutputs`, H×(T·B)) and on the
    /// last state (`dlast`) goes in; gradients of the weights are *added* to `grad`. `input`,
    /// `initial` and `span` are those of the forward pass.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[expect(
        clippy::too_many_arguments,
        reason = "the forward pass's three, its tape, two gradients in, one out"
    )]
    fn backward(
        &self,
        tape: &Self::Tape,
        input: Input<'_, Self::Scalar>,
        initial: &BatchState<Self::Scalar>,
        span: &Span<'_>,
        doutputs: &DMatrix<Self::Scalar>,
        dlast: &BatchState<Self::Scalar>,
        grad: &mut Self,
    ) -> Backward<Self::Scalar>;

    /// How many of `threads` should each compute a part of a batch of `batch_size` sequences, in
    /// layers of H = `hidden_size`; those that are left are at hand for the engine to
    /// [`share`](crate::share) with. All of them, unless the engine has a better use for some.
    fn parts(_hidden_size: usize, _batch_size: usize, threads: usize) -> usize {
        threads
    }

    /// The loss of [`Head::loss`] (E20–E21) on top of this engine's layers: `h` is H×N; `targets`
    /// and `mask` have N entries. An engine may compute the same faster.
    fn head_loss(
        head: &Head<Self::Scalar>,
        h: &DMatrix<Self::Scalar>,
        targets: &[u32],
        mask: &[bool],
    ) -> Self::Scalar {
        head.loss(h, targets, mask)
    }

    /// The loss and the gradient of [`Head::loss_and_gradient`] (E20–E21) on top of this engine's
    /// layers: dW_y and db_y, times `scale`, are *added* to `grad`; returned are the nats and dh,
    /// H×N. An engine may compute the same faster.
    fn head_loss_and_gradient(
        head: &Head<Self::Scalar>,
        h: &DMatrix<Self::Scalar>,
        targets: &[u32],
        mask: &[bool],
        scale: Self::Scalar,
        grad: &mut Head<Self::Scalar>,
    ) -> (Self::Scalar, DMatrix<Self::Scalar>) {
        head.loss_and_gradient(h, targets, mask, scale, grad)
    }

    /// Takes back a matrix that this engine made and nobody needs any more, for its memory to be used
    /// again.
    fn recycle(matrix: DMatrix<Self::Scalar>) {
        drop(matrix);
    }

    /// A reader in the zero state (E8). It reads with at most `threads` threads, the caller's own
    /// among them; what it reads out does not depend on their number.
    fn reader<'a>(network: &'a Network<Self>, threads: usize) -> Self::Reader<'a>;
}
