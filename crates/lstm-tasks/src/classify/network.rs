//! A network that gives a sequence one of K labels.

use super::batch::BatchInput;
use super::layers::{LayersPass, LayersTape};
use super::{ClassBatch, ClassifierConfig, Layers};
use crate::sizes::draw_embedding;
use lstm_model::{Dropout, Head, Input, Layer, ModelError, Purpose, Team, fields};
use nalgebra::DMatrix;

/// Layers that read a sequence, one vector of their outputs, and a softmax head on it.
///
/// ```text
/// x_t ─ Layers (E1–E8, E26, E27) ─ h_t ─ Pooling: s ─ Head: z = W_y s + b_y, p = softmax(z) (E20)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier<R: Layer> {
    config: ClassifierConfig,
    /// E, D×V; `None` if numbers are read.
    pub embedding: Option<DMatrix<R::Scalar>>,
    /// The recurrent layers.
    pub layers: Layers<R>,
    /// W_y, b_y.
    pub head: Head<R::Scalar>,
}

struct Tape<R: Layer> {
    layers: LayersTape<R>,
    /// s of every sequence, H×B.
    pooled: DMatrix<R::Scalar>,
}

impl<R: Layer> Classifier<R> {
    /// A network with weights drawn from `seed`: layers by [`Init::GlorotOrthogonal`](lstm_gates::Init),
    /// the embedding normal with standard deviation 0.1, the head uniform in ±1/√H.
    ///
    /// # Errors
    /// As [`ClassifierConfig::check`].
    pub fn init(config: ClassifierConfig, seed: u64) -> Result<Self, ModelError> {
        let mut network = Self::zeros(config)?;
        let mut rng = Purpose::Weights.rng(seed, 0, 0);
        if let Some(table) = &mut network.embedding {
            draw_embedding(table, &mut rng);
        }
        network.layers.draw(&mut rng);
        network.head = Head::init(network.config.classes, network.config.hidden_size, &mut rng);
        Ok(network)
    }

    /// A network with all weights zero.
    ///
    /// # Errors
    /// As [`ClassifierConfig::check`].
    pub fn zeros(config: ClassifierConfig) -> Result<Self, ModelError> {
        config.check()?;
        let table = |v| DMatrix::zeros(config.input_size, v);
        Ok(Self {
            embedding: Some(config.vocab_size).filter(|&v| v > 0).map(table),
            layers: Layers::zeros(&config),
            head: Head::zeros(config.classes, config.hidden_size),
            config,
        })
    }

    /// The sizes.
    pub fn config(&self) -> &ClassifierConfig {
        &self.config
    }

    fn pass<'a>(
        &'a self,
        batch: &'a ClassBatch<R::Scalar>,
        masks: Option<Dropout>,
        team: &'a dyn Team,
    ) -> LayersPass<'a, R::Scalar> {
        let input = match (&batch.input, &self.embedding) {
            (BatchInput::Tokens(padded), Some(table)) => Input::Embedded {
                ids: &padded.ids,
                table,
            },
            (BatchInput::Rows { x, .. }, None) => Input::Dense(x),
            _ => unreachable!("tokens are embedded, and numbers are not"),
        };
        LayersPass {
            input,
            span: batch.span(),
            dropout: masks.map(|masks| (masks, self.config.dropout)),
            team,
        }
    }

    fn forward(&self, pass: LayersPass<'_, R::Scalar>) -> Tape<R> {
        let (layers, forward) = (self.layers.forward(pass), self.config.forward_units());
        let pooled = self
            .config
            .pooling
            .pool(layers.output(), pass.span, forward);
        Tape { layers, pooled }
    }

    /// z of every sequence, K×B.
    pub fn logits(&self, batch: &ClassBatch<R::Scalar>, team: &dyn Team) -> DMatrix<R::Scalar> {
        self.head
            .logits(&self.forward(self.pass(batch, None, team)).pooled)
    }

    /// −Σ_b ln p_b\[y_b\] over the batch, in nats (E21), with dropout if `masks` are given.
    pub fn loss(
        &self,
        batch: &ClassBatch<R::Scalar>,
        masks: Option<Dropout>,
        team: &dyn Team,
    ) -> R::Scalar {
        let tape = self.forward(self.pass(batch, masks, team));
        let all = vec![true; batch.labels.len()];
        self.head.loss(&tape.pooled, &batch.labels, &all)
    }

    // ANCHOR: loss_and_gradient
    /// The loss of [`loss`](Self::loss) and its gradient, which is multiplied by `scale` and *added* to
    /// `grad`: that of the head by E21, that of every h_t by [`Pooling::spread`](super::Pooling), and
    /// from there E9–E17 and E19.
    pub fn loss_and_gradient(
        &self,
        batch: &ClassBatch<R::Scalar>,
        masks: Option<Dropout>,
        scale: R::Scalar,
        grad: &mut Self,
        team: &dyn Team,
    ) -> R::Scalar {
        let pass = self.pass(batch, masks, team);
        let Tape { layers, pooled } = self.forward(pass);
        let all = vec![true; batch.labels.len()];
        let (nats, ds) =
            self.head
                .loss_and_gradient(&pooled, &batch.labels, &all, scale, &mut grad.head);
        let mut dh = R::matrix(layers.output().nrows(), layers.output().ncols());
        let (pooling, forward) = (self.config.pooling, self.config.forward_units());
        pooling.spread(&ds, pass.span, forward, &mut dh);
        let dinput = self.layers.backward(pass, &layers, dh, &mut grad.layers);
        if let Some(dinput) = dinput {
            if let Some(table) = &mut grad.embedding {
                *table += &dinput;
            }
            R::recycle(dinput);
        }
        nats
    }
    // ANCHOR_END: loss_and_gradient
}

fields!(Classifier<R: Layer> {
    embedding,
    layers,
    head
});
