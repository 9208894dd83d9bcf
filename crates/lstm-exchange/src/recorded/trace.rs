//! A training trace: some steps of an optimiser on a character model of PyTorch's, from the first
//! weights and the tokens alone (E18–E21, E23).

use super::model::{Model, States};
use super::torch::torch_tensors;
use super::{Computation, assert_feasible, put};
use crate::layout::tensor;
use crate::variant::Mistake;
use crate::{ExchangeError, Recording, Tensor, Tensors};
use lstm_bptt::clip_global_norm;
use lstm_model::{Optimizer, OptimizerState, Parameters};
use nalgebra::{DMatrix, DVector};
use serde_json::Value;

pub(crate) struct Trace {
    /// Steps of \[T + 1\]\[B\] tokens.
    ids: Vec<Vec<Vec<usize>>>,
    model: Model,
    optimizer: Optimizer,
    learning_rate: f64,
    /// λ of an L2 penalty, added to the gradient.
    l2: f64,
    clip_norm: Option<f64>,
    carry_state: bool,
}

impl Trace {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), ExchangeError> {
        let mut used = vec!["ids".to_owned()];
        let model = Model::read(recording, "init.", &mut used)?;
        let [v, d, h] = model.sizes();
        let (_, [steps, rows, batch_size]) = recording.ranked("ids")?;
        if let Some(Value::Object(sizes)) = recording.entry("sizes") {
            for (key, size) in [
                ("vocab", v),
                ("embed", d),
                ("hidden", h),
                ("batch", batch_size),
                ("steps", rows.saturating_sub(1)),
                ("layers", model.layers),
            ] {
                if sizes.get(key).is_some_and(|given| *given != size) {
                    return Err(ExchangeError::Metadata {
                        key: format!("sizes.{key}"),
                        why: format!("says {}, the tensors say {size}", sizes[key]),
                    });
                }
            }
        }
        if rows < 2 {
            return Err(ExchangeError::Unsupported {
                what: format!("a trace of {rows} token in a step, where a target needs two,"),
            });
        }
        assert_feasible(
            recording.count(),
            &[rows, batch_size, v + d + h, model.layers],
        )?;
        let ids = recording.counts("ids", &[steps, rows, batch_size], v - 1)?;
        let rule = recording
            .entry("optimizer")
            .ok_or_else(|| missing("optimizer"))?;
        let (optimizer, learning_rate, l2) = optimizer(&rule)?;
        let trace = Self {
            ids: ids
                .chunks(rows * batch_size)
                .map(|step| step.chunks(batch_size).map(<[usize]>::to_vec).collect())
                .collect(),
            model,
            optimizer,
            learning_rate,
            l2,
            clip_norm: recording.entry("clip_norm").and_then(|clip| clip.as_f64()),
            carry_state: recording.entry("carry_state") == Some(Value::Bool(true)),
        };
        Ok((trace, used))
    }
}

/// The mean loss of one batch (E21), its gradients, and the states after it.
fn batch(
    model: &Model,
    ids: &[Vec<usize>],
    initial: States,
    mistake: Option<Mistake>,
) -> (f64, Model, States) {
    let (seq_len, batch_size) = (ids.len() - 1, ids[0].len());
    let mut case = model.case(&ids[..seq_len], initial);
    let outcome = case.outcome(mistake);
    let (w, b) = model.head();
    let (mut loss, mut dw, mut db) = (0.0, w.clone() * 0.0, b.clone() * 0.0);
    let count = (seq_len * batch_size) as f64;
    for (sequence, y) in outcome.y.iter().enumerate() {
        for (t, h_t) in y.iter().enumerate() {
            let z = &w * h_t + &b; // E20
            let above = z.map(|z_v| (z_v - z.max()).exp());
            let target = ids[t + 1][sequence];
            loss -= (z[target] - z.max() - above.sum().ln()) / count; // E21
            let mut dz = above.unscale(above.sum() * count);
            dz[target] -= 1.0 / count;
            case.loss.wy[sequence][t] = w.tr_mul(&dz);
            dw += &dz * h_t.transpose();
            db += dz;
        }
    }
    let gradients = case.gradients(&outcome, mistake);
    let [v, d, _] = model.sizes();
    let mut dembedding = DMatrix::zeros(v, d);
    for (sequence, dx) in gradients.x.iter().enumerate() {
        for (t, dx_t) in dx.iter().enumerate() {
            let mut row = dembedding.row_mut(ids[t][sequence]);
            row += dx_t.transpose(); // E19
        }
    }
    let mut grad = model.clone();
    grad.tensors = vec![tensor(&dembedding)];
    for weights in &gradients.weights {
        let tensors = torch_tensors(weights, true).into_iter();
        grad.tensors.extend(tensors.map(|(_, tensor)| tensor));
    }
    let db: DVector<f64> = db;
    grad.tensors.push(tensor(&dw));
    grad.tensors.push(Tensor::new(&[v], db.as_slice().to_vec()));
    (loss, grad, outcome.last)
}

impl Computation for Trace {
    fn format(&self) -> &'static str {
        "PyTorch training trace"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        let states = self.model.zero_states(self.ids[0][0].len());
        let case = self
            .model
            .case(&self.ids[0][..self.ids[0].len() - 1], states);
        let is_carried = match mistake {
            // Seen only from the second step on.
            Mistake::InitialHIgnored | Mistake::InitialCIgnored | Mistake::InitialStatesSwapped => {
                self.carry_state && self.ids.len() > 1
            }
            // The loss does not look at the last states.
            Mistake::LastHIgnored | Mistake::LastCIgnored => false,
            _ => true,
        };
        is_carried && mistake.applies_to(&case)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let mut out = Tensors::new();
        let mut model = self.model.clone();
        let mut optimizer = OptimizerState::new(self.optimizer, &model);
        let batch_size = self.ids[0][0].len();
        let mut states = model.zero_states(batch_size);
        let (mut losses, mut norms) = (Vec::new(), Vec::new());
        for (n, ids) in self.ids.iter().enumerate() {
            let (loss, mut grad, last) = batch(&model, ids, states, mistake);
            states = match self.carry_state {
                true => last,
                false => model.zero_states(batch_size),
            };
            if n == 0 {
                for (name, tensor) in grad.names.iter().zip(&grad.tensors) {
                    put(&mut out, &format!("grad1.{name}"), tensor.clone());
                }
            }
            losses.push(loss);
            // Without a bound the norm alone is wanted.
            let bound = self.clip_norm.unwrap_or(f64::INFINITY);
            norms.push(clip_global_norm(&mut grad.slices_mut(), bound));
            for (g, theta) in grad.slices_mut().into_iter().zip(model.slices()) {
                g.iter_mut()
                    .zip(theta)
                    .for_each(|(g, theta)| *g += self.l2 * theta);
            }
            optimizer.step(&mut model, &grad, self.learning_rate);
        }
        put(&mut out, "loss", Tensor::new(&[losses.len()], losses));
        put(&mut out, "gradnorm", Tensor::new(&[norms.len()], norms));
        for (name, tensor) in model.names.iter().zip(model.tensors) {
            put(&mut out, &format!("final.{name}"), tensor);
        }
        out
    }
}

fn missing(key: &str) -> ExchangeError {
    ExchangeError::Metadata {
        key: key.to_owned(),
        why: "is missing".to_owned(),
    }
}

/// The rule that PyTorch's options stand for, its learning rate, and its L2 penalty.
fn optimizer(options: &Value) -> Result<(Optimizer, f64, f64), ExchangeError> {
    let unsupported = |what: String| ExchangeError::Unsupported { what };
    let number = |key: &str| {
        let value = options[key].as_f64();
        value.ok_or_else(|| missing(&format!("optimizer.{key}")))
    };
    let given = |key: &str| options[key].as_f64().unwrap_or(0.0);
    for key in ["amsgrad", "maximize", "nesterov", "centered"] {
        if options[key] == Value::Bool(true) {
            return Err(unsupported(format!("an optimiser with {key}")));
        }
    }
    if given("dampening") != 0.0 {
        return Err(unsupported("momentum with dampening".into()));
    }
    let class = options["class"]
        .as_str()
        .ok_or_else(|| missing("optimizer.class"))?;
    let beta = |n: usize| {
        let value = options["betas"][n].as_f64();
        value.ok_or_else(|| missing("optimizer.betas"))
    };
    let is_decoupled = class == "AdamW" || options["decoupled_weight_decay"] == Value::Bool(true);
    let decay = given("weight_decay");
    let rule = match class {
        "Adam" | "AdamW" if is_decoupled => Optimizer::AdamW {
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: number("eps")?,
            weight_decay: decay,
        },
        "Adam" => Optimizer::Adam {
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: number("eps")?,
        },
        "SGD" if given("momentum") == 0.0 => Optimizer::Sgd,
        "SGD" => Optimizer::Momentum {
            momentum: number("momentum")?,
        },
        "RMSprop" if given("momentum") == 0.0 => Optimizer::RmsProp {
            alpha: number("alpha")?,
            epsilon: number("eps")?,
        },
        other => return Err(unsupported(format!("the optimiser {other}"))),
    };
    Ok((rule, number("lr")?, if is_decoupled { 0.0 } else { decay }))
}
