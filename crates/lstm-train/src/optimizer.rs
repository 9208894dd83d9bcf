//! Optimisers. They change the weights element by element.

use crate::elements::{ELEMENTS_PER_ITEM, team_for};
use crate::plan::check_number;
use lstm_model::{ModelError, Parameters, Team, share};
use nalgebra::{RealField, convert};
use serde::{Deserialize, Serialize};

/// The rule by which a gradient g changes the weights θ, with learning rate η.
///
/// The constants and details are those of PyTorch, so that runs can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Optimizer {
    /// θ ← θ − η g
    Sgd,
    /// v ← μ v + g, θ ← θ − η v
    Momentum {
        /// μ
        momentum: f64,
    },
    /// Adam (E23). Kingma & Ba, arXiv 1412.6980.
    Adam {
        /// β₁
        beta1: f64,
        /// β₂
        beta2: f64,
        /// ε
        epsilon: f64,
    },
    /// Adam after θ ← θ (1 − η λ). Loshchilov & Hutter, arXiv 1711.05101.
    AdamW {
        /// β₁
        beta1: f64,
        /// β₂
        beta2: f64,
        /// ε
        epsilon: f64,
        /// λ
        weight_decay: f64,
    },
    /// v ← α v + (1 − α) g², θ ← θ − η g / (√v + ε). Tieleman & Hinton (2012).
    RmsProp {
        /// α
        alpha: f64,
        /// ε
        epsilon: f64,
    },
}

impl Optimizer {
    /// Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e−8.
    pub const ADAM: Self = Self::Adam {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
    };

    /// AdamW with β₁ = 0.9, β₂ = 0.999, ε = 1e−8, λ = 0.01.
    pub const ADAM_W: Self = Self::AdamW {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.01,
    };

    /// Momentum with μ = 0.9.
    pub const MOMENTUM: Self = Self::Momentum { momentum: 0.9 };

    /// RMSprop with α = 0.99, ε = 1e−8.
    pub const RMS_PROP: Self = Self::RmsProp {
        alpha: 0.99,
        epsilon: 1e-8,
    };

    /// # Errors
    /// [`ModelError::Setting`] naming a constant that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        let not_negative = |setting, v| check_number(setting, v, v >= 0.0, "0 or more");
        match *self {
            Self::Sgd => Ok(()),
            Self::Momentum { momentum } => ModelError::check_rate("momentum", momentum),
            Self::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                ModelError::check_rate("beta1", beta1)?;
                ModelError::check_rate("beta2", beta2)?;
                not_negative("epsilon", epsilon)
            }
            Self::AdamW {
                beta1,
                beta2,
                epsilon,
                weight_decay,
            } => {
                Self::Adam {
                    beta1,
                    beta2,
                    epsilon,
                }
                .check()?;
                not_negative("weight decay", weight_decay)
            }
            Self::RmsProp { alpha, epsilon } => {
                ModelError::check_rate("alpha", alpha)?;
                not_negative("epsilon", epsilon)
            }
        }
    }

    /// Whether the rule keeps a first moment (m, or momentum's v).
    fn keeps_first(&self) -> bool {
        !matches!(self, Self::Sgd | Self::RmsProp { .. })
    }

    /// Whether the rule keeps a second moment (v of squares).
    fn keeps_second(&self) -> bool {
        !matches!(self, Self::Sgd | Self::Momentum { .. })
    }
}

/// The state of an optimiser: its rule, its moments, and the number of steps.
#[derive(Clone, Debug)]
pub struct OptimizerState<P> {
    /// The rule.
    pub rule: Optimizer,
    /// n of E23, the number of steps so far.
    pub steps: u64,
    /// m of E23, or momentum's v; shaped like the weights.
    pub first: Option<P>,
    /// v of E23; shaped like the weights.
    pub second: Option<P>,
}

impl<P: Parameters> OptimizerState<P> {
    /// Zero moments shaped like `params`.
    pub fn new(rule: Optimizer, params: &P) -> Self {
        Self {
            rule,
            steps: 0,
            first: rule.keeps_first().then(|| params.zeros_like()),
            second: rule.keeps_second().then(|| params.zeros_like()),
        }
    }

    /// One step with learning rate η: changes the moments and then the weights (E23, or the rule). The
    /// weights are shared out among the threads of the team.
    pub fn step(&mut self, params: &mut P, grad: &P, learning_rate: f64, team: &dyn Team) {
        self.steps += 1;
        // βⁿ has long been 0 where n is cut off.
        let n = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let first = self.first.as_mut().map(Parameters::slices_mut);
        let second = self.second.as_mut().map(Parameters::slices_mut);
        let team = team_for(params, team);
        let items = items(params.slices_mut(), grad.slices(), first, second);
        match self.rule {
            Optimizer::Sgd => {
                let eta = convert(learning_rate);
                share(team, items, |p| sgd(p.theta, p.g, eta));
            }
            Optimizer::Momentum { momentum } => {
                let (eta, mu) = (convert(learning_rate), convert(momentum));
                share(team, items, |p| {
                    accumulate_momentum(p.first, p.g, mu);
                    sgd(p.theta, p.first, eta);
                });
            }
            Optimizer::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                let rule = Adam::new(beta1, beta2, epsilon, learning_rate, n);
                share(team, items, |p| rule.step(p.theta, p.g, p.first, p.second));
            }
            Optimizer::AdamW {
                beta1,
                beta2,
                epsilon,
                weight_decay,
            } => {
                let rule = Adam::new(beta1, beta2, epsilon, learning_rate, n);
                let keep = convert(1.0 - learning_rate * weight_decay);
                share(team, items, |p| {
                    p.theta.iter_mut().for_each(|theta| *theta *= keep);
                    rule.step(p.theta, p.g, p.first, p.second);
                });
            }
            Optimizer::RmsProp { alpha, epsilon } => {
                let (alpha, epsilon) = (convert(alpha), convert(epsilon));
                let eta = convert(learning_rate);
                share(team, items, |p| {
                    rms_prop(p.theta, p.g, p.second, alpha, epsilon, eta);
                });
            }
        }
    }
}

/// A work item: some of the weights with their gradients and moments. A moment that the rule does not
/// have is empty.
struct Item<'a, T> {
    theta: &'a mut [T],
    g: &'a [T],
    first: &'a mut [T],
    second: &'a mut [T],
}

fn items<'a, T>(
    theta: Vec<&'a mut [T]>,
    g: Vec<&'a [T]>,
    first: Option<Vec<&'a mut [T]>>,
    second: Option<Vec<&'a mut [T]>>,
) -> Vec<Item<'a, T>> {
    let mut first = first.into_iter().flatten();
    let mut second = second.into_iter().flatten();
    let mut items = Vec::new();
    for (theta, g) in theta.into_iter().zip(g) {
        let mut first_of = first
            .next()
            .unwrap_or_default()
            .chunks_mut(ELEMENTS_PER_ITEM);
        let mut second_of = second
            .next()
            .unwrap_or_default()
            .chunks_mut(ELEMENTS_PER_ITEM);
        for (theta, g) in theta
            .chunks_mut(ELEMENTS_PER_ITEM)
            .zip(g.chunks(ELEMENTS_PER_ITEM))
        {
            items.push(Item {
                theta,
                g,
                first: first_of.next().unwrap_or_default(),
                second: second_of.next().unwrap_or_default(),
            });
        }
    }
    items
}

fn sgd<T: RealField + Copy>(theta: &mut [T], g: &[T], eta: T) {
    for (theta, &g) in theta.iter_mut().zip(g) {
        *theta -= eta * g;
    }
}

fn accumulate_momentum<T: RealField + Copy>(v: &mut [T], g: &[T], mu: T) {
    for (v, &g) in v.iter_mut().zip(g) {
        *v = mu * *v + g;
    }
}

fn rms_prop<T: RealField + Copy>(
    theta: &mut [T],
    g: &[T],
    v: &mut [T],
    alpha: T,
    epsilon: T,
    eta: T,
) {
    for ((theta, &g), v) in theta.iter_mut().zip(g).zip(v) {
        *v = alpha * *v + (T::one() - alpha) * g * g;
        *theta -= eta * g / (v.sqrt() + epsilon);
    }
}

// ANCHOR: adam
/// The constants of E23 for one step.
struct Adam<T> {
    beta1: T,
    beta2: T,
    epsilon: T,
    /// η / (1 − β₁ⁿ)
    eta: T,
    /// 1 / √(1 − β₂ⁿ)
    second_correction: T,
}

impl<T: RealField + Copy> Adam<T> {
    fn new(beta1: f64, beta2: f64, epsilon: f64, learning_rate: f64, n: i32) -> Self {
        Self {
            beta1: convert(beta1),
            beta2: convert(beta2),
            epsilon: convert(epsilon),
            eta: convert(learning_rate / (1.0 - beta1.powi(n))),
            second_correction: convert(1.0 / (1.0 - beta2.powi(n)).sqrt()),
        }
    }

    /// One step of Adam, element by element (E23).
    fn step(&self, theta: &mut [T], g: &[T], m: &mut [T], v: &mut [T]) {
        let (rest1, rest2) = (T::one() - self.beta1, T::one() - self.beta2);
        for (((theta, &g), m), v) in theta.iter_mut().zip(g).zip(m).zip(v) {
            *m = self.beta1 * *m + rest1 * g;
            *v = self.beta2 * *v + rest2 * g * g;
            *theta -= self.eta * *m / (v.sqrt() * self.second_correction + self.epsilon);
        }
    }
}
// ANCHOR_END: adam
