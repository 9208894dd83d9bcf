//! The language model: embedding, stack, head.

use crate::loss::to_f64;
use crate::reader::next_logits;
use crate::seed::Purpose;
use crate::stack::{StackDropout, StackPass};
use crate::{
    Alone, BatchState, Dropout, Embedding, Engine, Head, HeadPass, Layer, Loss, ModelError,
    NetworkConfig, Span, Stack, Team,
};
use lstm_gates::LstmParams;
use lstm_text::Batch;
use nalgebra::DMatrix;
use std::mem::take;

/// A language model on the engine `R`: p(s_{t+1} | s_1 … s_t).
#[derive(Clone, Debug, PartialEq)]
pub struct Network<R: Layer> {
    config: NetworkConfig,
    /// E (E19).
    pub embedding: Embedding<R::Scalar>,
    /// The recurrent layers (E1–E8, E26).
    pub stack: Stack<R>,
    /// W_y, b_y (E20).
    pub head: Head<R::Scalar>,
}

/// The arguments of a pass through a network, the same for the loss alone and for the loss with its
/// gradient.
#[derive(Clone, Copy)]
pub struct NetworkPass<'a, T> {
    /// Tokens, targets and mask.
    pub batch: &'a Batch,
    /// h_0 and c_0 of each layer.
    pub initial: &'a [BatchState<T>],
    /// The masks of this step, if there is dropout.
    pub dropout: Option<Dropout>,
    /// The threads that may work on the pass.
    pub team: &'a dyn Team,
}

impl<'a, T> NetworkPass<'a, T> {
    /// A pass over the batch from these states, without dropout, on the calling thread.
    pub fn new(batch: &'a Batch, initial: &'a [BatchState<T>]) -> Self {
        Self {
            batch,
            initial,
            dropout: None,
            team: &Alone,
        }
    }

    fn on_head(&self, h: &'a DMatrix<T>) -> HeadPass<'a, T> {
        HeadPass {
            h,
            targets: &self.batch.targets,
            mask: &self.batch.mask,
            team: self.team,
        }
    }
}

/// The loss of a batch and the states after it.
#[derive(Clone, Debug)]
pub struct BatchLoss<T> {
    /// −Σ m_t ln p_t\[y_t\] over the batch, in nats.
    pub nats: T,
    /// h_T and c_T of each layer, the initial states of the next batch.
    pub last: Vec<BatchState<T>>,
}

impl<R: Layer> Network<R> {
    /// A network with weights drawn from `seed`.
    ///
    /// # Errors
    /// As [`NetworkConfig::check`].
    pub fn init(config: NetworkConfig, seed: u64) -> Result<Self, ModelError> {
        let mut network = Self::zeros(config)?;
        let config = &network.config;
        let mut rng = Purpose::Weights.rng(seed, 0, 0);
        network.embedding = Embedding::init(config.vocab_size, config.embed_size, &mut rng);
        for (l, layer) in network.stack.layers.iter_mut().enumerate() {
            let (d, h) = (config.input_size(l), config.hidden_size);
            *layer = R::from_params(&LstmParams::init(config.init, d, h, &mut rng));
        }
        network.head = Head::init(config.vocab_size, config.hidden_size, &mut rng);
        Ok(network)
    }

    /// A network with all weights zero.
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
        span: Span<'_>,
    ) -> (DMatrix<R::Scalar>, Vec<BatchState<R::Scalar>>) {
        let pass = StackPass {
            input: self.embedding.input(ids),
            initial,
            span,
            dropout: None,
            team: &Alone,
        };
        next_logits(&self.stack, &self.head, pass)
    }

    /// The same network on another engine.
    #[must_use]
    pub fn to_engine<S: Layer<Scalar = R::Scalar>>(&self) -> Network<S> {
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

    /// The tape of every layer over one sequence, from zero states: all gates and cell states, for
    /// inspection.
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

impl<R: Engine> Network<R> {
    /// The number of parts into which the engine cuts a batch of `batch_size` sequences for `threads`
    /// threads ([`Engine::parts`]).
    pub fn parts(&self, batch_size: usize, threads: usize) -> usize {
        R::parts(self.config.hidden_size, batch_size, threads)
    }

    /// The engine's reader of this network, in the zero state ([`Engine::reader`]).
    pub fn reader(&self, threads: usize) -> R::Reader<'_> {
        R::reader(&self.embedding, &self.stack, &self.head, threads)
    }

    /// The loss of a batch (E21, without the division by N) and the states after it.
    pub fn loss(&self, pass: NetworkPass<'_, R::Scalar>) -> BatchLoss<R::Scalar> {
        let rates = self.config.rates();
        let mut tape = self.stack.forward(self.stack_pass(pass, &rates));
        let head_pass = pass.on_head(tape.output());
        BatchLoss {
            nats: self.stack.top().head_loss(&self.head, head_pass),
            last: take(&mut tape.last),
        }
    }

    /// The loss of a batch and its gradient (E9–E17, E19–E21), scaled by `scale` (1/N in E21) and
    /// *added* to `grad`. `dlast` is the gradient on the last states, which is zero in truncated BPTT.
    /// The second result is dh_0 and dc_0 of each layer.
    pub fn loss_and_gradient(
        &self,
        pass: NetworkPass<'_, R::Scalar>,
        scale: R::Scalar,
        dlast: &[BatchState<R::Scalar>],
        grad: &mut Self,
    ) -> (BatchLoss<R::Scalar>, Vec<BatchState<R::Scalar>>) {
        let rates = self.config.rates();
        let stack_pass = self.stack_pass(pass, &rates);
        let mut tape = self.stack.forward(stack_pass);
        let head_pass = pass.on_head(tape.output());
        let top = self.stack.top();
        let (nats, dh) = top.head_loss_and_gradient(&self.head, head_pass, scale, &mut grad.head);
        let back = self
            .stack
            .backward(stack_pass, &tape, dh, dlast, &mut grad.stack);
        if let (Embedding::Table(sum), Some(de)) = (&mut grad.embedding, &back.dinput) {
            *sum += de;
        }
        let loss = BatchLoss {
            nats,
            last: take(&mut tape.last),
        };
        (loss, back.dinitial)
    }

    fn stack_pass<'a>(
        &'a self,
        pass: NetworkPass<'a, R::Scalar>,
        rates: &'a [f64],
    ) -> StackPass<'a, R::Scalar> {
        StackPass {
            input: self.embedding.input(&pass.batch.inputs),
            initial: pass.initial,
            span: Span::full(pass.batch.seq_len, pass.batch.batch_size),
            dropout: pass.dropout.map(|masks| StackDropout { masks, rates }),
            team: pass.team,
        }
    }

    /// The loss over all batches (E21), with the state carried from batch to batch and no dropout.
    pub fn evaluate(&self, batches: impl IntoIterator<Item = Batch>, team: &dyn Team) -> Loss {
        let mut total = Loss::default();
        let mut states: Option<Vec<BatchState<R::Scalar>>> = None;
        for batch in batches {
            let initial = states.unwrap_or_else(|| self.zero_states(batch.batch_size));
            let loss = self.loss(NetworkPass {
                team,
                ..NetworkPass::new(&batch, &initial)
            });
            total.nats += to_f64(loss.nats);
            total.tokens += batch.tokens();
            states = Some(loss.last);
        }
        total
    }
}

crate::fields!(Network<R: Layer> { embedding, stack as "layers", head });
