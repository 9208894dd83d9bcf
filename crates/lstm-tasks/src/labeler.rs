//! A network that labels every word of a sentence (E27, E32).

mod config;

pub use config::LabelerConfig;

use crate::batch::Padded;
use crate::crf::{Crf, viterbi};
use crate::encoder_decoder::add_columns;
use crate::features::FEATURES;
use crate::sizes::draw_embedding;
use crate::{LabelSet, TasksError};
use lstm_gates::Init;
use lstm_model::{
    Alone, BidirectionalPass, BidirectionalStack, BidirectionalTape, Dropout, Head, Layer,
    LayerDropout, ModelError, Purpose, Span, Team, fields, look_up,
};
use nalgebra::DMatrix;

/// The features of each word of a sentence with one predicate, and the label of each word, as ids.
pub(crate) type Example = (Vec<[u32; FEATURES]>, Vec<u32>);

/// A batch of sentences with one predicate each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelBatch {
    /// The ids of every feature.
    pub features: Vec<Padded>,
    /// The label of each word.
    pub labels: Padded,
}

impl LabelBatch {
    /// The batch of these sentences: the features of each word and the label of each word.
    pub fn new<'a>(
        sentences: impl IntoIterator<Item = &'a (Vec<[u32; FEATURES]>, Vec<u32>)>,
    ) -> Self {
        let (words, labels): (Vec<_>, Vec<_>) = sentences.into_iter().map(|(w, l)| (w, l)).unzip();
        let feature = |f: usize| {
            let ids = words.iter().map(|words| words.iter().map(|ids| ids[f]));
            Padded::new(&ids.map(Iterator::collect).collect::<Vec<Vec<u32>>>())
        };
        Self {
            features: (0..FEATURES).map(feature).collect(),
            labels: Padded::new(&labels),
        }
    }

    fn span(&self) -> Span<'_> {
        self.labels.span()
    }
}

/// Features, bidirectional layers, and a conditional random field over the labels.
///
/// ```text
/// features ─ E each, joined ─ BidirectionalStack (E27) ─ Head: emissions ─ Crf (E32)
/// ```
///
/// Zhou & Xu (2015), 10.3115/v1/P15-1109; Huang, Xu & Yu (2015), arXiv 1508.01991.
#[derive(Clone, Debug, PartialEq)]
pub struct Labeler<R: Layer> {
    config: LabelerConfig,
    /// E of each feature, D×V.
    pub tables: Vec<DMatrix<R::Scalar>>,
    /// The bidirectional layers, with H/2 units in each direction.
    pub encoder: BidirectionalStack<R>,
    /// The score of each label at each word, from h.
    pub head: Head<R::Scalar>,
    /// The scores of neighbouring labels.
    pub crf: Crf<R::Scalar>,
}

struct Tape<R: Layer> {
    x: DMatrix<R::Scalar>,
    encoded: BidirectionalTape<R>,
    emissions: DMatrix<R::Scalar>,
}

impl<R: Layer> Labeler<R> {
    /// A network with weights drawn from `seed`: layers by [`Init::GlorotOrthogonal`], embeddings normal
    /// with standard deviation 0.1, the head uniform in ±1/√H, the CRF zero.
    ///
    /// # Errors
    /// As [`LabelerConfig::check`].
    pub fn init(config: LabelerConfig, seed: u64) -> Result<Self, ModelError> {
        let mut network = Self::zeros(config)?;
        let (layers, h) = (network.config.layers, network.config.hidden_size);
        let mut rng = Purpose::Weights.rng(seed, 0, 0);
        for table in &mut network.tables {
            draw_embedding(table, &mut rng);
        }
        let (init, d) = (Init::GlorotOrthogonal, network.config.input_size());
        network.encoder = BidirectionalStack::init(init, d, h / 2, layers, &mut rng);
        network.head = Head::init(network.config.labels, h, &mut rng);
        Ok(network)
    }

    /// A network with all weights zero.
    ///
    /// # Errors
    /// As [`LabelerConfig::check`].
    pub fn zeros(config: LabelerConfig) -> Result<Self, ModelError> {
        config.check()?;
        let sizes = config.embed_sizes.iter().zip(&config.vocab_sizes);
        Ok(Self {
            tables: sizes.map(|(&d, &v)| DMatrix::zeros(d, v)).collect(),
            encoder: BidirectionalStack::zeros(
                config.input_size(),
                config.hidden_size / 2,
                config.layers,
            ),
            head: Head::zeros(config.labels, config.hidden_size),
            crf: Crf::zeros(config.labels),
            config,
        })
    }

    /// The sizes.
    pub fn config(&self) -> &LabelerConfig {
        &self.config
    }

    fn layer_dropout(&self, masks: Option<Dropout>, first_layer: usize) -> Option<LayerDropout> {
        masks.map(|masks| LayerDropout {
            masks,
            rate: self.config.dropout,
            first_layer,
        })
    }

    fn encoder_pass<'a>(
        &self,
        x: &'a DMatrix<R::Scalar>,
        batch: &'a LabelBatch,
        masks: Option<Dropout>,
        team: &'a dyn Team,
    ) -> BidirectionalPass<'a, R::Scalar> {
        BidirectionalPass {
            x,
            span: batch.span(),
            dropout: self.layer_dropout(masks, 1),
            team,
        }
    }

    // ANCHOR: forward
    fn forward(&self, batch: &LabelBatch, masks: Option<Dropout>, team: &dyn Team) -> Tape<R> {
        let span = batch.span();
        let tokens = span.seq_len * span.batch_size;
        let mut x = DMatrix::zeros(self.config.input_size(), tokens);
        let mut row = 0;
        for (table, feature) in self.tables.iter().zip(&batch.features) {
            let part = look_up(table, &feature.ids);
            x.rows_mut(row, part.nrows()).copy_from(&part);
            row += part.nrows();
        }
        if let Some(dropout) = self.layer_dropout(masks, 0) {
            dropout.apply(0, &mut x, span.batch_size);
        }
        let encoded = self
            .encoder
            .forward(self.encoder_pass(&x, batch, masks, team));
        let emissions = self.head.logits(encoded.output());
        Tape {
            x,
            encoded,
            emissions,
        }
    }
    // ANCHOR_END: forward

    /// −Σ_b ln p(y_b|x_b) over the batch, in nats (E32), with dropout if `masks` are given.
    pub fn loss(&self, batch: &LabelBatch, masks: Option<Dropout>, team: &dyn Team) -> R::Scalar {
        let tape = self.forward(batch, masks, team);
        self.crf
            .loss(&tape.emissions, &batch.labels.ids, batch.span())
    }

    // ANCHOR: loss_and_gradient
    /// The loss of [`loss`](Self::loss) and its gradient, which is multiplied by `scale` and *added* to
    /// `grad`.
    pub fn loss_and_gradient(
        &self,
        batch: &LabelBatch,
        masks: Option<Dropout>,
        scale: R::Scalar,
        grad: &mut Self,
        team: &dyn Team,
    ) -> R::Scalar {
        let one = nalgebra::one();
        let (span, tape) = (batch.span(), self.forward(batch, masks, team));
        let (nats, de) = self.crf.loss_and_gradient(
            &tape.emissions,
            &batch.labels.ids,
            span,
            scale,
            &mut grad.crf,
        );
        let h = tape.encoded.output();
        grad.head.w.gemm(one, &de, &h.transpose(), one);
        for de_t in de.column_iter() {
            grad.head.b += de_t;
        }
        let dh = self.head.w.transpose() * de;
        let mut dx = self.encoder.backward(
            self.encoder_pass(&tape.x, batch, masks, team),
            &tape.encoded,
            dh,
            &self.encoder.zero_states(span.batch_size),
            &mut grad.encoder,
        );
        if let Some(dropout) = self.layer_dropout(masks, 0) {
            dropout.apply(0, &mut dx, span.batch_size);
        }
        let mut row = 0;
        for (table, feature) in grad.tables.iter_mut().zip(&batch.features) {
            add_columns(table, &feature.ids, dx.rows(row, table.nrows()));
            row += table.nrows();
        }
        R::recycle(dx);
        nats
    }
    // ANCHOR_END: loss_and_gradient

    /// The legal labels with the highest score for each sentence. The label of the predicate is B-V.
    ///
    /// # Errors
    /// As [`viterbi`].
    pub fn best_labels(
        &self,
        batch: &LabelBatch,
        labels: &LabelSet,
        predicates: &[usize],
    ) -> Result<Vec<Vec<u32>>, TasksError> {
        let tape = self.forward(batch, None, &Alone);
        viterbi(
            &self.crf,
            &tape.emissions,
            labels,
            batch.span(),
            Some(predicates),
        )
    }
}

fields!(Labeler<R: Layer> {
    tables as "features",
    encoder,
    head,
    crf
});
