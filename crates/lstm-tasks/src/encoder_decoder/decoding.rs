//! Decoding for one source, with several hypotheses in a batch.

use super::EncoderDecoder;
use crate::batch::Padded;
use crate::beam::Continuation;
use lstm_model::{Alone, BatchState, BidirectionalPass, Engine, Input, Span, StackPass, look_up};
use nalgebra::{ComplexField, DMatrix};

/// The decoder of a network that has read one source.
pub struct Decoding<'a, R: Engine> {
    network: &'a EncoderDecoder<R>,
    source: Padded,
    /// h̄_s, H×S.
    memory: DMatrix<R::Scalar>,
    /// The decoder's state, one for each layer, with a column for each hypothesis.
    states: Vec<BatchState<R::Scalar>>,
}

impl<'a, R: Engine> Decoding<'a, R> {
    /// Reads the source.
    ///
    /// # Panics
    /// If an id is not below V.
    pub fn new(network: &'a EncoderDecoder<R>, source: &[u32]) -> Self {
        let source = Padded::new(&[source]);
        let x = look_up(&network.source, &source.ids);
        let encoded = network.encoder.forward(BidirectionalPass {
            x: &x,
            span: source.span(),
            dropout: None,
            team: &Alone,
        });
        Self {
            network,
            memory: encoded.output().clone(),
            states: encoded.last.clone(),
            source,
        }
    }

    fn step(&mut self, from: &[usize], tokens: &[u32]) -> DMatrix<R::Scalar> {
        let network = self.network;
        let chosen = |m: &DMatrix<R::Scalar>| m.select_columns(from);
        for state in &mut self.states {
            state.h = chosen(&state.h);
            state.c = chosen(&state.c);
        }
        let y = look_up(network.target_table(), tokens);
        let span = Span::full(1, tokens.len());
        let decoded = network.decoder.forward(StackPass {
            input: Input::Dense(&y),
            initial: &self.states,
            span,
            dropout: None,
            team: &Alone,
        });
        // Attention treats every query alone, so the hypotheses can be the steps of one sequence.
        let queries = Span::full(tokens.len(), 1);
        let source = self.source.span();
        let attended = network
            .attention
            .forward(decoded.output(), queries, &self.memory, source);
        self.states.clone_from(&decoded.last);
        match &network.copying {
            Some(copying) => {
                let (h, weights) = (&attended.output, &attended.weights[0]);
                let mut p = copying.distribution(&network.head, h, weights, &self.source.ids);
                p.apply(|p| *p = p.ln());
                p
            }
            None => {
                let mut z = network.head.logits(&attended.output);
                for mut z_t in z.column_iter_mut() {
                    let log_z = lstm_model::log_sum_exp(z_t.as_slice());
                    z_t.add_scalar_mut(-log_z);
                }
                z
            }
        }
    }
}

impl<R: Engine> Continuation for Decoding<'_, R>
where
    R::Scalar: Into<f64>,
{
    fn advance(&mut self, from: &[usize], tokens: &[u32]) -> DMatrix<f64> {
        self.step(from, tokens).map(Into::into)
    }
}
