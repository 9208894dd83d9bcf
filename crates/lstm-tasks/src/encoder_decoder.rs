//! A network that reads one sequence and writes another (E27–E30).

mod decoding;
mod smoothing;

pub use decoding::Decoding;

use crate::attention::{Attention, AttentionTape};
use crate::batch::Padded;
use crate::bidirectional::{BidirectionalStack, BidirectionalTape, LayerDropout};
use crate::copy::Copying;
use lstm_gates::{Init, LstmParams};
use lstm_model::{
    Canonical, Dropout, Head, Input, ModelError, Parameters, Recurrent, Stack, StackDropout,
    StackTape, Stream, Tensors, look_up,
};
use lstm_text::{BEGIN, END};
use nalgebra::{DMatrix, RealField};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// The sizes of an encoder and its decoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderDecoderConfig {
    /// V of what is read.
    pub source_vocab: usize,
    /// V of what is written. The same as `source_vocab` if `copies`.
    pub target_vocab: usize,
    /// D of both embeddings.
    pub embed_size: usize,
    /// H of every layer of the decoder; each direction of the encoder has H/2.
    pub hidden_size: usize,
    /// Layers of the encoder, and of the decoder.
    pub layers: usize,
    /// Dropout on the embeddings, behind every layer, and on h̃.
    pub dropout: f64,
    /// Whether words can be taken from the source (E30). Then there is one embedding for both sides.
    pub copies: bool,
}

impl EncoderDecoderConfig {
    /// Whether a network can be built from this.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        for (setting, value) in [
            ("vocabulary size", self.source_vocab.min(self.target_vocab)),
            ("embedding size", self.embed_size),
            ("hidden size", self.hidden_size),
            ("number of layers", self.layers),
        ] {
            if value == 0 {
                return Err(ModelError::setting(setting, value, "at least 1"));
            }
        }
        if !self.hidden_size.is_multiple_of(2) {
            return Err(ModelError::setting(
                "hidden size",
                self.hidden_size,
                "an even number: half of it reads forward, half backward",
            ));
        }
        if self.copies && self.source_vocab != self.target_vocab {
            return Err(ModelError::setting(
                "target vocabulary size",
                self.target_vocab,
                "that of the source, from which words are copied",
            ));
        }
        let (d, h) = (self.embed_size as f64, self.hidden_size as f64);
        let numbers = (self.source_vocab + self.target_vocab) as f64 * (d + h)
            + self.layers as f64 * 8.0 * h * (d.max(h) + h);
        if numbers > 1e9 {
            return Err(ModelError::setting(
                "number of weights",
                format!("about {numbers:.0e}"),
                "at most 1e9; choose smaller sizes",
            ));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(ModelError::setting(
                "dropout",
                self.dropout,
                "at least 0 and below 1",
            ));
        }
        Ok(())
    }

    /// Where the masks of each part begin: the decoder's layers come first.
    fn masks_of(&self, part: Part) -> usize {
        match part {
            Part::Target => self.layers,
            Part::Source => self.layers + 1,
            Part::Encoder => self.layers + 2,
            Part::Attended => 2 * self.layers + 2,
        }
    }
}

/// What dropout falls on, besides the decoder's layers.
#[derive(Clone, Copy)]
enum Part {
    Source,
    Target,
    Encoder,
    Attended,
}

/// Sources, and what is to be written for them, side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairBatch {
    /// What is read.
    pub source: Padded,
    /// What the decoder reads: [`BEGIN`], then the target (teacher forcing).
    pub inputs: Padded,
    /// What it is to write at each step: the target, then [`END`].
    pub targets: Padded,
}

impl PairBatch {
    /// Of pairs of token ids, source first.
    pub fn new(pairs: &[(&[u32], &[u32])]) -> Self {
        let sources: Vec<&[u32]> = pairs.iter().map(|&(source, _)| source).collect();
        let inputs: Vec<Vec<u32>> = pairs.iter().map(|(_, y)| [&[BEGIN], *y].concat()).collect();
        let targets: Vec<Vec<u32>> = pairs.iter().map(|(_, y)| [*y, &[END]].concat()).collect();
        let slices = |of: &'_ [Vec<u32>]| -> Padded {
            Padded::new(&of.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        Self {
            source: Padded::new(&sources),
            inputs: slices(&inputs),
            targets: slices(&targets),
        }
    }
}

/// Encoder, decoder, and attention between them (E27–E30).
///
/// ```text
/// source ─ E ─ BidirectionalStack ─ h̄_s ──────────────┐
///                    │ last states (E28)              │
/// target ─ E ─ Stack ┴─ h_t ─────────── Attention (E29) ─ h̃_t ─ Head (E20), Copying (E30)
/// ```
///
/// Sutskever, Vinyals & Le (2014), arXiv 1409.3215; Bahdanau, Cho & Bengio (2015), arXiv 1409.0473.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderDecoder<R: Recurrent> {
    config: EncoderDecoderConfig,
    /// E of the source, D×V.
    pub source: DMatrix<R::Scalar>,
    /// E of the target, D×V; D×0 where the source's serves both.
    pub target: DMatrix<R::Scalar>,
    /// H/2 units in each direction.
    pub encoder: BidirectionalStack<R>,
    /// H units.
    pub decoder: Stack<R>,
    /// Between them.
    pub attention: Attention<R::Scalar>,
    /// On h̃.
    pub head: Head<R::Scalar>,
    /// If words can be copied.
    pub copying: Option<Copying<R::Scalar>>,
}

/// The loss, dh̃, and dα where words are copied.
type OutputGradient<T> = (T, DMatrix<T>, Option<Vec<DMatrix<T>>>);

/// What the way forward leaves.
struct Tape<R: Recurrent> {
    x: DMatrix<R::Scalar>,
    encoded: BidirectionalTape<R>,
    y: DMatrix<R::Scalar>,
    decoded: StackTape<R>,
    attended: AttentionTape<R::Scalar>,
    /// h̃ after dropout, H×(T·B): what the head sees.
    seen: DMatrix<R::Scalar>,
}

impl<R: Recurrent> EncoderDecoder<R> {
    /// Fresh weights: layers by [`Init::GlorotOrthogonal`], embeddings normal with deviation 0.1, the
    /// head uniform in ±1/√H.
    ///
    /// # Errors
    /// As [`EncoderDecoderConfig::check`].
    pub fn init(config: EncoderDecoderConfig, seed: u64) -> Result<Self, ModelError> {
        let mut network = Self::zeros(config)?;
        let config = network.config.clone();
        let (d, h) = (config.embed_size, config.hidden_size);
        let mut rng = Stream::Weights.rng(seed, 0, 0);
        for table in [&mut network.source, &mut network.target] {
            table.apply(|v| {
                *v = nalgebra::convert(0.1 * rng.sample::<f64, _>(StandardNormal));
            });
        }
        let init = Init::GlorotOrthogonal;
        network.encoder = BidirectionalStack::init(init, d, h / 2, config.layers, &mut rng);
        for (l, layer) in network.decoder.layers.iter_mut().enumerate() {
            let input_size = if l == 0 { d } else { h };
            *layer = R::from_params(&LstmParams::init(init, input_size, h, &mut rng));
        }
        network.attention = Attention::init(h, &mut rng);
        network.head = Head::init(config.target_vocab, h, &mut rng);
        Ok(network)
    }

    /// A network with all weights zero, to be filled.
    ///
    /// # Errors
    /// As [`EncoderDecoderConfig::check`].
    pub fn zeros(config: EncoderDecoderConfig) -> Result<Self, ModelError> {
        config.check()?;
        let (d, h) = (config.embed_size, config.hidden_size);
        let own_target = if config.copies {
            0
        } else {
            config.target_vocab
        };
        let layer = |l| {
            let input_size = if l == 0 { d } else { h };
            R::from_params(&LstmParams::zeros(input_size, h))
        };
        Ok(Self {
            source: DMatrix::zeros(d, config.source_vocab),
            target: DMatrix::zeros(d, own_target),
            encoder: BidirectionalStack::zeros(d, h / 2, config.layers),
            decoder: Stack {
                layers: (0..config.layers).map(layer).collect(),
            },
            attention: Attention::zeros(h),
            head: Head::zeros(config.target_vocab, h),
            copying: config.copies.then(|| Copying::zeros(h)),
            config,
        })
    }

    /// The sizes.
    pub fn config(&self) -> &EncoderDecoderConfig {
        &self.config
    }

    fn target_table(&self) -> &DMatrix<R::Scalar> {
        match self.config.copies {
            true => &self.source,
            false => &self.target,
        }
    }

    fn layer_dropout(&self, masks: Option<Dropout>, part: Part) -> Option<LayerDropout> {
        masks.map(|masks| LayerDropout {
            masks,
            rate: self.config.dropout,
            first_layer: self.config.masks_of(part),
        })
    }

    fn drop(
        &self,
        masks: Option<Dropout>,
        part: Part,
        x: &mut DMatrix<R::Scalar>,
        batch_size: usize,
    ) {
        if let Some(dropout) = self.layer_dropout(masks, part) {
            dropout.apply(0, x, batch_size);
        }
    }

    // ANCHOR: forward
    fn forward(&self, batch: &PairBatch, masks: Option<Dropout>, rates: &[f64]) -> Tape<R> {
        let (source, target) = (batch.source.span(), batch.inputs.span());
        let batch_size = source.batch_size;
        let mut x = look_up(&self.source, &batch.source.ids);
        self.drop(masks, Part::Source, &mut x, batch_size);
        let dropout = self.layer_dropout(masks, Part::Encoder);
        let encoded = self.encoder.forward(&x, source, dropout);

        let mut y = look_up(self.target_table(), &batch.inputs.ids);
        self.drop(masks, Part::Target, &mut y, batch_size);
        let dropout = masks.map(|masks| StackDropout { masks, rates });
        let decoded = self
            .decoder
            .forward(Input::Dense(&y), &encoded.last, &target, dropout);

        let attended = self
            .attention
            .forward(decoded.output(), target, encoded.output(), source);
        let mut seen = attended.output.clone();
        self.drop(masks, Part::Attended, &mut seen, batch_size);
        Tape {
            x,
            encoded,
            y,
            decoded,
            attended,
            seen,
        }
    }
    // ANCHOR_END: forward

    /// −Σ_t ln p_t\[y_t\] over the batch, in nats. No dropout.
    pub fn loss(&self, batch: &PairBatch) -> R::Scalar {
        let tape = self.forward(batch, None, &[]);
        self.nats(batch, &tape)
    }

    fn nats(&self, batch: &PairBatch, tape: &Tape<R>) -> R::Scalar {
        let (targets, mask) = (&batch.targets.ids, batch.targets.mask());
        let (h, weights) = (&tape.seen, &tape.attended.weights);
        match &self.copying {
            None => R::head_loss(&self.head, h, targets, &mask),
            Some(copying) => copying.loss(&self.head, h, weights, &batch.source, targets, &mask),
        }
    }

    /// What training makes small: the loss with these masks and with smoothed labels.
    pub fn objective(
        &self,
        batch: &PairBatch,
        masks: Option<Dropout>,
        smoothing: R::Scalar,
    ) -> R::Scalar {
        let tape = self.forward(batch, masks, &self.rates());
        let (targets, mask) = (&batch.targets.ids, batch.targets.mask());
        let excess = smoothing::excess(&self.head, &tape.seen, targets, &mask);
        self.nats(batch, &tape) + smoothing * excess
    }

    /// The dropout behind each layer of the decoder.
    fn rates(&self) -> Vec<f64> {
        vec![self.config.dropout; self.config.layers]
    }

    // ANCHOR: loss_and_gradient
    /// The loss of a batch, as [`loss`](Self::loss) gives it but with dropout, and the gradient of the
    /// [`objective`](Self::objective), which is multiplied by `scale` and *added* to `grad`.
    ///
    /// The gradient of the decoder's first state is that of the encoder's last (E28, E17).
    pub fn loss_and_gradient(
        &self,
        batch: &PairBatch,
        masks: Option<Dropout>,
        smoothing: R::Scalar,
        scale: R::Scalar,
        grad: &mut Self,
    ) -> R::Scalar {
        let rates = self.rates();
        let tape = self.forward(batch, masks, &rates);
        let (source, target) = (batch.source.span(), batch.inputs.span());
        let batch_size = source.batch_size;
        let (nats, mut dattended, dweights) =
            self.output_gradient(batch, &tape, smoothing, scale, grad);

        self.drop(masks, Part::Attended, &mut dattended, batch_size);
        let back = self.attention.backward(
            &tape.attended,
            tape.decoded.output(),
            target,
            tape.encoded.output(),
            source,
            &dattended,
            dweights.as_deref(),
            &mut grad.attention,
        );
        let dropout = masks.map(|masks| StackDropout {
            masks,
            rates: &rates,
        });
        let decoder = self.decoder.backward(
            &tape.decoded,
            Input::Dense(&tape.y),
            &tape.encoded.last,
            &target,
            dropout,
            back.dstates,
            &self.decoder.zero_states(batch_size),
            &mut grad.decoder,
        );
        let mut dy = decoder.dinput.expect("a dense input has a gradient");
        self.drop(masks, Part::Target, &mut dy, batch_size);
        let table = match self.config.copies {
            true => &mut grad.source,
            false => &mut grad.target,
        };
        add_columns(table, &batch.inputs.ids, &dy);

        let dropout = self.layer_dropout(masks, Part::Encoder);
        let mut dx = self.encoder.backward(
            &tape.encoded,
            &tape.x,
            source,
            dropout,
            back.dmemory,
            &decoder.dinitial,
            &mut grad.encoder,
        );
        self.drop(masks, Part::Source, &mut dx, batch_size);
        add_columns(&mut grad.source, &batch.source.ids, &dx);
        nats
    }
    // ANCHOR_END: loss_and_gradient

    fn output_gradient(
        &self,
        batch: &PairBatch,
        tape: &Tape<R>,
        smoothing: R::Scalar,
        scale: R::Scalar,
        grad: &mut Self,
    ) -> OutputGradient<R::Scalar> {
        let (targets, mask) = (&batch.targets.ids, batch.targets.mask());
        let h = &tape.seen;
        let (nats, mut dh, dweights) = match (&self.copying, &mut grad.copying) {
            (Some(copying), Some(grad_copying)) => {
                let (nats, dh, dweights) = copying.loss_and_gradient(
                    &self.head,
                    h,
                    &tape.attended.weights,
                    &batch.source,
                    targets,
                    &mask,
                    scale,
                    grad_copying,
                    &mut grad.head,
                );
                (nats, dh, Some(dweights))
            }
            _ => {
                let head = &mut grad.head;
                let (nats, dh) =
                    R::head_loss_and_gradient(&self.head, h, targets, &mask, scale, head);
                (nats, dh, None)
            }
        };
        smoothing::add_gradient(
            &self.head,
            h,
            targets,
            &mask,
            smoothing * scale,
            &mut grad.head,
            &mut dh,
        );
        (nats, dh, dweights)
    }

    /// α of every target token of one pair, S×T: where the decoder looked.
    pub fn attention_map(&self, source: &[u32], target: &[u32]) -> DMatrix<R::Scalar> {
        let batch = PairBatch::new(&[(source, target)]);
        let mut tape = self.forward(&batch, None, &[]);
        tape.attended.weights.remove(0)
    }
}

/// dE\[:, s\] += dx_t wherever s stands (E19).
pub(crate) fn add_columns<T: RealField + Copy>(
    table: &mut DMatrix<T>,
    ids: &[u32],
    dx: &DMatrix<T>,
) {
    for (dx_t, &s_t) in dx.column_iter().zip(ids) {
        let mut column = table.column_mut(s_t as usize);
        column += dx_t;
    }
}

impl<R: Recurrent> Parameters for EncoderDecoder<R> {
    type Scalar = R::Scalar;

    fn slices(&self) -> Vec<&[R::Scalar]> {
        let mut slices = vec![self.source.as_slice(), self.target.as_slice()];
        slices.extend(self.encoder.slices());
        slices.extend(self.decoder.slices());
        slices.extend(self.attention.slices());
        slices.extend(self.head.slices());
        slices.extend(self.copying.iter().flat_map(Parameters::slices));
        slices
    }

    fn slices_mut(&mut self) -> Vec<&mut [R::Scalar]> {
        let mut slices = vec![self.source.as_mut_slice(), self.target.as_mut_slice()];
        slices.extend(self.encoder.slices_mut());
        slices.extend(self.decoder.slices_mut());
        slices.extend(self.attention.slices_mut());
        slices.extend(self.head.slices_mut());
        slices.extend(self.copying.iter_mut().flat_map(Parameters::slices_mut));
        slices
    }

    fn parameter_count(&self) -> usize {
        self.source.len()
            + self.target.len()
            + self.encoder.parameter_count()
            + self.decoder.parameter_count()
            + self.attention.parameter_count()
            + self.head.parameter_count()
            + self
                .copying
                .iter()
                .map(Parameters::parameter_count)
                .sum::<usize>()
    }
}

impl<R: Recurrent<Scalar = f32>> Canonical for EncoderDecoder<R> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        self.source.export(&format!("{prefix}.source"), tensors);
        if !self.config.copies {
            self.target.export(&format!("{prefix}.target"), tensors);
        }
        self.encoder.export(&format!("{prefix}.encoder"), tensors);
        self.decoder.export(&format!("{prefix}.decoder"), tensors);
        self.attention
            .export(&format!("{prefix}.attention"), tensors);
        self.head.export(&format!("{prefix}.head"), tensors);
        if let Some(copying) = &self.copying {
            copying.export(&format!("{prefix}.copying"), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        self.source.import(&format!("{prefix}.source"), tensors)?;
        if !self.config.copies {
            self.target.import(&format!("{prefix}.target"), tensors)?;
        }
        self.encoder.import(&format!("{prefix}.encoder"), tensors)?;
        self.decoder.import(&format!("{prefix}.decoder"), tensors)?;
        self.attention
            .import(&format!("{prefix}.attention"), tensors)?;
        self.head.import(&format!("{prefix}.head"), tensors)?;
        match &mut self.copying {
            Some(copying) => copying.import(&format!("{prefix}.copying"), tensors),
            None => Ok(()),
        }
    }
}
