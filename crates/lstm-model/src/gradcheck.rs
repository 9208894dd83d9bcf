//! Checking the gradient of a whole network, tensor by tensor.
//!
//! The analytic gradient comes from the engine under test. Both oracles differentiate the *spec*
//! engine's forward pass, so that an engine is tested against the equations and not against itself.

use crate::seed::Purpose;
use crate::{
    BatchState, Engine, ModelError, Network, NetworkConfig, NetworkPass, Parameters, Spec,
};
use lstm_bptt::oracle::{
    Disagreement, ScalarFunction, central_gradient, disagreement, dual_gradient,
};
use lstm_gates::BLOCKS;
use lstm_text::Batch;
use nalgebra::{DMatrix, RealField, convert};
use rand::RngExt;

/// The largest relative difference allowed between the gradient and dual numbers.
pub const DUAL_TOLERANCE: f64 = 1e-12;
/// The largest relative difference allowed between the gradient and central differences.
pub const CENTRAL_TOLERANCE: f64 = 1e-6;

/// The largest relative difference allowed between the gradients of an engine in f32 and of the spec
/// engine in f64. The fast engine differs by at most 7e−6 in eighteen random networks.
pub const SINGLE_TOLERANCE: f64 = 1e-4;

/// A random case: a network, a batch with some tokens masked, initial states, and a loss that
/// also depends on the last states.
///
/// L = −(1/N) Σ m_t ln p_t\[y_t\] + Σ_l (u_l · h^l_T + v_l · c^l_T), with random u and v.
#[derive(Clone, Debug)]
pub struct GradientCheck {
    config: NetworkConfig,
    batch: Batch,
    /// Every number that L depends on, in the order of [`tensors`](Self::tensors).
    theta: Vec<f64>,
    /// u and v of each layer.
    dlast: Vec<BatchState<f64>>,
}

/// How one tensor's gradient compares with both oracles.
#[derive(Clone, Debug)]
pub struct TensorReport {
    /// The tensor's name.
    pub name: String,
    /// The number of its elements.
    pub len: usize,
    /// The difference from dual numbers.
    pub dual: Disagreement,
    /// The difference from central differences.
    pub central: Disagreement,
}

impl TensorReport {
    /// Whether the gradient agrees with both oracles within their tolerances.
    pub fn is_ok(&self) -> bool {
        self.dual.relative <= DUAL_TOLERANCE && self.central.relative <= CENTRAL_TOLERANCE
    }
}

impl GradientCheck {
    /// A case of the given sizes. All weights and states are uniform in ±1; every fourth token is masked.
    ///
    /// # Errors
    /// As [`NetworkConfig::check`], and for a batch or sequence of size 0.
    pub fn random(
        config: NetworkConfig,
        batch_size: usize,
        seq_len: usize,
        seed: u64,
    ) -> Result<Self, ModelError> {
        config.check()?;
        ModelError::check_not_zero(&[("batch size", batch_size), ("sequence length", seq_len)])?;
        let mut rng = Purpose::Check.rng(seed, 0, 0);
        let tokens = batch_size * seq_len;
        let mut ids = || -> Vec<u32> {
            (0..tokens)
                .map(|_| rng.random_range(0..config.vocab_size as u32))
                .collect()
        };
        let (inputs, targets) = (ids(), ids());
        let mask = (0..tokens).map(|n| n % 4 != 3).collect();
        let mut number = || rng.random_range(-1.0..=1.0);
        let dlast = (0..config.layers)
            .map(|_| BatchState {
                h: DMatrix::from_fn(config.hidden_size, batch_size, |_, _| number()),
                c: DMatrix::from_fn(config.hidden_size, batch_size, |_, _| number()),
            })
            .collect();
        let mut case = Self {
            batch: Batch::new(seq_len, batch_size, inputs, targets, mask),
            theta: Vec::new(),
            dlast,
            config,
        };
        let len = case.tensors().iter().map(|(_, len)| len).sum();
        case.theta = (0..len).map(|_| number()).collect();
        Ok(case)
    }

    /// The names and lengths of all tensors that L depends on, in order.
    pub fn tensors(&self) -> Vec<(String, usize)> {
        let c = &self.config;
        let (v, h, states) = (
            c.vocab_size,
            c.hidden_size,
            c.hidden_size * self.batch.batch_size,
        );
        let mut tensors = Vec::new();
        if c.embed_size > 0 {
            tensors.push(("embedding.w".to_owned(), c.embed_size * v));
        }
        for l in 0..c.layers {
            for k in BLOCKS {
                for (name, len) in [("w_x", h * c.input_size(l)), ("w_h", h * h), ("b", h)] {
                    tensors.push((format!("layers.{l}.{k}.{name}"), len));
                }
            }
        }
        tensors.push(("head.w".to_owned(), v * h));
        tensors.push(("head.b".to_owned(), v));
        for l in 0..c.layers {
            tensors.push((format!("h_0 of layer {l}"), states));
            tensors.push((format!("c_0 of layer {l}"), states));
        }
        tensors
    }

    /// Compares the gradient that the engine `R` computes with both oracles.
    pub fn check<R: Engine<Scalar = f64>>(&self) -> Vec<TensorReport> {
        let analytic = self.analytic::<R>();
        let dual = dual_gradient(self, &self.theta);
        let central = central_gradient(self, &self.theta);
        let mut start = 0;
        self.tensors()
            .into_iter()
            .map(|(name, len)| {
                let range = start..start + len;
                start = range.end;
                TensorReport {
                    name,
                    len,
                    dual: disagreement(&analytic[range.clone()], &dual[range.clone()]),
                    central: disagreement(&analytic[range.clone()], &central[range]),
                }
            })
            .collect()
    }

    /// The relative difference between the gradient of the engine `R`, which computes in f32, and that
    /// of the spec engine in f64, for each of the [`tensors`](Self::tensors). The oracles need a scalar
    /// type with more digits, so they check the spec engine.
    pub fn compare<R: Engine<Scalar = f32>>(&self) -> Vec<Disagreement> {
        let spec = self.analytic::<Spec<f64>>();
        let single = self.analytic::<R>();
        let mut start = 0;
        let compare = |(_, len)| {
            let range = start..start + len;
            start = range.end;
            disagreement(&single[range.clone()], &spec[range])
        };
        self.tensors().into_iter().map(compare).collect()
    }

    /// The gradient of L by back-propagation through the engine `R`, in the order of [`tensors`](Self::tensors).
    pub fn analytic<R: Engine>(&self) -> Vec<f64>
    where
        R::Scalar: Into<f64>,
        Spec<R::Scalar>: Engine<Scalar = R::Scalar>,
    {
        let theta: Vec<R::Scalar> = self.theta.iter().map(|&v| convert(v)).collect();
        let (network, initial) = self.build::<R>(&theta);
        let dlast: Vec<_> = self.dlast.iter().map(converted).collect();
        let mut grad = network.zeros_like();
        let (_, dinitial) = network.loss_and_gradient(
            NetworkPass::new(&self.batch, &initial),
            convert(1.0 / self.batch.tokens() as f64),
            &dlast,
            &mut grad,
        );
        let mut all = grad.to_engine::<Spec<R::Scalar>>().slices().concat();
        for state in dinitial {
            all.extend(state.h.iter().chain(state.c.iter()));
        }
        all.into_iter().map(Into::into).collect()
    }

    /// The network and the initial states that `theta` describes.
    fn build<R: Engine>(&self, theta: &[R::Scalar]) -> (Network<R>, Vec<BatchState<R::Scalar>>)
    where
        Spec<R::Scalar>: Engine<Scalar = R::Scalar>,
    {
        let mut network = Network::<Spec<R::Scalar>>::zeros(self.config.clone())
            .expect("checked when the case was made");
        let mut rest = theta.iter().copied();
        for slice in network.slices_mut() {
            slice.fill_with(|| rest.next().expect("theta has all tensors"));
        }
        let mut initial = network.zero_states(self.batch.batch_size);
        for state in &mut initial {
            for m in [&mut state.h, &mut state.c] {
                m.as_mut_slice()
                    .fill_with(|| rest.next().expect("theta has all tensors"));
            }
        }
        (network.to_engine(), initial)
    }
}

fn converted<T: RealField + Copy>(state: &BatchState<f64>) -> BatchState<T> {
    BatchState {
        h: state.h.map(convert),
        c: state.c.map(convert),
    }
}

impl ScalarFunction for GradientCheck {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let (network, initial) = self.build::<Spec<T>>(theta);
        let loss = network.loss(NetworkPass::new(&self.batch, &initial));
        let tokens: T = convert(self.batch.tokens() as f64);
        let weigh = |w: &DMatrix<f64>, m: &DMatrix<T>| w.map(convert::<f64, T>).dot(m);
        self.dlast
            .iter()
            .zip(&loss.last)
            .map(|(d, last)| weigh(&d.h, &last.h) + weigh(&d.c, &last.c))
            .fold(loss.nats / tokens, |sum, term| sum + term)
    }
}
