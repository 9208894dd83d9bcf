//! Decoding of one source, with a batch of hypotheses.

use super::EncoderDecoder;
use crate::attention::AttentionPass;
use crate::batch::Padded;
use crate::beam::Continuation;
use lstm_model::{
    Alone, BatchState, BidirectionalPass, Engine, Input, Span, StackPass, log_softmax, look_up,
};
use nalgebra::{ComplexField, DMatrix};

/// A network that has read one source, for a beam search of its target.
pub struct Decoding<'a, R: Engine> {
    network: &'a EncoderDecoder<R>,
    source: Padded,
    /// h̄_s, H×S.
    memory: DMatrix<R::Scalar>,
    /// The state of each layer of the decoder, with a column for each hypothesis.
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
        for state in &mut self.states {
            state.select(from);
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
        // Attention is independent for each query, so the hypotheses can be the steps of one sequence.
        let attended = network.attention.forward(AttentionPass {
            states: decoded.output(),
            target: Span::full(tokens.len(), 1),
            memory: &self.memory,
            source: self.source.span(),
        });
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
                log_softmax(&mut z);
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
