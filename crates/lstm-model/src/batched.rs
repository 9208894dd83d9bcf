//! The batched engine: the same equations as matrix products over all gates and all sequences.

mod step;

use crate::embedding::{look_up, table_gradient};
use crate::{
    BatchState, Direction, Embedding, Engine, Forward, Head, Input, Layer, LayerGradient,
    Parameters, Pass, Span, Stack, StackReader,
};
use lstm_gates::{Gate, LstmParams};
use nalgebra::{DMatrix, DMatrixView, DVector, RealField};
use std::borrow::Cow;
use step::{step_back_column, step_column};

/// A layer with its four gates stacked, rows i│f│g│o.
///
/// One matrix product per step computes W_h h_{t−1} for all gates and all sequences. W_x x_t does not
/// depend on h, so one matrix product computes it for all T steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Batched<T> {
    /// 4H×D
    w_x: DMatrix<T>,
    /// 4H×H
    w_h: DMatrix<T>,
    /// 4H
    b: DVector<T>,
}

/// The values of a forward pass of [`Batched`] that its backward pass reads, one column for each token.
#[derive(Debug)]
pub struct BatchedTape<T> {
    /// i│f│g│o after their activations, 4H×(T·B).
    gates: DMatrix<T>,
    /// c_t, H×(T·B).
    c: DMatrix<T>,
    /// tanh c_t, H×(T·B).
    tanh_c: DMatrix<T>,
    /// h_t, H×(T·B).
    h: DMatrix<T>,
}

impl<T: RealField + Copy> Parameters for Batched<T> {
    type Scalar = T;

    fn slices(&self) -> Vec<&[T]> {
        vec![self.w_x.as_slice(), self.w_h.as_slice(), self.b.as_slice()]
    }

    fn slices_mut(&mut self) -> Vec<&mut [T]> {
        vec![
            self.w_x.as_mut_slice(),
            self.w_h.as_mut_slice(),
            self.b.as_mut_slice(),
        ]
    }
}

impl<T: RealField + Copy> Layer for Batched<T> {
    const NAME: &'static str = "batched";
    type Tape = BatchedTape<T>;

    fn from_params(params: &LstmParams<T>) -> Self {
        let (d, h) = (params.input_size(), params.hidden_size());
        let mut packed = Self {
            w_x: DMatrix::zeros(4 * h, d),
            w_h: DMatrix::zeros(4 * h, h),
            b: DVector::zeros(4 * h),
        };
        for (k, gate) in params.blocks().into_iter().enumerate() {
            packed.w_x.rows_mut(k * h, h).copy_from(&gate.w_x);
            packed.w_h.rows_mut(k * h, h).copy_from(&gate.w_h);
            packed.b.rows_mut(k * h, h).copy_from(&gate.b);
        }
        packed
    }

    fn to_params(&self) -> LstmParams<T> {
        let h = self.hidden_size();
        let gate = |k: usize| Gate {
            w_x: self.w_x.rows(k * h, h).into_owned(),
            w_h: self.w_h.rows(k * h, h).into_owned(),
            b: self.b.rows(k * h, h).into_owned(),
        };
        LstmParams {
            i: gate(0),
            f: gate(1),
            g: gate(2),
            o: gate(3),
        }
    }

    fn input_size(&self) -> usize {
        self.w_x.ncols()
    }

    fn hidden_size(&self) -> usize {
        self.w_h.ncols()
    }

    // ANCHOR: forward
    fn forward(&self, pass: Pass<'_, T>) -> Forward<T, Self::Tape> {
        let span = pass.span;
        span.assert_fits();
        let (h, tokens) = (self.hidden_size(), span.seq_len * span.batch_size);
        let mut tape = BatchedTape {
            gates: self.input_product(pass.input),
            c: DMatrix::zeros(h, tokens),
            tanh_c: DMatrix::zeros(h, tokens),
            h: DMatrix::zeros(h, tokens),
        };
        assert_eq!(tape.gates.ncols(), tokens, "one input for each token");
        let mut state = pass.initial.clone();
        for t in span.order() {
            let columns = span.columns(t);
            tape.gates.columns_range_mut(columns.clone()).gemm(
                T::one(),
                &self.w_h,
                &state.h,
                T::one(),
            );
            for (b, column) in columns.enumerate() {
                if span.is_real(t, b) {
                    step_column(&mut tape, &mut state, b, column);
                } else {
                    tape.h.set_column(column, &state.h.column(b));
                }
            }
        }
        Forward {
            outputs: tape.h.clone(),
            last: state,
            tape,
        }
    }
    // ANCHOR_END: forward

    fn backward(
        &self,
        pass: Pass<'_, T>,
        tape: &Self::Tape,
        doutputs: &DMatrix<T>,
        dlast: &BatchState<T>,
        grad: &mut Self,
    ) -> LayerGradient<T> {
        let span = pass.span;
        let mut da = DMatrix::zeros(tape.gates.nrows(), tape.gates.ncols());
        let mut dnext = dlast.clone();
        let w_h_transposed = self.w_h.transpose();
        let mut order = span.order().rev().peekable();
        while let Some(t) = order.next() {
            let previous = order.peek().copied();
            for (b, column) in span.columns(t).enumerate() {
                if span.is_real(t, b) {
                    let dh_direct = doutputs.column(column);
                    dnext.h.column_mut(b).axpy(T::one(), &dh_direct, T::one()); // E9
                    // Before the first real token that is read, the cell state is c_0.
                    let c_prev = match previous {
                        Some(s) if span.is_real(s, b) => tape.c.column(s * span.batch_size + b),
                        _ => pass.initial.c.column(b),
                    };
                    step_back_column(tape, &mut da, &mut dnext, c_prev.as_slice(), b, column);
                }
            }
            let dh_prev = &w_h_transposed * da.columns_range(span.columns(t));
            for b in (0..span.batch_size).filter(|&b| span.is_real(t, b)) {
                dnext.h.set_column(b, &dh_prev.column(b));
            }
        }
        self.accumulate(pass, tape, &da, grad);
        let dx = || self.w_x.transpose() * &da; // E15
        LayerGradient {
            dinput: match pass.input {
                Input::Dense(_) => Some(dx()),
                Input::Embedded { ids, table } => Some(table_gradient(table, ids, &dx())),
                Input::OneHot(_) => None,
            },
            dinitial: dnext, // E17
        }
    }
}

impl<T: RealField + Copy> Engine for Batched<T> {
    type Reader<'a> = StackReader<'a, Self>;

    fn reader<'a>(
        embedding: &'a Embedding<T>,
        stack: &'a Stack<Self>,
        head: &'a Head<T>,
        _threads: usize,
    ) -> StackReader<'a, Self> {
        StackReader::new(embedding, stack, head)
    }
}

impl<T: RealField + Copy> Batched<T> {
    /// W_x x_t + b of every token (E1 without its recurrent term), 4H×(T·B).
    fn input_product(&self, input: Input<'_, T>) -> DMatrix<T> {
        let mut a = match input {
            Input::Dense(x) => &self.w_x * x,
            Input::Embedded { ids, table } => &self.w_x * look_up(table, ids),
            Input::OneHot(ids) => look_up(&self.w_x, ids),
        };
        for mut column in a.column_iter_mut() {
            column += &self.b;
        }
        a
    }

    /// dW_x, dW_h and db (E16), over all steps at once.
    fn accumulate(
        &self,
        pass: Pass<'_, T>,
        tape: &BatchedTape<T>,
        da: &DMatrix<T>,
        grad: &mut Self,
    ) {
        let span = pass.span;
        match pass.input {
            Input::Dense(x) => {
                let x = without_padding(x, &span);
                add_outer_products(&mut grad.w_x, da.as_view(), x.as_view());
            }
            Input::Embedded { ids, table } => {
                let x = look_up(table, ids);
                add_outer_products(&mut grad.w_x, da.as_view(), x.as_view());
            }
            Input::OneHot(ids) => {
                for (column, &id) in da.column_iter().zip(ids) {
                    let mut dw = grad.w_x.column_mut(id as usize);
                    dw += column;
                }
            }
        }
        // h_{t−1} of the first step read is h_0; of every other step it is the previous step's output.
        let (batch, rest) = (
            span.batch_size,
            tape.h.ncols().saturating_sub(span.batch_size),
        );
        let (first, others, neighbours) = match span.direction {
            Direction::Forward => (0, batch, 0),
            Direction::Backward => (rest, 0, batch),
        };
        if span.seq_len > 0 {
            let da_first = da.columns(first, batch);
            add_outer_products(&mut grad.w_h, da_first, pass.initial.h.as_view());
            let (da, h) = (da.columns(others, rest), tape.h.columns(neighbours, rest));
            add_outer_products(&mut grad.w_h, da, h);
        }
        for column in da.column_iter() {
            grad.b += column;
        }
    }
}

/// x with zeros at padding. There da is zero, but 0 · NaN is NaN, so a NaN in the padding would reach
/// the gradient.
fn without_padding<'a, T: RealField + Copy>(
    x: &'a DMatrix<T>,
    span: &Span<'_>,
) -> Cow<'a, DMatrix<T>> {
    let mut x = Cow::Borrowed(x);
    for t in 0..span.seq_len {
        for (b, column) in span.columns(t).enumerate() {
            if !span.is_real(t, b) {
                x.to_mut().column_mut(column).fill(T::zero());
            }
        }
    }
    x
}

/// The number of columns that are transposed at a time, few enough for the cache.
const BLOCK: usize = 512;

/// `sum += a bᵀ`: `a` and `b` have one column for each token.
///
/// nalgebra's product with a transpose does not use its fast kernel, so b is transposed block by block.
fn add_outer_products<T: RealField + Copy>(
    sum: &mut DMatrix<T>,
    a: DMatrixView<'_, T>,
    b: DMatrixView<'_, T>,
) {
    for start in (0..a.ncols()).step_by(BLOCK) {
        let len = BLOCK.min(a.ncols() - start);
        let b_transposed = b.columns(start, len).transpose();
        sum.gemm(T::one(), &a.columns(start, len), &b_transposed, T::one());
    }
}
