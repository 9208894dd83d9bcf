//! The encoder–decoder: a network that reads one sequence and generates another (E27–E30).

mod config;
mod decoding;
mod output;
mod pair_batch;
mod smoothing;
mod weights;

pub use config::EncoderDecoderConfig;
pub use decoding::Decoding;
pub use pair_batch::PairBatch;

use crate::attention::{Attention, AttentionPass, AttentionTape};
use crate::copy::Copying;
use config::Part;
use lstm_model::{
    Alone, BidirectionalPass, BidirectionalStack, BidirectionalTape, Dropout, Engine, Head, Input,
    LayerDropout, Stack, StackDropout, StackPass, StackTape, Team, fields, look_up,
};
use nalgebra::{DMatrix, DMatrixView, RealField};
use output::head_pass;

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
pub struct EncoderDecoder<R: Engine> {
    config: EncoderDecoderConfig,
    /// E of the source, D×V.
    pub source: DMatrix<R::Scalar>,
    /// E of the target, D×V; `None` if words can be copied, because E of the source is then used for both.
    pub target: Option<DMatrix<R::Scalar>>,
    /// The encoder, with H/2 units in each direction.
    pub encoder: BidirectionalStack<R>,
    /// The decoder, with H units.
    pub decoder: Stack<R>,
    /// The decoder's attention over the encoder's outputs.
    pub attention: Attention<R::Scalar>,
    /// The softmax head on h̃.
    pub head: Head<R::Scalar>,
    /// The copy mechanism, if words can be copied.
    pub copying: Option<Copying<R::Scalar>>,
}

/// The values of the forward pass that the backward pass reads.
struct Tape<R: Engine> {
    x: DMatrix<R::Scalar>,
    encoded: BidirectionalTape<R>,
    y: DMatrix<R::Scalar>,
    decoded: StackTape<R>,
    attended: AttentionTape<R::Scalar>,
    /// h̃ after dropout, H×(T·B), the head's input.
    seen: DMatrix<R::Scalar>,
}

impl<R: Engine> EncoderDecoder<R> {
    /// The sizes.
    pub fn config(&self) -> &EncoderDecoderConfig {
        &self.config
    }

    fn target_table(&self) -> &DMatrix<R::Scalar> {
        self.target.as_ref().unwrap_or(&self.source)
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

    fn encoder_pass<'a>(
        &self,
        x: &'a DMatrix<R::Scalar>,
        batch: &'a PairBatch,
        masks: Option<Dropout>,
        team: &'a dyn Team,
    ) -> BidirectionalPass<'a, R::Scalar> {
        BidirectionalPass {
            x,
            span: batch.source.span(),
            dropout: self.layer_dropout(masks, Part::Encoder),
            team,
        }
    }

    // ANCHOR: forward
    fn forward(
        &self,
        batch: &PairBatch,
        masks: Option<Dropout>,
        rates: &[f64],
        team: &dyn Team,
    ) -> Tape<R> {
        let (source, target) = (batch.source.span(), batch.inputs.span());
        let batch_size = source.batch_size;
        let mut x = look_up(&self.source, &batch.source.ids);
        self.drop(masks, Part::Source, &mut x, batch_size);
        let encoded = self
            .encoder
            .forward(self.encoder_pass(&x, batch, masks, team));

        let mut y = look_up(self.target_table(), &batch.inputs.ids);
        self.drop(masks, Part::Target, &mut y, batch_size);
        let decoded = self.decoder.forward(StackPass {
            input: Input::Dense(&y),
            initial: &encoded.last,
            span: target,
            dropout: masks.map(|masks| StackDropout { masks, rates }),
            team,
        });

        let attended = self.attention.forward(AttentionPass {
            states: decoded.output(),
            target,
            memory: encoded.output(),
            source,
        });
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
    pub fn loss(&self, batch: &PairBatch, team: &dyn Team) -> R::Scalar {
        let tape = self.forward(batch, None, &[], team);
        self.nats(batch, &tape, team)
    }

    /// The objective of training: the loss with dropout and label smoothing.
    pub fn objective(
        &self,
        batch: &PairBatch,
        masks: Option<Dropout>,
        smoothing: R::Scalar,
        team: &dyn Team,
    ) -> R::Scalar {
        let tape = self.forward(batch, masks, &self.rates(), team);
        let mask = batch.targets.mask();
        let excess = smoothing::excess(&self.head, head_pass(batch, &tape, &mask, team));
        self.nats(batch, &tape, team) + smoothing * excess
    }

    /// The dropout rate on the output of each layer of the decoder.
    fn rates(&self) -> Vec<f64> {
        vec![self.config.dropout; self.config.layers]
    }

    // ANCHOR: loss_and_gradient
    /// The loss of a batch with dropout and without label smoothing. The gradient of the
    /// [`objective`](Self::objective), times `scale`, is *added* to `grad`.
    ///
    /// The gradient on the encoder's last state is that on the decoder's first state (E28, E17).
    pub fn loss_and_gradient(
        &self,
        batch: &PairBatch,
        masks: Option<Dropout>,
        smoothing: R::Scalar,
        scale: R::Scalar,
        grad: &mut Self,
        team: &dyn Team,
    ) -> R::Scalar {
        let rates = self.rates();
        let tape = self.forward(batch, masks, &rates, team);
        let (source, target) = (batch.source.span(), batch.inputs.span());
        let batch_size = source.batch_size;
        let (nats, mut dattended, dweights) =
            self.output_gradient(batch, &tape, smoothing, scale, grad, team);

        self.drop(masks, Part::Attended, &mut dattended, batch_size);
        let back = self.attention.backward(
            AttentionPass {
                states: tape.decoded.output(),
                target,
                memory: tape.encoded.output(),
                source,
            },
            &tape.attended,
            &dattended,
            dweights.as_deref(),
            &mut grad.attention,
        );
        R::recycle(dattended);
        let pass = StackPass {
            input: Input::Dense(&tape.y),
            initial: &tape.encoded.last,
            span: target,
            dropout: masks.map(|masks| StackDropout {
                masks,
                rates: &rates,
            }),
            team,
        };
        let decoder = self.decoder.backward(
            pass,
            &tape.decoded,
            back.dstates,
            &self.decoder.zero_states(batch_size),
            &mut grad.decoder,
        );
        let mut dy = decoder.dinput.expect("a dense input has a gradient");
        self.drop(masks, Part::Target, &mut dy, batch_size);
        let table = grad.target.as_mut().unwrap_or(&mut grad.source);
        add_columns(table, &batch.inputs.ids, dy.as_view());
        R::recycle(dy);

        let mut dx = self.encoder.backward(
            self.encoder_pass(&tape.x, batch, masks, team),
            &tape.encoded,
            back.dmemory,
            &decoder.dinitial,
            &mut grad.encoder,
        );
        self.drop(masks, Part::Source, &mut dx, batch_size);
        add_columns(&mut grad.source, &batch.source.ids, dx.as_view());
        R::recycle(dx);
        nats
    }
    // ANCHOR_END: loss_and_gradient

    /// α of every target token of one pair, S×T.
    pub fn attention_map(&self, source: &[u32], target: &[u32]) -> DMatrix<R::Scalar> {
        let batch = PairBatch::new(&[(source.to_vec(), target.to_vec())]);
        let mut tape = self.forward(&batch, None, &[], &Alone);
        tape.attended.weights.remove(0)
    }
}

/// dE\[:, s_t\] += dx_t for every t (E19).
pub(crate) fn add_columns<T: RealField + Copy>(
    table: &mut DMatrix<T>,
    ids: &[u32],
    dx: DMatrixView<'_, T>,
) {
    for (dx_t, &s_t) in dx.column_iter().zip(ids) {
        let mut column = table.column_mut(s_t as usize);
        let pairs = column.as_mut_slice().iter_mut().zip(dx_t.as_slice());
        pairs.for_each(|(to, &from)| *to += from);
    }
}

fields!(EncoderDecoder<R: Engine> {
    source,
    target,
    encoder,
    decoder,
    attention,
    head,
    copying
});
