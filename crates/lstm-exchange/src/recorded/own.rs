//! This project's own vectors: every gate by itself, so that no order of blocks is assumed; every value
//! of every step; and the gradient of everything.

use super::{Computation, assert_feasible, put};
use crate::arrange::{Axes, state_tensors, states};
use crate::layout::{matrix, tensor};
use crate::variant::{
    Block, Case, Direction, Gradients, Loss, Mistake, Options, Outcome, Padding, Weights,
};
use crate::{ExchangeError, Recording, Tensor, Tensors};
use nalgebra::DVector;
use serde_json::{Value, json};

/// The entry of the metadata that says which version of the form a file has.
pub(crate) const VERSION: &str = "lstm-vector";

const AXES: Axes = Axes::TimeFirst;
const BLOCKS: [&str; 4] = ["i", "f", "g", "o"];
const PEEPHOLES: [&str; 3] = ["i", "f", "o"];

pub(crate) struct Own {
    pub case: Case<f64>,
}

/// `layer0.`, `layer0_reverse.`, `layer1.` …
fn prefixes(case: &Case<f64>) -> Vec<String> {
    let layers = case.layers.iter().enumerate();
    let prefix = |l: usize, direction: &Direction<f64>| match direction.reverse {
        true => format!("layer{l}_reverse."),
        false => format!("layer{l}."),
    };
    layers
        .flat_map(|(l, layer)| layer.iter().map(move |direction| prefix(l, direction)))
        .collect()
}

impl Own {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), ExchangeError> {
        if recording.metadata.get(VERSION).map(String::as_str) != Some("1") {
            return Err(ExchangeError::Metadata {
                key: VERSION.into(),
                why: "is not 1".into(),
            });
        }
        let (x, [seq_len, batch_size, d]) = recording.ranked("x")?;
        let (_, [h, r]) = recording.ranked("layer0.w_hi")?;
        let (options, window) = options(recording)?;
        let is_there = |prefix: &str| {
            recording
                .tensors
                .keys()
                .any(|name| name.starts_with(prefix))
        };
        let mut used: Vec<String> = ["x", "lengths", "wy"].map(str::to_owned).to_vec();
        let (mut layers, mut inputs) = (Vec::new(), d);
        for l in 0.. {
            let names = [format!("layer{l}."), format!("layer{l}_reverse.")];
            let own = names.iter().filter(|name| is_there(name));
            let layer = own
                .map(|name| {
                    Ok(Direction {
                        weights: weights(
                            recording,
                            name,
                            [inputs, h, r],
                            options.coupled,
                            &mut used,
                        )?,
                        options,
                        reverse: name.ends_with("_reverse."),
                    })
                })
                .collect::<Result<Vec<_>, ExchangeError>>()?;
            if layer.is_empty() {
                break;
            }
            inputs = r * layer.len();
            layers.push(layer);
        }
        let lengths = recording.counts("lengths", &[batch_size], seq_len)?;
        assert_feasible(
            recording.count(),
            &[seq_len, batch_size, d + h + r, layers.len(), 2],
        )?;
        let mut case = Case {
            layers,
            x: AXES.sequences(x),
            lengths,
            initial: Vec::new(),
            padding: Padding::Zero,
            in_reading_order: false,
            window,
            loss: Loss {
                wy: AXES.sequences(recording.shaped("wy", &[seq_len, batch_size, inputs])?),
                last: Vec::new(),
            },
        };
        for prefix in prefixes(&case) {
            let mut pair = |names: [&str; 2]| {
                let [h_name, c_name] = names.map(|name| format!("{prefix}{name}"));
                let of = |name: &str, size| {
                    let tensor = recording.shaped(name, &[batch_size, size])?;
                    Ok::<_, ExchangeError>(Tensor::new(&[1, batch_size, size], tensor.data.clone()))
                };
                let pair = states(&of(&h_name, r)?, &of(&c_name, h)?);
                used.extend([h_name, c_name]);
                Ok::<_, ExchangeError>(pair.into_iter().flatten().collect())
            };
            case.initial.push(pair(["h_0", "c_0"])?);
            case.loss.last.push(pair(["wh", "wc"])?);
        }
        Ok((Self { case }, used))
    }

    /// What the recording begins with, and its metadata.
    pub fn inputs(&self) -> Recording {
        let (case, mut tensors) = (&self.case, Tensors::new());
        let d = case.layers[0][0].weights.blocks[0].w_x.ncols();
        let lengths: Vec<f64> = case.lengths.iter().map(|&length| length as f64).collect();
        put(&mut tensors, "x", AXES.tensor(&case.x, d));
        put(
            &mut tensors,
            "lengths",
            Tensor::new(&[lengths.len()], lengths),
        );
        put(
            &mut tensors,
            "wy",
            AXES.tensor(&case.loss.wy, case.loss.wy[0][0].len()),
        );
        for (n, (prefix, direction)) in prefixes(case).iter().zip(case.directions()).enumerate() {
            let weights = named(&direction.weights, direction.options.coupled);
            let states = [
                ("h_0", "c_0", &case.initial[n]),
                ("wh", "wc", &case.loss.last[n]),
            ];
            for (name, tensor) in weights {
                put(&mut tensors, &format!("{prefix}{name}"), tensor);
            }
            for (h_name, c_name, states) in states {
                let [h, c] = state_tensors(std::slice::from_ref(states));
                put(&mut tensors, &format!("{prefix}{h_name}"), h.part(0));
                put(&mut tensors, &format!("{prefix}{c_name}"), c.part(0));
            }
        }
        let options = case.layers[0][0].options;
        let options = json!({
            "clip": options.clip,
            "coupled": options.coupled,
            "window": case.window,
        });
        Recording {
            tensors,
            metadata: [
                (VERSION.to_owned(), "1".to_owned()),
                ("options".to_owned(), options.to_string()),
            ]
            .into(),
            single: Default::default(),
        }
    }
}

/// What is not a weight; the activations are σ and tanh.
fn options(recording: &Recording) -> Result<(Options, Option<usize>), ExchangeError> {
    let wrong = |why: &str| ExchangeError::Metadata {
        key: "options".into(),
        why: why.into(),
    };
    let entry = recording
        .entry("options")
        .ok_or_else(|| wrong("is missing"))?;
    let Value::Object(entries) = &entry else {
        return Err(wrong("is not a JSON object"));
    };
    if let Some(key) = entries
        .keys()
        .find(|key| !["clip", "coupled", "window"].contains(&key.as_str()))
    {
        return Err(ExchangeError::Unsupported {
            what: format!("the option {key}"),
        });
    }
    let options = Options {
        clip: match &entry["clip"] {
            Value::Null => None,
            clip => Some(
                clip.as_f64()
                    .filter(|&c| c > 0.0)
                    .ok_or_else(|| wrong("clip is not a positive number"))?,
            ),
        },
        coupled: entry["coupled"]
            .as_bool()
            .ok_or_else(|| wrong("coupled is not true or false"))?,
        ..Options::default()
    };
    let window = match &entry["window"] {
        Value::Null => None,
        window => match window.as_u64() {
            Some(1..) => window.as_u64().map(|window| window as usize),
            _ => return Err(wrong("window is not a number of steps")),
        },
    };
    Ok((options, window))
}

fn weights(
    recording: &Recording,
    prefix: &str,
    [inputs, h, r]: [usize; 3],
    coupled: bool,
    used: &mut Vec<String>,
) -> Result<Weights<f64>, ExchangeError> {
    let mut get = |name: String, shape: &[usize]| {
        let name = format!("{prefix}{name}");
        let tensor = recording.shaped(&name, shape).cloned();
        used.push(name);
        tensor
    };
    let vector = |tensor: Tensor| DVector::from_vec(tensor.data);
    let mut blocks = Vec::new();
    for k in BLOCKS {
        // f = 1 − i has no weights.
        let is_absent = coupled && k == "f";
        let mut read = |name: String, shape: &[usize]| match is_absent {
            true => Ok(Tensor::new(shape, vec![0.0; shape.iter().product()])),
            false => get(name, shape),
        };
        blocks.push(Block {
            w_x: matrix(&read(format!("w_x{k}"), &[h, inputs])?),
            w_h: matrix(&read(format!("w_h{k}"), &[h, r])?),
            b_x: vector(read(format!("b_{k}"), &[h])?),
            b_h: DVector::zeros(h),
        });
    }
    let has_peepholes = PEEPHOLES
        .iter()
        .any(|k| recording.has(&format!("{prefix}p_{k}")));
    let peepholes = match has_peepholes {
        true => Some([
            vector(get("p_i".into(), &[h])?),
            match coupled {
                true => DVector::zeros(h),
                false => vector(get("p_f".into(), &[h])?),
            },
            vector(get("p_o".into(), &[h])?),
        ]),
        false => None,
    };
    let projection = match r != h || recording.has(&format!("{prefix}w_p")) {
        true => Some(matrix(&get("w_p".into(), &[r, h])?)),
        false => None,
    };
    Ok(Weights {
        blocks: blocks.try_into().expect("one for each block"),
        peepholes,
        projection,
    })
}

/// The tensors of one direction.
fn named(weights: &Weights<f64>, coupled: bool) -> Vec<(String, Tensor)> {
    let vector = |v: &DVector<f64>| Tensor::new(&[v.len()], v.as_slice().to_vec());
    let is_there = |k: &str| !(coupled && k == "f");
    let mut all = Vec::new();
    for (k, block) in BLOCKS
        .iter()
        .zip(&weights.blocks)
        .filter(|(k, _)| is_there(k))
    {
        all.push((format!("w_x{k}"), tensor(&block.w_x)));
        all.push((format!("w_h{k}"), tensor(&block.w_h)));
        all.push((format!("b_{k}"), vector(&block.b_x)));
    }
    let peepholes = PEEPHOLES.iter().zip(weights.peepholes.iter().flatten());
    for (k, p) in peepholes.filter(|(k, _)| is_there(k)) {
        all.push((format!("p_{k}"), vector(p)));
    }
    if let Some(w_p) = &weights.projection {
        all.push(("w_p".into(), tensor(w_p)));
    }
    all
}

impl Computation for Own {
    fn format(&self) -> &'static str {
        "a vector of this project"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.case)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let outcome = self.case.outcome(mistake);
        let mut out = self.values(&outcome);
        out.extend(self.gradients(&self.case.gradients(&outcome, mistake)));
        out
    }
}

impl Own {
    /// Every value of the way forward.
    fn values(&self, outcome: &Outcome<f64>) -> Tensors {
        let (case, mut out) = (&self.case, Tensors::new());
        put(
            &mut out,
            "y",
            AXES.tensor(&outcome.y, outcome.y[0][0].len()),
        );
        put(&mut out, "loss", Tensor::new(&[1], vec![outcome.loss]));
        for (n, (prefix, direction)) in prefixes(case).iter().zip(case.directions()).enumerate() {
            let (h, r) = (
                direction.weights.hidden_size(),
                direction.weights.output_size(),
            );
            let mut value =
                |name: &str,
                 size: usize,
                 of: &dyn Fn(&crate::variant::Step<f64>) -> DVector<f64>| {
                    let at = |b, t| {
                        outcome
                            .step(n, b, t)
                            .map_or_else(|| DVector::zeros(size), of)
                    };
                    let sequences = (0..case.x.len())
                        .map(|b| (0..case.x[b].len()).map(|t| at(b, t)).collect())
                        .collect();
                    put(
                        &mut out,
                        &format!("{prefix}{name}"),
                        AXES.tensor(&sequences, size),
                    );
                };
            for (k, name) in ["i_t", "f_t", "g_t", "o_t"].into_iter().enumerate() {
                value(name, h, &|step| step.gates[k].clone());
            }
            value("c_t", h, &|step| step.c.clone());
            value("h_t", r, &|step| step.h.clone());
            let [h_last, c_last] = state_tensors(&outcome.last[n..=n]);
            put(&mut out, &format!("{prefix}h_T"), h_last.part(0));
            put(&mut out, &format!("{prefix}c_T"), c_last.part(0));
        }
        out
    }

    fn gradients(&self, gradients: &Gradients<f64>) -> Tensors {
        let (case, mut out) = (&self.case, Tensors::new());
        let d = case.layers[0][0].weights.blocks[0].w_x.ncols();
        put(&mut out, "grad.x", AXES.tensor(&gradients.x, d));
        let [dh, dc] = state_tensors(&gradients.initial);
        for (n, prefix) in prefixes(case).iter().enumerate() {
            let coupled = case.layers[0][0].options.coupled;
            for (name, tensor) in named(&gradients.weights[n], coupled) {
                put(&mut out, &format!("grad.{prefix}{name}"), tensor);
            }
            put(&mut out, &format!("grad.{prefix}h_0"), dh.part(n));
            put(&mut out, &format!("grad.{prefix}c_0"), dc.part(n));
        }
        out
    }
}
