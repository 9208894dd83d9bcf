//! A network that forecasts: layers, and a linear head on every h_t.

use super::{ForecasterConfig, Objective, WindowBatch};
use lstm_gates::{Init, LstmParams};
use lstm_model::{
    Alone, BatchState, Dropout, Head, Input, Layer, ModelError, Purpose, Span, Stack, StackDropout,
    StackPass, StackTape, Team, fields,
};
use nalgebra::{DMatrix, RealField};

/// Layers that read one row of a series a step, and a head that forecasts the next H rows from h_t.
///
/// ```text
/// x_t ─ Stack (E1–E8, E26) ─ h_t ─ Head: z_t = W_y h_t + b_y ─ Objective (E34, E35)
/// ```
///
/// The forecast is direct: z_t has the numbers of all H steps, C columns and P numbers for each, in that
/// order, the last running fastest. Nothing that is forecast is read again, so errors do not add up, and
/// the H forecasts of a row are not told of one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecaster<R: Layer> {
    config: ForecasterConfig,
    /// The recurrent layers.
    pub stack: Stack<R>,
    /// W_y, b_y.
    pub head: Head<R::Scalar>,
}

struct Tape<R: Layer> {
    stack: StackTape<R>,
    z: DMatrix<R::Scalar>,
}

impl<R: Layer> Forecaster<R> {
    /// A network with weights drawn from `seed`: layers by [`Init::GlorotOrthogonal`], the head uniform
    /// in ±1/√H.
    ///
    /// # Errors
    /// As [`ForecasterConfig::check`].
    pub fn init(config: ForecasterConfig, seed: u64) -> Result<Self, ModelError> {
        let mut network = Self::zeros(config)?;
        let config = &network.config;
        let mut rng = Purpose::Weights.rng(seed, 0, 0);
        for (l, layer) in network.stack.layers.iter_mut().enumerate() {
            let (d, h) = (config.input_size_of(l), config.hidden_size);
            *layer = R::from_params(&LstmParams::init(Init::GlorotOrthogonal, d, h, &mut rng));
        }
        network.head = Head::init(config.outputs, config.hidden_size, &mut rng);
        Ok(network)
    }

    /// A network with all weights zero.
    ///
    /// # Errors
    /// As [`ForecasterConfig::check`].
    pub fn zeros(config: ForecasterConfig) -> Result<Self, ModelError> {
        config.check()?;
        let layer = |l| LstmParams::zeros(config.input_size_of(l), config.hidden_size);
        let layers = (0..config.layers).map(|l| R::from_params(&layer(l)));
        Ok(Self {
            stack: Stack {
                layers: layers.collect(),
            },
            head: Head::zeros(config.outputs, config.hidden_size),
            config,
        })
    }

    /// The sizes.
    pub fn config(&self) -> &ForecasterConfig {
        &self.config
    }

    fn forward(&self, pass: StackPass<'_, R::Scalar>) -> Tape<R> {
        let stack = self.stack.forward(pass);
        let z = self.head.logits(stack.output());
        Tape { stack, z }
    }

    /// The loss of the targets of a batch, summed, with dropout if `masks` are given.
    pub fn loss(
        &self,
        batch: &WindowBatch<R::Scalar>,
        objective: &Objective,
        masks: Option<Dropout>,
        team: &dyn Team,
    ) -> R::Scalar {
        let (initial, rates) = (self.stack.zero_states(batch.lengths.len()), self.rates());
        let tape = self.forward(pass(batch, &initial, masks, &rates, team));
        objective.loss(tape.z.as_slice(), &batch.targets, &batch.present)
    }

    // ANCHOR: loss_and_gradient
    /// The loss of [`loss`](Self::loss) and its gradient, which is multiplied by `scale` and *added* to
    /// `grad`.
    ///
    /// ```text
    /// dW_y = Σ_t dz_t h_tᵀ,   db_y = Σ_t dz_t,   (∂L/∂h_t)_direct = W_yᵀ dz_t
    /// ```
    /// with dz_t of E34 or E35; from there E9–E17.
    pub fn loss_and_gradient(
        &self,
        batch: &WindowBatch<R::Scalar>,
        objective: &Objective,
        masks: Option<Dropout>,
        scale: R::Scalar,
        grad: &mut Self,
        team: &dyn Team,
    ) -> R::Scalar {
        let one = nalgebra::one();
        let (initial, rates) = (self.stack.zero_states(batch.lengths.len()), self.rates());
        let pass = pass(batch, &initial, masks, &rates, team);
        let Tape { stack, z: mut dz } = self.forward(pass);
        let z = dz.as_mut_slice();
        let loss = objective.loss_and_gradient(z, &batch.targets, &batch.present, scale);
        grad.head.w.gemm(one, &dz, &stack.output().transpose(), one);
        for dz_t in dz.column_iter() {
            grad.head.b += dz_t;
        }
        let dh = self.head.w.transpose() * dz;
        let dlast = self.stack.zero_states(batch.lengths.len());
        self.stack
            .backward(pass, &stack, dh, &dlast, &mut grad.stack);
        loss
    }
    // ANCHOR_END: loss_and_gradient

    /// Reads the columns of `x`, D×T, as the next T rows of one series: z of each row, and the states
    /// after the last.
    pub fn read(
        &self,
        x: &DMatrix<R::Scalar>,
        states: &[BatchState<R::Scalar>],
    ) -> (DMatrix<R::Scalar>, Vec<BatchState<R::Scalar>>) {
        let mut tape = self.forward(StackPass {
            input: Input::Dense(x),
            initial: states,
            span: Span::full(x.ncols(), 1),
            dropout: None,
            team: &Alone,
        });
        (tape.z, std::mem::take(&mut tape.stack.last))
    }

    fn rates(&self) -> Vec<f64> {
        vec![self.config.dropout; self.config.layers]
    }
}

fn pass<'a, T: RealField + Copy>(
    batch: &'a WindowBatch<T>,
    initial: &'a [BatchState<T>],
    masks: Option<Dropout>,
    rates: &'a [f64],
    team: &'a dyn Team,
) -> StackPass<'a, T> {
    StackPass {
        input: Input::Dense(&batch.x),
        initial,
        span: batch.span(),
        dropout: masks.map(|masks| StackDropout { masks, rates }),
        team,
    }
}

fields!(Forecaster<R: Layer> { stack as "layers", head });
