//! A training trace: some steps of an optimiser on a character model of PyTorch's, recomputed from the
//! first weights and the tokens alone (E18–E21, E23).

mod optimizer;

use super::model::{Model, States};
use super::reader::{Read, Reader};
use super::torch::torch_tensors;
use super::{RecordedLstm, assert_feasible, put};
use crate::{CheckError, Mistake, Recording};
use lstm_bptt::clip_global_norm;
use lstm_exchange::{Tensor, Tensors};
use lstm_model::{Alone, Parameters};
use lstm_train::OptimizerState;
use nalgebra::{DMatrix, DVector};
use optimizer::Rule;
use serde_json::Value;

pub(crate) struct Trace {
    /// The tokens of each step, \[T + 1\]\[B\].
    ids: Vec<Vec<Vec<usize>>>,
    model: Model,
    rule: Rule,
    clip_norm: Option<f64>,
    carry_state: bool,
}

impl Trace {
    pub fn read(recording: &Recording) -> Result<Read<Self>, CheckError> {
        let mut reader = Reader::new(recording);
        let model = Model::read(recording, &mut reader, "init.")?;
        let [v, d, h] = model.sizes();
        let (_, [steps, rows, batch_size]) = recording.ranked("ids")?;
        expect_sizes(
            recording,
            &[
                ("vocab", v),
                ("embed", d),
                ("hidden", h),
                ("batch", batch_size),
                ("steps", rows.saturating_sub(1)),
                ("layers", model.layers),
            ],
        )?;
        if rows < 2 {
            let what = format!("a trace with {rows} token in a step, where a target needs two,");
            return Err(CheckError::unsupported(what));
        }
        assert_feasible(
            recording.count(),
            &[rows, batch_size, v + d + h, model.layers],
        )?;
        let ids = reader.counts("ids", &[steps, rows, batch_size], v - 1)?;
        let step = |ids: &[usize]| ids.chunks(batch_size).map(<[usize]>::to_vec).collect();
        let trace = Self {
            ids: ids.chunks(rows * batch_size).map(step).collect(),
            model,
            rule: Rule::read(recording)?,
            clip_norm: recording.entry("clip_norm").and_then(|clip| clip.as_f64()),
            carry_state: recording.entry("carry_state") == Some(Value::Bool(true)),
        };
        Ok(reader.finish(trace))
    }
}

/// The metadata entry `sizes`, if there is one, must agree with the tensors.
fn expect_sizes(recording: &Recording, sizes: &[(&str, usize)]) -> Result<(), CheckError> {
    let Some(Value::Object(given)) = recording.entry("sizes") else {
        return Ok(());
    };
    let differs = |(key, size): &&(&str, usize)| given.get(*key).is_some_and(|own| own != size);
    match sizes.iter().find(differs) {
        None => Ok(()),
        Some((key, size)) => Err(CheckError::metadata(
            format!("sizes.{key}"),
            format!("says {}, the tensors say {size}", given[*key]),
        )),
    }
}

/// The mean loss of one batch (E21), its gradients, and the last states.
fn batch(
    model: &Model,
    ids: &[Vec<usize>],
    initial: States,
    mistake: Option<Mistake>,
) -> (f64, Model, States) {
    let (seq_len, batch_size) = (ids.len() - 1, ids[0].len());
    let mut computation = model.computation(&ids[..seq_len], initial);
    let outcome = computation.forward(mistake);
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
            computation.loss.wy[sequence][t] = w.tr_mul(&dz);
            dw += &dz * h_t.transpose();
            db += dz;
        }
    }
    let gradients = computation.backward(&outcome, mistake);
    let [v, d, _] = model.sizes();
    let mut dembedding = DMatrix::zeros(v, d);
    for (sequence, dx) in gradients.x.iter().enumerate() {
        for (t, dx_t) in dx.iter().enumerate() {
            let mut row = dembedding.row_mut(ids[t][sequence]);
            row += dx_t.transpose(); // E19
        }
    }
    let mut grad = model.clone();
    grad.tensors = vec![Tensor::from_matrix(&dembedding)];
    for weights in &gradients.weights {
        let tensors = torch_tensors(weights, true).into_iter();
        grad.tensors.extend(tensors.map(|(_, tensor)| tensor));
    }
    let db: DVector<f64> = db;
    grad.tensors.push(Tensor::from_matrix(&dw));
    grad.tensors.push(Tensor::new(&[v], db.as_slice().to_vec()));
    (loss, grad, outcome.last)
}

impl RecordedLstm for Trace {
    fn format(&self) -> &'static str {
        "PyTorch training trace"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        let ids = &self.ids[0];
        let states = self.model.zero_states(ids[0].len());
        let computation = self.model.computation(&ids[..ids.len() - 1], states);
        let can_show = match mistake {
            // The first step starts from zero.
            Mistake::InitialHIgnored | Mistake::InitialCIgnored | Mistake::InitialStatesSwapped => {
                self.carry_state && self.ids.len() > 1
            }
            // The loss does not depend on the last states.
            Mistake::LastHIgnored | Mistake::LastCIgnored => false,
            _ => true,
        };
        can_show && mistake.applies_to(&computation)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let mut out = Tensors::new();
        let mut model = self.model.clone();
        let mut optimizer = OptimizerState::new(self.rule.optimizer, &model);
        let batch_size = self.ids[0][0].len();
        let mut states = model.zero_states(batch_size);
        let (mut losses, mut norms) = (Vec::new(), Vec::new());
        for (n, ids) in self.ids.iter().enumerate() {
            let (loss, mut grad, last) = batch(&model, ids, states, mistake);
            states = if self.carry_state {
                last
            } else {
                model.zero_states(batch_size)
            };
            if n == 0 {
                for (name, tensor) in grad.names.iter().zip(&grad.tensors) {
                    put(&mut out, &format!("grad1.{name}"), tensor.clone());
                }
            }
            losses.push(loss);
            // With an infinite bound nothing is clipped, and the norm is computed all the same.
            let bound = self.clip_norm.unwrap_or(f64::INFINITY);
            norms.push(clip_global_norm(&mut grad.slices_mut(), bound));
            for (g, theta) in grad.slices_mut().into_iter().zip(model.slices()) {
                g.iter_mut()
                    .zip(theta)
                    .for_each(|(g, theta)| *g += self.rule.l2 * theta);
            }
            optimizer.step(&mut model, &grad, self.rule.learning_rate, &Alone);
        }
        put(&mut out, "loss", Tensor::new(&[losses.len()], losses));
        put(&mut out, "gradnorm", Tensor::new(&[norms.len()], norms));
        for (name, tensor) in model.names.iter().zip(model.tensors) {
            put(&mut out, &format!("final.{name}"), tensor);
        }
        out
    }
}
