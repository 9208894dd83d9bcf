//! The test vectors of this project: every gate separate, so that no order of blocks is assumed; every
//! value of every step; and the gradient of everything.

mod named;
mod read;

use super::{RecordedLstm, put};
use crate::arrange::{Axes, state_tensors};
use crate::variant::{Computation, Direction, Gradients, Outcome, StepValues};
use crate::{Mistake, Recording};
use lstm_exchange::{Tensor, Tensors};
use nalgebra::DVector;
use named::named;
use serde_json::json;

/// The metadata entry with the version of the format.
pub(super) const VERSION: &str = "lstm-vector";

const AXES: Axes = Axes::TimeFirst;

pub(crate) struct ProjectVector {
    pub computation: Computation<f64>,
}

/// How the names of each direction's tensors begin: `layer0.`, `layer0_reverse.`, `layer1.` …
fn prefixes(computation: &Computation<f64>) -> Vec<String> {
    let layers = computation.layers.iter().enumerate();
    let prefix = |l: usize, direction: &Direction<f64>| {
        let reverse = if direction.reverse { "_reverse" } else { "" };
        format!("layer{l}{reverse}.")
    };
    layers
        .flat_map(|(l, layer)| layer.iter().map(move |direction| prefix(l, direction)))
        .collect()
}

impl ProjectVector {
    /// A recording of the inputs: weights, sequences, states and the loss's weights, with the metadata.
    pub fn inputs(&self) -> Recording {
        let (computation, mut tensors) = (&self.computation, Tensors::new());
        let lengths = computation.steps.iter().map(|steps| steps.len() as f64);
        let lengths: Vec<f64> = lengths.collect();
        put(&mut tensors, "x", AXES.tensor(&computation.x));
        put(
            &mut tensors,
            "lengths",
            Tensor::new(&[lengths.len()], lengths),
        );
        put(&mut tensors, "wy", AXES.tensor(&computation.loss.wy));
        let directions = computation.directions().enumerate();
        for (prefix, (n, direction)) in prefixes(computation).iter().zip(directions) {
            for (name, tensor) in named(&direction.weights, direction.options.coupled) {
                put(&mut tensors, &format!("{prefix}{name}"), tensor);
            }
            for (names, states) in [
                (["h_0", "c_0"], &computation.initial[n]),
                (["wh", "wc"], &computation.loss.last[n]),
            ] {
                let pair = state_tensors(std::slice::from_ref(states));
                for (name, tensor) in names.into_iter().zip(pair) {
                    put(&mut tensors, &format!("{prefix}{name}"), tensor.part(0));
                }
            }
        }
        let options = computation.layers[0][0].options;
        let options = json!({
            "clip": options.clip,
            "coupled": options.coupled,
            "window": computation.window,
        });
        Recording {
            tensors,
            metadata: [
                (VERSION.to_owned(), "1".to_owned()),
                ("options".to_owned(), options.to_string()),
            ]
            .into(),
            dtypes: Default::default(),
        }
    }

    /// Every value of the forward pass.
    fn values(&self, outcome: &Outcome<f64>) -> Tensors {
        let mut out = Tensors::new();
        put(&mut out, "y", AXES.tensor(&outcome.y));
        put(&mut out, "loss", Tensor::new(&[1], vec![outcome.loss]));
        let directions = self.computation.directions().enumerate();
        for (prefix, (n, direction)) in prefixes(&self.computation).iter().zip(directions) {
            let h = direction.weights.hidden_size();
            let r = direction.weights.output_size();
            for (k, name) in ["i_t", "f_t", "g_t", "o_t"].into_iter().enumerate() {
                let gate = self.of_each_step(outcome, (n, h), |step| &step.gates[k]);
                put(&mut out, &format!("{prefix}{name}"), gate);
            }
            let c_t = self.of_each_step(outcome, (n, h), |step| &step.c);
            let h_t = self.of_each_step(outcome, (n, r), |step| &step.h);
            put(&mut out, &format!("{prefix}c_t"), c_t);
            put(&mut out, &format!("{prefix}h_t"), h_t);
            let [h_last, c_last] = state_tensors(&outcome.last[n..=n]);
            put(&mut out, &format!("{prefix}h_T"), h_last.part(0));
            put(&mut out, &format!("{prefix}c_T"), c_last.part(0));
        }
        out
    }

    /// A value with `size` numbers for every step in direction n; zero at padding.
    fn of_each_step(
        &self,
        outcome: &Outcome<f64>,
        (n, size): (usize, usize),
        value: impl Fn(&StepValues<f64>) -> &DVector<f64>,
    ) -> Tensor {
        let x = &self.computation.x;
        let zeros = DVector::zeros(size);
        let at = |b, t| outcome.step(n, b, t).map_or(&zeros, &value).clone();
        let sequences = (0..x.len()).map(|b| (0..x[b].len()).map(|t| at(b, t)).collect());
        AXES.tensor(&sequences.collect())
    }

    fn gradients(&self, gradients: &Gradients<f64>) -> Tensors {
        let (computation, mut out) = (&self.computation, Tensors::new());
        put(&mut out, "grad.x", AXES.tensor(&gradients.x));
        let [dh, dc] = state_tensors(&gradients.initial);
        for (n, prefix) in prefixes(computation).iter().enumerate() {
            let coupled = computation.layers[0][0].options.coupled;
            for (name, tensor) in named(&gradients.weights[n], coupled) {
                put(&mut out, &format!("grad.{prefix}{name}"), tensor);
            }
            put(&mut out, &format!("grad.{prefix}h_0"), dh.part(n));
            put(&mut out, &format!("grad.{prefix}c_0"), dc.part(n));
        }
        out
    }
}

impl RecordedLstm for ProjectVector {
    fn format(&self) -> &'static str {
        "a vector of this project"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.computation)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let outcome = self.computation.forward(mistake);
        let mut out = self.values(&outcome);
        out.extend(self.gradients(&self.computation.backward(&outcome, mistake)));
        out
    }
}
