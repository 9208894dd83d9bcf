//! A training trace: a character model of PyTorch, embedding → LSTM → linear, and some steps of an
//! optimiser, from the first weights and the tokens alone (E18–E21, E23).

use super::{Computation, blocks, put};
use crate::arrange::zero_states;
use crate::layout::{Layout, matrix, tensor};
use crate::recorded::torch::torch_tensors;
use crate::variant::{Case, Direction, Loss, Mistake, Options, Padding, Weights};
use crate::{ExchangeError, Recording, Tensor, Tensors};
use lstm_bptt::clip_global_norm;
use lstm_model::{Optimizer, OptimizerState, Parameters};
use nalgebra::{DMatrix, DVector};
use serde_json::Value;

pub(super) struct Trace {
    /// Steps of \[T + 1\]\[B\] tokens.
    ids: Vec<Vec<Vec<usize>>>,
    names: Vec<String>,
    initial: Named,
    layers: usize,
    optimizer: Optimizer,
    learning_rate: f64,
    /// λ of an L2 penalty, added to the gradient.
    l2: f64,
    clip_norm: Option<f64>,
    carry_state: bool,
}

/// The model's tensors, in the order of their names.
#[derive(Clone, Debug)]
struct Named(Vec<Tensor>);

impl Parameters for Named {
    type Scalar = f64;

    fn slices(&self) -> Vec<&[f64]> {
        self.0.iter().map(|tensor| tensor.data.as_slice()).collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [f64]> {
        self.0
            .iter_mut()
            .map(|tensor| tensor.data.as_mut_slice())
            .collect()
    }
}

impl Trace {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), ExchangeError> {
        let (_, [v, e]) = recording.ranked("init.embed.weight")?;
        let (_, [_, h]) = recording.ranked("init.lstm.weight_hh_l0")?;
        let (_, [steps, rows, batch_size]) = recording.ranked("ids")?;
        let is_layer = |l: &usize| {
            let own = format!("init.lstm.weight_ih_l{l}");
            recording.tensors.keys().any(|name| *name == own)
        };
        let layers = (0..).take_while(is_layer).count();
        if let Some(Value::Object(sizes)) = recording.entry("sizes") {
            for (key, size) in [
                ("vocab", v),
                ("embed", e),
                ("hidden", h),
                ("batch", batch_size),
                ("steps", rows - 1),
                ("layers", layers),
            ] {
                if sizes.get(key).is_some_and(|given| *given != size) {
                    return Err(ExchangeError::Metadata {
                        key: format!("sizes.{key}"),
                        why: format!("says {}, the tensors say {size}", sizes[key]),
                    });
                }
            }
        }
        let mut names = vec![("embed.weight".to_owned(), vec![v, e])];
        for l in 0..layers {
            let inputs = if l == 0 { e } else { h };
            names.push((format!("lstm.weight_ih_l{l}"), vec![4 * h, inputs]));
            names.push((format!("lstm.weight_hh_l{l}"), vec![4 * h, h]));
            names.push((format!("lstm.bias_ih_l{l}"), vec![4 * h]));
            names.push((format!("lstm.bias_hh_l{l}"), vec![4 * h]));
        }
        names.push(("head.weight".to_owned(), vec![v, h]));
        names.push(("head.bias".to_owned(), vec![v]));
        let initial = names
            .iter()
            .map(|(name, shape)| Ok(recording.shaped(&format!("init.{name}"), shape)?.clone()))
            .collect::<Result<_, ExchangeError>>()?;
        let ids = recording.counts("ids", &[steps, rows, batch_size], v - 1)?;
        let ids = ids
            .chunks(rows * batch_size)
            .map(|step| step.chunks(batch_size).map(<[usize]>::to_vec).collect())
            .collect();
        let rule = recording
            .entry("optimizer")
            .ok_or_else(|| missing("optimizer"))?;
        let (optimizer, learning_rate, l2) = optimizer(&rule)?;
        let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        let mut used: Vec<String> = names.iter().map(|name| format!("init.{name}")).collect();
        used.push("ids".into());
        let trace = Self {
            ids,
            names,
            initial: Named(initial),
            layers,
            optimizer,
            learning_rate,
            l2,
            clip_norm: recording.entry("clip_norm").and_then(|clip| clip.as_f64()),
            carry_state: recording.entry("carry_state") == Some(Value::Bool(true)),
        };
        Ok((trace, used))
    }

    fn tensor<'a>(&self, of: &'a Named, name: &str) -> &'a Tensor {
        let place = self.names.iter().position(|own| own == name);
        &of.0[place.expect("every name was read")]
    }

    /// The stack of a model.
    fn stack(&self, model: &Named) -> Vec<Vec<Direction<f64>>> {
        let layer = |l: usize| {
            let of = |name: &str| self.tensor(model, &format!("lstm.{name}_l{l}"));
            let layout = Layout::PYTORCH;
            vec![Direction {
                weights: Weights {
                    blocks: blocks(
                        layout.split(of("weight_ih")),
                        layout.split(of("weight_hh")),
                        layout.split_vector(&of("bias_ih").data),
                        layout.split_vector(&of("bias_hh").data),
                    ),
                    peepholes: None,
                    projection: None,
                },
                options: Options::default(),
                reverse: false,
            }]
        };
        (0..self.layers).map(layer).collect()
    }

    /// The mean loss of one batch (E21), its gradients, and the states after it.
    fn batch(
        &self,
        model: &Named,
        ids: &[Vec<usize>],
        initial: States,
        mistake: Option<Mistake>,
    ) -> (f64, Named, States) {
        let embedding = matrix(self.tensor(model, "embed.weight"));
        let w = matrix(self.tensor(model, "head.weight"));
        let b = DVector::from_column_slice(&self.tensor(model, "head.bias").data);
        let (seq_len, batch_size, h) = (ids.len() - 1, ids[0].len(), w.ncols());
        let token = |t: usize, b: usize| embedding.row(ids[t][b]).transpose();
        let mut case = Case {
            layers: self.stack(model),
            x: (0..batch_size)
                .map(|b| (0..seq_len).map(|t| token(t, b)).collect())
                .collect(),
            lengths: vec![seq_len; batch_size],
            initial,
            padding: Padding::Zero,
            in_reading_order: false,
            loss: Loss {
                wy: vec![vec![DVector::zeros(h); seq_len]; batch_size],
                last: zero_states(&vec![(h, h); self.layers], batch_size),
            },
        };
        let outcome = case.outcome(mistake);
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
        let mut dembedding = DMatrix::zeros(embedding.nrows(), embedding.ncols());
        for (sequence, dx) in gradients.x.iter().enumerate() {
            for (t, dx_t) in dx.iter().enumerate() {
                let mut row = dembedding.row_mut(ids[t][sequence]);
                row += dx_t.transpose(); // E19
            }
        }
        let mut grad = vec![tensor(&dembedding)];
        for weights in &gradients.weights {
            grad.extend(
                torch_tensors(weights, true)
                    .into_iter()
                    .map(|(_, tensor)| tensor),
            );
        }
        grad.push(tensor(&dw));
        grad.push(Tensor::new(&[db.len()], db.as_slice().to_vec()));
        (loss, Named(grad), outcome.last)
    }
}

type States = Vec<Vec<lstm_cell::State<f64>>>;

impl Computation for Trace {
    fn format(&self) -> &'static str {
        "PyTorch training trace"
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let mut out = Tensors::new();
        let mut model = self.initial.clone();
        let mut optimizer = OptimizerState::new(self.optimizer, &model);
        let h = self.tensor(&model, "head.weight").shape[1];
        let fresh = |batch_size| zero_states(&vec![(h, h); self.layers], batch_size);
        let mut states = fresh(self.ids[0][0].len());
        let (mut losses, mut norms) = (Vec::new(), Vec::new());
        for (n, ids) in self.ids.iter().enumerate() {
            let (loss, mut grad, last) = self.batch(&model, ids, states, mistake);
            states = match self.carry_state {
                true => last,
                false => fresh(ids[0].len()),
            };
            if n == 0 {
                for (name, tensor) in self.names.iter().zip(&grad.0) {
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
        for (name, tensor) in self.names.iter().zip(model.0) {
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
