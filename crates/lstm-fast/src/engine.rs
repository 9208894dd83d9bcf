//! The seam: [`Fast`] as a recurrent layer.

use crate::packed::GATES;
use crate::spare::give_matrix;
use crate::team::parts;
use crate::{Fast, FastReader, FastTape, Precision, head};
use lstm_gates::LstmParams;
use lstm_model::{Backward, BatchState, Forward, Head, Input, Network, Recurrent, Span};
use nalgebra::DMatrix;

impl Recurrent for Fast {
    const NAME: &'static str = "fast";
    type Tape = FastTape;
    type Reader<'a> = FastReader;

    fn from_params(params: &LstmParams<f32>) -> Self {
        Self::pack(params)
    }

    fn to_params(&self) -> LstmParams<f32> {
        self.unpack()
    }

    fn input_size(&self) -> usize {
        self.input_size
    }

    fn hidden_size(&self) -> usize {
        self.hidden_size
    }

    fn forward(
        &self,
        input: Input<'_, f32>,
        initial: &BatchState<f32>,
        span: &Span<'_>,
    ) -> Forward<f32, FastTape> {
        self.forward_pass(input, initial, span)
    }

    fn backward(
        &self,
        tape: &FastTape,
        input: Input<'_, f32>,
        _initial: &BatchState<f32>,
        span: &Span<'_>,
        doutputs: &DMatrix<f32>,
        dlast: &BatchState<f32>,
        grad: &mut Self,
    ) -> Backward<f32> {
        self.backward_pass(tape, input, span, doutputs, dlast, grad)
    }

    fn parts(hidden_size: usize, batch_size: usize, threads: usize) -> usize {
        parts(GATES * hidden_size * hidden_size, batch_size, threads)
    }

    fn head_loss(head: &Head<f32>, h: &DMatrix<f32>, targets: &[u32], mask: &[bool]) -> f32 {
        head::loss(head, h, targets, mask)
    }

    fn head_loss_and_gradient(
        head: &Head<f32>,
        h: &DMatrix<f32>,
        targets: &[u32],
        mask: &[bool],
        scale: f32,
        grad: &mut Head<f32>,
    ) -> (f32, DMatrix<f32>) {
        head::loss_and_gradient(head, h, targets, mask, scale, grad)
    }

    fn recycle(matrix: DMatrix<f32>) {
        give_matrix(matrix);
    }

    fn reader(network: &Network<Self>, threads: usize) -> FastReader {
        FastReader::new(network, threads, Precision::Single)
    }
}
