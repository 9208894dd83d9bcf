//! The attributes of the ONNX operator `LSTM`.

use crate::CheckError;
use crate::variant::{Activation, Options};
use serde_json::{Map, Value};

/// A node's attributes.
pub(super) struct Attributes {
    pub hidden_size: Option<usize>,
    pub is_batch_first: bool,
    /// Whether each direction is the reverse one, and its options.
    pub directions: Vec<(bool, Options)>,
}

impl Attributes {
    pub fn read(entries: &Map<String, Value>) -> Result<Self, CheckError> {
        let wrong = |key: &str, why: &str| CheckError::metadata(format!("attribute {key}"), why);
        let (mut options, mut hidden_size, mut is_batch_first) = (Options::default(), None, false);
        let mut reverses = vec![false];
        for (key, value) in entries {
            match (key.as_str(), value) {
                ("hidden_size", value) => {
                    let size = value.as_u64().filter(|&size| size > 0);
                    hidden_size =
                        Some(size.ok_or_else(|| wrong(key, "is not a positive integer"))? as usize);
                }
                ("layout" | "input_forget", value) => {
                    let flag = match value.as_u64() {
                        Some(flag @ (0 | 1)) => flag == 1,
                        _ => return Err(wrong(key, "is neither 0 nor 1")),
                    };
                    match key.as_str() {
                        "layout" => is_batch_first = flag,
                        _ => options.coupled = flag,
                    }
                }
                ("clip", value) => {
                    let clip = value.as_f64().filter(|&clip| clip >= 0.0);
                    let clip = clip.ok_or_else(|| wrong(key, "is not a number of 0 or more"))?;
                    options.clip = Some(clip).filter(|&clip| clip > 0.0);
                }
                ("direction", Value::String(direction)) => {
                    reverses = match direction.as_str() {
                        "forward" => vec![false],
                        "reverse" => vec![true],
                        "bidirectional" => vec![false, true],
                        _ => return Err(wrong(key, &format!("{direction} is not a direction"))),
                    };
                }
                ("activations" | "activation_alpha" | "activation_beta", Value::Array(_)) => {}
                _ => {
                    let what = format!("the attribute {key} = {value}");
                    return Err(CheckError::unsupported(what));
                }
            }
        }
        let mut activations = activations(entries, reverses.len())?.into_iter();
        let directions = reverses.into_iter().map(|reverse| {
            if let Some([gate, candidate, cell]) = activations.next() {
                (options.gate, options.candidate, options.cell) = (gate, candidate, cell);
            }
            (reverse, options)
        });
        Ok(Self {
            hidden_size,
            is_batch_first,
            directions: directions.collect(),
        })
    }
}

/// Three for each direction: of the gates, the candidate and the cell. The lists of α and β have values only
/// for the activations that need them.
fn activations(
    entries: &Map<String, Value>,
    directions: usize,
) -> Result<Vec<[Activation; 3]>, CheckError> {
    let list = |key: &str| match entries.get(key) {
        Some(Value::Array(list)) => list.clone(),
        _ => Vec::new(),
    };
    let names = list("activations");
    if names.is_empty() {
        return Ok(Vec::new());
    }
    if names.len() != 3 * directions {
        let why = format!("has {} names, expected {}", names.len(), 3 * directions);
        return Err(CheckError::metadata("attribute activations", why));
    }
    let (mut alphas, mut betas) = (list("activation_alpha"), list("activation_beta"));
    let next = |list: &mut Vec<Value>, default: f64| {
        if list.is_empty() {
            default
        } else {
            list.remove(0).as_f64().unwrap_or(default)
        }
    };
    let mut all = Vec::new();
    for name in &names {
        let text = name.as_str().unwrap_or_default().to_lowercase();
        all.push(match text.as_str() {
            "sigmoid" => Activation::Sigmoid,
            "tanh" => Activation::Tanh,
            "relu" => Activation::Relu,
            "affine" => Activation::Affine(next(&mut alphas, 0.0), next(&mut betas, 0.0)),
            "leakyrelu" => Activation::LeakyRelu(next(&mut alphas, 0.01)),
            "thresholdedrelu" => Activation::ThresholdedRelu(next(&mut alphas, 0.0)),
            "scaledtanh" => Activation::ScaledTanh(next(&mut alphas, 0.0), next(&mut betas, 0.0)),
            "hardsigmoid" => Activation::HardSigmoid(next(&mut alphas, 0.2), next(&mut betas, 0.5)),
            "elu" => Activation::Elu(next(&mut alphas, 1.0)),
            "softsign" => Activation::Softsign,
            "softplus" => Activation::Softplus,
            _ => {
                return Err(CheckError::unsupported(format!("the activation {name}")));
            }
        });
    }
    Ok(all.chunks(3).map(|c| [c[0], c[1], c[2]]).collect())
}
