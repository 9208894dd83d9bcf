//! The spec engine: lstm-gates, lstm-cell and lstm-bptt, looped over the batch.

use crate::embedding::table_gradient;
use crate::{
    BatchState, Direction, Embedding, Engine, Forward, Head, Input, Layer, LayerGradient,
    Parameters, Pass, Span, Stack, StackReader,
};
use lstm_bptt::{LossGradient, backward};
use lstm_cell::{State, Tape, sequence};
use lstm_gates::LstmParams;
use nalgebra::{DMatrix, RealField};

/// A layer computed equation by equation. It is slow and readable, and the tests compare every other
/// engine with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec<T>(LstmParams<T>);

impl<T: RealField + Copy> Parameters for Spec<T> {
    type Scalar = T;

    fn slices(&self) -> Vec<&[T]> {
        self.0.slices()
    }

    fn slices_mut(&mut self) -> Vec<&mut [T]> {
        self.0.slices_mut()
    }
}

impl<T: RealField + Copy> Layer for Spec<T> {
    const NAME: &'static str = "spec";

    /// One tape for each sequence.
    type Tape = Vec<Tape<T>>;

    fn from_params(params: &LstmParams<T>) -> Self {
        Self(params.clone())
    }

    fn to_params(&self) -> LstmParams<T> {
        self.0.clone()
    }

    fn input_size(&self) -> usize {
        self.0.input_size()
    }

    fn hidden_size(&self) -> usize {
        self.0.hidden_size()
    }

    fn forward(&self, pass: Pass<'_, T>) -> Forward<T, Self::Tape> {
        let Pass {
            input,
            initial,
            span,
            ..
        } = pass;
        span.assert_fits();
        let mut outputs = DMatrix::zeros(self.hidden_size(), span.seq_len * span.batch_size);
        let mut last = initial.clone();
        let mut tapes = Vec::with_capacity(span.batch_size);
        for b in 0..span.batch_size {
            let state = State {
                h: initial.h.column(b).into_owned(),
                c: initial.c.column(b).into_owned(),
            };
            let steps: Vec<usize> = real_steps(&span, b).collect();
            let xs: Vec<_> = steps
                .iter()
                .map(|&t| input.x_t(t * span.batch_size + b, self.input_size()))
                .collect();
            let tape = sequence(&self.0, &xs, state).expect("the batch has the layer's sizes");
            let end = tape.last();
            // A padded step outputs the frozen h: h_0 before the first real step (backward
            // direction), h_T after the last one.
            let padding = match span.direction {
                Direction::Forward => &end.h,
                Direction::Backward => &tape.initial.h,
            };
            for t in 0..span.seq_len {
                outputs.set_column(t * span.batch_size + b, padding);
            }
            for (&t, step) in steps.iter().zip(&tape.steps) {
                outputs.set_column(t * span.batch_size + b, &step.h_t);
            }
            last.h.set_column(b, &end.h);
            last.c.set_column(b, &end.c);
            tapes.push(tape);
        }
        Forward {
            outputs,
            last,
            tape: tapes,
        }
    }

    fn backward(
        &self,
        pass: Pass<'_, T>,
        tapes: &Self::Tape,
        doutputs: &DMatrix<T>,
        dlast: &BatchState<T>,
        grad: &mut Self,
    ) -> LayerGradient<T> {
        let Pass {
            input,
            initial,
            span,
            ..
        } = pass;
        let mut dx = match input {
            Input::Dense(_) | Input::Embedded { .. } => {
                Some(DMatrix::zeros(self.input_size(), doutputs.ncols()))
            }
            Input::OneHot(_) => None,
        };
        let mut dinitial = BatchState::zeros(initial.h.nrows(), initial.h.ncols());
        for (b, tape) in tapes.iter().enumerate() {
            let columns: Vec<usize> = real_steps(&span, b)
                .map(|t| t * span.batch_size + b)
                .collect();
            let loss = LossGradient {
                dh: columns
                    .iter()
                    .map(|&column| doutputs.column(column).into_owned())
                    .collect(),
                last: State {
                    h: dlast.h.column(b).into_owned(),
                    c: dlast.c.column(b).into_owned(),
                },
            };
            let back = backward(&self.0, tape, &loss, &mut grad.0)
                .expect("the gradients have the layer's sizes");
            if let Some(dx) = &mut dx {
                for (&column, dx_t) in columns.iter().zip(&back.dx) {
                    dx.set_column(column, dx_t);
                }
            }
            dinitial.h.set_column(b, &back.initial.h);
            dinitial.c.set_column(b, &back.initial.c);
        }
        let dinput = match input {
            Input::Embedded { ids, table } => dx.map(|dx| table_gradient(table, ids, &dx)), // E19
            Input::Dense(_) | Input::OneHot(_) => dx,
        };
        LayerGradient { dinput, dinitial }
    }
}

impl<T: RealField + Copy> Engine for Spec<T> {
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

fn real_steps(span: &Span<'_>, b: usize) -> impl Iterator<Item = usize> {
    span.order().filter(move |&t| span.is_real(t, b))
}
