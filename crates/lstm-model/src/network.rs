//! The language model: embedding, stack, head.

use crate::loss::to_f64;
use crate::seed::Stream;
use crate::stack::StackDropout;
use crate::{
    BatchState, Dropout, Embedding, Head, Loss, ModelError, NetworkConfig, Parameters, Recurrent,
    Span, Stack, even_parts,
};
use lstm_gates::LstmParams;
use lstm_text::Batch;
use nalgebra::DMatrix;
use std::mem::take;
use std::ops::Range;

/// A language model on the engine `R`: p(s_{t+1} | s_1 … s_t).
#[derive(Clone, Debug, PartialEq)]
pub struct Network<R: Recurrent> {
    config: NetworkConfig,
    /// E (E19).
    pub embedding: Embedding<R::Scalar>,
    /// The recurrent layers (E1–E8, E26).
    pub stack: Stack<R>,
    /// W_y, b_y (E20).
    pub head: Head<R::Scalar>,
}

/// The loss of a batch and the states after it.
#[derive(Clone, Debug)]
pub struct BatchLoss<T> {
    /// −Σ m_t ln p_t\[y_t\] over the batch, in nats.
    pub nats: T,
    /// h_T, c_T of each layer, to be carried on.
    pub last: Vec<BatchState<T>>,
}

impl<R: Recurrent> Network<R> {
    /// A network with weights drawn from `seed`.
    ///
    /// # Errors
    /// As [`NetworkConfig::check`].
    pub fn init(config: NetworkConfig, seed: u64) -> Result<Self, ModelError> {
        let mut network = Self::zeros(config)?;
        let config = &network.config;
        let mut rng = Stream::Weights.rng(seed, 0, 0);
        network.embedding = Embedding::init(config.vocab_size, config.embed_size, &mut rng);
        for (l, layer) in network.stack.layers.iter_mut().enumerate() {
            let (d, h) = (config.input_size(l), config.hidden_size);
            *layer = R::from_params(&LstmParams::init(config.init, d, h, &mut rng));
        }
        network.head = Head::init(config.vocab_size, config.hidden_size, &mut rng);
        Ok(network)
    }

    /// A network with all weights zero, to be filled.
    ///
    /// # Errors
    /// As [`NetworkConfig::check`].
    pub fn zeros(config: NetworkConfig) -> Result<Self, ModelError> {
        config.check()?;
        let layer = |l| LstmParams::zeros(config.input_size(l), config.hidden_size);
        Ok(Self {
            embedding: Embedding::zeros(config.vocab_size, config.embed_size),
            stack: Stack {
                layers: (0..config.layers)
                    .map(|l| R::from_params(&layer(l)))
                    .collect(),
            },
            head: Head::zeros(config.vocab_size, config.hidden_size),
            config,
        })
    }

    /// The sizes.
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// A batch of `batch_size` sequences in as many parts as the engine wants of `threads`
    /// ([`Recurrent::parts`]).
    pub fn parts(&self, batch_size: usize, threads: usize) -> Vec<Range<usize>> {
        let parts = R::parts(self.config.hidden_size, batch_size, threads);
        even_parts(batch_size, parts)
    }

    /// Zero states for `batch_size` sequences, one for each layer (E8).
    pub fn zero_states(&self, batch_size: usize) -> Vec<BatchState<R::Scalar>> {
        self.stack.zero_states(batch_size)
    }

    /// The logits of the token after the last step of each sequence (E19, E1–E8, E20), V×B, and the
    /// states after that step. No dropout.
    ///
    /// # Panics
    /// If the span has no step, or if `ids` and `initial` do not fit it.
    pub fn next_logits(
        &self,
        ids: &[u32],
        initial: &[BatchState<R::Scalar>],
        span: &Span<'_>,
    ) -> (DMatrix<R::Scalar>, Vec<BatchState<R::Scalar>>) {
        let input = self.embedding.input(ids);
        let mut tape = self.stack.forward(input, initial, span, None);
        let last = span.columns(span.seq_len - 1);
        let h = tape.output().columns_range(last).into_owned();
        (self.head.logits(&h), take(&mut tape.last))
    }

    /// The loss of a batch (E21, without the division by N) and the states after it. No dropout.
    pub fn loss(&self, batch: &Batch, initial: &[BatchState<R::Scalar>]) -> BatchLoss<R::Scalar> {
        let span = Span::full(batch.seq_len, batch.batch_size);
        let input = self.embedding.input(&batch.inputs);
        let mut tape = self.stack.forward(input, initial, &span, None);
        BatchLoss {
            nats: R::head_loss(&self.head, tape.output(), &batch.targets, &batch.mask),
            last: take(&mut tape.last),
        }
    }

    /// The loss of a batch and its gradient (E9–E17, E19–E21), scaled by `scale` (1/N in E21) and
    /// *added* to `grad`. `dlast` is a gradient on the states carried out, in addition; in truncated
    /// BPTT it is zero. Returned as well are dh_0 and dc_0 of each layer.
    pub fn loss_and_gradient(
        &self,
        batch: &Batch,
        initial: &[BatchState<R::Scalar>],
        dropout: Option<Dropout>,
        scale: R::Scalar,
        dlast: &[BatchState<R::Scalar>],
        grad: &mut Self,
    ) -> (BatchLoss<R::Scalar>, Vec<BatchState<R::Scalar>>) {
        let rates = self.config.rates();
        let dropout = dropout.map(|masks| StackDropout {
            masks,
            rates: &rates,
        });
        let span = Span::full(batch.seq_len, batch.batch_size);
        let input = self.embedding.input(&batch.inputs);
        let mut tape = self.stack.forward(input, initial, &span, dropout);
        let (nats, dh) = R::head_loss_and_gradient(
            &self.head,
            tape.output(),
            &batch.targets,
            &batch.mask,
            scale,
            &mut grad.head,
        );
        let back = self.stack.backward(
            &tape,
            input,
            initial,
            &span,
            dropout,
            dh,
            dlast,
            &mut grad.stack,
        );
        if let (Embedding::Table(sum), Some(de)) = (&mut grad.embedding, &back.dinput) {
            *sum += de;
        }
        let loss = BatchLoss {
            nats,
            last: take(&mut tape.last),
        };
        (loss, back.dinitial)
    }

    /// The loss over all the batches, the state carried from one to the next (E21).
    pub fn evaluate(&self, batches: impl IntoIterator<Item = Batch>) -> Loss {
        let mut total = Loss::default();
        let mut states: Option<Vec<BatchState<R::Scalar>>> = None;
        for batch in batches {
            let initial = states.unwrap_or_else(|| self.zero_states(batch.batch_size));
            let loss = self.loss(&batch, &initial);
            total.nats += to_f64(loss.nats);
            total.tokens += batch.tokens();
            states = Some(loss.last);
        }
        total
    }

    /// The same network in another engine.
    pub fn to_engine<S: Recurrent<Scalar = R::Scalar>>(&self) -> Network<S> {
        Network {
            config: self.config.clone(),
            embedding: self.embedding.clone(),
            stack: Stack {
                layers: self
                    .stack
                    .layers
                    .iter()
                    .map(|layer| S::from_params(&layer.to_params()))
                    .collect(),
            },
            head: self.head.clone(),
        }
    }

    /// Every layer's spec tape over one sequence from zero states: all gates and cells, to be looked at.
    ///
    /// # Panics
    /// If an id is not below V.
    pub fn record(&self, ids: &[u32]) -> Vec<lstm_cell::Tape<R::Scalar>> {
        let mut xs: Vec<_> = (0..ids.len())
            .map(|t| self.embedding.input(ids).x_t(t, self.config.input_size(0)))
            .collect();
        let mut tapes = Vec::new();
        for layer in &self.stack.layers {
            let zero = lstm_cell::State::zeros(layer.hidden_size());
            let tape = lstm_cell::sequence(&layer.to_params(), &xs, zero)
                .expect("the layers of a network fit together");
            xs = tape.steps.iter().map(|s| s.h_t.clone()).collect();
            tapes.push(tape);
        }
        tapes
    }
}

impl<R: Recurrent> Parameters for Network<R> {
    type Scalar = R::Scalar;

    fn slices(&self) -> Vec<&[R::Scalar]> {
        let mut slices = self.embedding.slices();
        slices.extend(self.stack.slices());
        slices.extend(self.head.slices());
        slices
    }

    fn slices_mut(&mut self) -> Vec<&mut [R::Scalar]> {
        let mut slices = self.embedding.slices_mut();
        slices.extend(self.stack.slices_mut());
        slices.extend(self.head.slices_mut());
        slices
    }

    fn parameter_count(&self) -> usize {
        let (embedding, head) = (&self.embedding, &self.head);
        embedding.parameter_count() + self.stack.parameter_count() + head.parameter_count()
    }
}
