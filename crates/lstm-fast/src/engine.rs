//! [`Fast`] as a layer and as an engine of lstm-model.

use crate::memory::{any_matrix, give_matrix};
use crate::packed::GATES;
use crate::work::parts;
use crate::{Fast, FastReader, FastTape, Level, Precision, head};
use lstm_gates::LstmParams;
use lstm_model::{
    BatchState, Embedding, Engine, Forward, Head, HeadPass, Layer, LayerGradient, Pass, Stack,
    Weighting,
};
use nalgebra::DMatrix;

impl Layer for Fast {
    const NAME: &'static str = "fast";
    type Tape = FastTape;

    /// A layer that is computed with the best level of this machine.
    fn from_params(params: &LstmParams<f32>) -> Self {
        Self::at(Level::best(), params)
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

    fn forward(&self, pass: Pass<'_, f32>) -> Forward<f32, FastTape> {
        self.forward_pass(pass)
    }

    fn backward(
        &self,
        pass: Pass<'_, f32>,
        tape: &FastTape,
        doutputs: &DMatrix<f32>,
        dlast: &BatchState<f32>,
        grad: &mut Self,
    ) -> LayerGradient<f32> {
        self.backward_pass(pass, tape, doutputs, dlast, grad)
    }

    fn matrix(rows: usize, columns: usize) -> DMatrix<f32> {
        any_matrix(rows, columns)
    }

    fn recycle(matrix: DMatrix<f32>) {
        give_matrix(matrix);
    }
}

impl Engine for Fast {
    type Reader<'a> = FastReader;

    fn parts(hidden_size: usize, batch_size: usize, threads: usize) -> usize {
        parts(GATES * hidden_size * hidden_size, batch_size, threads)
    }

    fn head_loss(&self, head: &Head<f32>, pass: HeadPass<'_, f32>) -> f32 {
        head::loss(self.level(), head, pass)
    }

    fn head_loss_and_gradient(
        &self,
        head: &Head<f32>,
        pass: HeadPass<'_, f32>,
        scale: f32,
        grad: &mut Head<f32>,
    ) -> (f32, DMatrix<f32>) {
        head::loss_and_gradient(self.level(), head, pass, scale, grad)
    }

    fn log_probabilities(&self, head: &Head<f32>, pass: HeadPass<'_, f32>) -> Vec<f32> {
        head::log_probabilities(self.level(), head, pass)
    }

    fn weighted_gradient(
        &self,
        head: &Head<f32>,
        pass: HeadPass<'_, f32>,
        weighting: Weighting<'_, f32>,
        grad: &mut Head<f32>,
    ) -> DMatrix<f32> {
        head::weighted_gradient(self.level(), head, pass, weighting, grad)
    }

    fn reader(
        embedding: &Embedding<f32>,
        stack: &Stack<Self>,
        head: &Head<f32>,
        threads: usize,
    ) -> FastReader {
        FastReader::new(embedding, stack, head, threads, Precision::Single)
    }
}
