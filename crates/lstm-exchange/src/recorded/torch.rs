//! `torch.nn.LSTM`: any number of layers, one direction or two, packed lengths, with bias or without,
//! with a projection or without.

use super::{Computation, assert_feasible, blocks, count_layers, put};
use crate::arrange::{Axes, state_tensors, states, zero_states};
use crate::layout::{Layout, matrix, tensor};
use crate::variant::{Case, Direction, Loss, Mistake, Options, Padding, Weights};
use crate::{ExchangeError, Recording, Tensor, Tensors};
use nalgebra::DVector;

pub(super) struct Torch {
    case: Case<f64>,
    suffixes: Vec<String>,
    has_bias: bool,
    has_states: bool,
    has_loss: bool,
    has_gradients: bool,
}

const AXES: Axes = Axes::TimeFirst;

impl Torch {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), ExchangeError> {
        for key in ["batch_first", "dropout"] {
            let entry = recording.metadata.get(key).map(|text| text.to_lowercase());
            if entry.is_some_and(|text| text != "false" && text.parse() != Ok(0.0)) {
                return Err(ExchangeError::Unsupported {
                    what: format!("a PyTorch recording with {key}"),
                });
            }
        }
        let mut used = vec!["x".to_owned()];
        let (x, [seq_len, batch_size, d]) = recording.ranked("x")?;
        let (_, [_, r]) = recording.ranked("weight_hh_l0")?;
        let h = recording.get("weight_hh_l0")?.shape[0] / 4;
        let is_reverse = |name: &String| name.ends_with("_reverse");
        let directions = match recording.tensors.keys().any(is_reverse) {
            true => 2,
            false => 1,
        };
        let has_bias = recording.has("bias_ih_l0") || recording.has("bias_hh_l0");
        let has_projection = recording.has("weight_hr_l0");
        if r != h && !has_projection {
            return Err(ExchangeError::Missing {
                tensor: "weight_hr_l0".into(),
            });
        }
        let count = count_layers(recording, "");
        for (key, size) in [
            ("input_size", d),
            ("hidden_size", h),
            ("steps", seq_len),
            ("batch", batch_size),
            ("layers", count),
        ] {
            recording.expect_size(key, size)?;
        }
        if let Some(entry) = recording.metadata.get("bidirectional")
            && entry.to_lowercase() != (directions == 2).to_string()
        {
            return Err(ExchangeError::Missing {
                tensor: "weight_ih_l0_reverse".into(),
            });
        }
        assert_feasible(
            recording.count(),
            &[seq_len, batch_size, d + h + r, count, directions],
        )?;
        let mut suffixes = Vec::new();
        let mut layers = Vec::new();
        for l in 0..count {
            let inputs = if l == 0 { d } else { directions * r };
            let mut layer = Vec::new();
            for reverse in [false, true].into_iter().take(directions) {
                let suffix = format!("_l{l}{}", if reverse { "_reverse" } else { "" });
                let weights = weights(
                    recording,
                    &suffix,
                    [inputs, h, r],
                    has_bias,
                    has_projection,
                    &mut used,
                )?;
                layer.push(Direction {
                    weights,
                    options: Options::default(),
                    reverse,
                });
                suffixes.push(suffix);
            }
            layers.push(layer);
        }
        let n = suffixes.len();
        let mut get = |name: &str, shape: &[usize]| {
            used.push(name.to_owned());
            recording.shaped(name, shape).cloned()
        };
        let has_states = recording.has("h0") || recording.has("c0");
        let initial = match has_states {
            true => states(
                &get("h0", &[n, batch_size, r])?,
                &get("c0", &[n, batch_size, h])?,
            ),
            false => zero_states(&vec![(r, h); n], batch_size),
        };
        let has_gradients = recording
            .tensors
            .keys()
            .any(|name| name.starts_with("grad."));
        let has_loss = has_gradients || recording.has("loss") || recording.has("wy");
        let loss = match has_loss {
            true => Loss {
                wy: AXES.sequences(&get("wy", &[seq_len, batch_size, directions * r])?),
                last: states(
                    &get("wh", &[n, batch_size, r])?,
                    &get("wc", &[n, batch_size, h])?,
                ),
            },
            false => Loss {
                wy: vec![vec![DVector::zeros(directions * r); seq_len]; batch_size],
                last: zero_states(&vec![(r, h); n], batch_size),
            },
        };
        let lengths = match recording.has("lengths") {
            true => {
                used.push("lengths".into());
                recording.counts("lengths", &[batch_size], seq_len)?
            }
            false => vec![seq_len; batch_size],
        };
        let case = Case {
            layers,
            x: AXES.sequences(x),
            lengths,
            initial,
            padding: Padding::Zero,
            in_reading_order: false,
            window: None,
            loss,
        };
        let torch = Self {
            case,
            suffixes,
            has_bias,
            has_states,
            has_loss,
            has_gradients,
        };
        Ok((torch, used))
    }
}

/// The weights named `weight_ih{suffix}` and so on, of sizes \[D, H, R\].
fn weights(
    recording: &Recording,
    suffix: &str,
    [d, h, r]: [usize; 3],
    has_bias: bool,
    has_projection: bool,
    used: &mut Vec<String>,
) -> Result<Weights<f64>, ExchangeError> {
    let mut get = |name: &str, shape: &[usize]| {
        let name = format!("{name}{suffix}");
        let tensor = recording.shaped(&name, shape).cloned();
        used.push(name);
        tensor
    };
    let w_x = Layout::PYTORCH.split(&get("weight_ih", &[4 * h, d])?);
    let w_h = Layout::PYTORCH.split(&get("weight_hh", &[4 * h, r])?);
    let mut bias = |name: &str| match has_bias {
        true => Ok(Layout::PYTORCH.split_vector(&get(name, &[4 * h])?.data)),
        false => Ok::<_, ExchangeError>([(); 4].map(|()| DVector::zeros(h))),
    };
    let (b_x, b_h) = (bias("bias_ih")?, bias("bias_hh")?);
    let projection = match has_projection {
        true => Some(matrix(&get("weight_hr", &[r, h])?)),
        false => None,
    };
    Ok(Weights {
        blocks: blocks(w_x, w_h, b_x, b_h),
        peepholes: None,
        projection,
    })
}

impl Computation for Torch {
    fn format(&self) -> &'static str {
        "PyTorch"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.case)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let (case, mut out) = (&self.case, Tensors::new());
        let outcome = case.outcome(mistake);
        let r = case.layers[0][0].weights.output_size();
        put(
            &mut out,
            "y",
            AXES.tensor(&outcome.y, r * case.layers[0].len()),
        );
        let [hn, cn] = state_tensors(&outcome.last);
        put(&mut out, "hn", hn);
        put(&mut out, "cn", cn);
        if self.has_loss {
            put(&mut out, "loss", Tensor::new(&[1], vec![outcome.loss]));
        }
        if !self.has_gradients {
            return out;
        }
        let gradients = case.gradients(&outcome, mistake);
        let d = case.layers[0][0].weights.blocks[0].w_x.ncols();
        put(&mut out, "grad.x", AXES.tensor(&gradients.x, d));
        if self.has_states {
            let [h0, c0] = state_tensors(&gradients.initial);
            put(&mut out, "grad.h0", h0);
            put(&mut out, "grad.c0", c0);
        }
        for (suffix, grad) in self.suffixes.iter().zip(&gradients.weights) {
            for (name, tensor) in torch_tensors(grad, self.has_bias) {
                put(&mut out, &format!("grad.{name}{suffix}"), tensor);
            }
        }
        out
    }
}

/// `weight_ih`, `weight_hh` and so on of one direction.
pub(crate) fn torch_tensors(weights: &Weights<f64>, has_bias: bool) -> Vec<(&'static str, Tensor)> {
    let blocks = weights.blocks.each_ref();
    let layout = Layout::PYTORCH;
    let mut all = vec![
        ("weight_ih", layout.join(blocks.map(|block| &block.w_x))),
        ("weight_hh", layout.join(blocks.map(|block| &block.w_h))),
    ];
    if has_bias {
        all.push((
            "bias_ih",
            layout.join_vector(blocks.map(|block| &block.b_x)),
        ));
        all.push((
            "bias_hh",
            layout.join_vector(blocks.map(|block| &block.b_h)),
        ));
    }
    if let Some(w_p) = &weights.projection {
        all.push(("weight_hr", tensor(w_p)));
    }
    all
}
