//! The ONNX operator `LSTM`: directions, lengths, initial states, peepholes, clipping, coupled gates,
//! activations, both layouts.
//!
//! Where the operator's text leaves a choice this follows ONNX Runtime (1.32, over a thousand random
//! cases):
//! - clipping acts on the gates' pre-activations, peepholes included, and not on the cell;
//! - `input_forget` is f = 1 − i, and peepholes of f count for nothing then;
//! - a sequence without steps leaves zero in Y_h and Y_c, whatever its initial state;
//! - behind a sequence's end Y is zero, and the reverse direction starts at the end;
//! - names of activations may be written in any case; α and β are taken from their lists in the order
//!   of the activations that have them, and when a list is at its end: LeakyRelu 0.01, HardSigmoid 0.2
//!   and 0.5, Elu 1, but ThresholdedRelu, Affine and ScaledTanh 0, where ONNX's text has 1 for the
//!   first and names nothing for the others.
//!
//! ONNX Runtime has no `layout` 1; there ONNX's reference evaluator is followed.

mod attributes;

use super::{Computation, assert_feasible, blocks, put};
use crate::arrange::{Axes, state_tensors, states, zero_states};
use crate::layout::Layout;
use crate::variant::{Case, Direction, Loss, Mistake, Padding, Weights};
use crate::{ExchangeError, Recording, Tensor, Tensors};
use attributes::Attributes;
use nalgebra::DVector;
use serde_json::{Map, Value};

/// The operator's inputs by name.
pub(crate) struct Operator<'a> {
    pub attributes: &'a Map<String, Value>,
    /// X, W, R, B, sequence_lens, initial_h, initial_c, P; those that are there.
    pub input: &'a dyn Fn(&str) -> Option<Tensor>,
}

/// The operator, understood.
pub(crate) struct Onnx {
    case: Case<f64>,
    is_batch_first: bool,
}

impl Onnx {
    pub fn new(operator: &Operator<'_>) -> Result<Self, ExchangeError> {
        let attributes = Attributes::read(operator.attributes)?;
        let axes = match attributes.is_batch_first {
            true => Axes::BatchFirst,
            false => Axes::TimeFirst,
        };
        let input = |name: &str, shape: &[usize]| {
            let tensor = (operator.input)(name);
            tensor.map(|tensor| shaped(name, tensor, shape)).transpose()
        };
        let needed = |name: &str| {
            let tensor = (operator.input)(name);
            tensor.ok_or_else(|| ExchangeError::Missing {
                tensor: name.into(),
            })
        };
        let (x, r) = (needed("X")?, needed("R")?);
        let (&[first, second, d], &[dirs, _, h]) = (&x.shape[..], &r.shape[..]) else {
            return Err(ExchangeError::Unsupported {
                what: format!("X of shape {:?} with R of shape {:?}", x.shape, r.shape),
            });
        };
        let [seq_len, batch_size] = axes.order([first, second]);
        let directions = &attributes.directions;
        if attributes.hidden_size.is_some_and(|size| size != h) || dirs != directions.len() {
            return Err(ExchangeError::Shape {
                tensor: "R".into(),
                found: r.shape.clone(),
                expected: vec![directions.len(), 4 * h, attributes.hidden_size.unwrap_or(h)],
            });
        }
        let given = x.data.len() + r.data.len();
        assert_feasible(given, &[seq_len, batch_size, d + h, dirs])?;
        let w = shaped("W", needed("W")?, &[dirs, 4 * h, d])?;
        let r = shaped("R", r, &[dirs, 4 * h, h])?;
        let b = input("B", &[dirs, 8 * h])?;
        let p = input("P", &[dirs, 3 * h])?;
        let layer = directions
            .iter()
            .enumerate()
            .map(|(n, &(reverse, options))| {
                let zeros = || [(); 4].map(|()| DVector::zeros(h));
                let bias = |half: usize| match &b {
                    Some(b) => Layout::ONNX.split_vector(&b.part(n).data[half * 4 * h..][..4 * h]),
                    None => zeros(),
                };
                // They lie i o f.
                let peepholes = p.as_ref().map(|p| {
                    let part = p.part(n).data;
                    [0, 2, 1].map(|k| DVector::from_column_slice(&part[k * h..(k + 1) * h]))
                });
                Direction {
                    weights: Weights {
                        blocks: blocks(
                            Layout::ONNX.split(&w.part(n)),
                            Layout::ONNX.split(&r.part(n)),
                            bias(0),
                            bias(1),
                        ),
                        peepholes,
                        projection: None,
                    },
                    options,
                    reverse,
                }
            });
        let sizes = vec![(h, h); dirs];
        let state = |name: &str| {
            let shape = match attributes.is_batch_first {
                true => [batch_size, dirs, h],
                false => [dirs, batch_size, h],
            };
            let tensor = input(name, &shape)?;
            Ok::<_, ExchangeError>(match tensor {
                Some(tensor) if attributes.is_batch_first => swapped(&tensor),
                Some(tensor) => tensor,
                None => Tensor::new(&[dirs, batch_size, h], vec![0.0; dirs * batch_size * h]),
            })
        };
        let lengths = match (operator.input)("sequence_lens") {
            Some(tensor) => {
                let mut one = Recording::default();
                one.tensors.insert("sequence_lens".into(), tensor);
                one.counts("sequence_lens", &[batch_size], seq_len)?
            }
            None => vec![seq_len; batch_size],
        };
        let case = Case {
            layers: vec![layer.collect()],
            x: axes.sequences(&x),
            lengths,
            initial: states(&state("initial_h")?, &state("initial_c")?),
            padding: Padding::Zero,
            in_reading_order: false,
            window: None,
            loss: Loss {
                wy: vec![vec![DVector::zeros(dirs * h); seq_len]; batch_size],
                last: zero_states(&sizes, batch_size),
            },
        };
        Ok(Self {
            case,
            is_batch_first: attributes.is_batch_first,
        })
    }

    /// Whether it has what a mistake is about.
    pub fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.case)
    }

    /// Y, Y_h and Y_c, in the operator's shapes.
    pub fn outputs(&self, mistake: Option<Mistake>) -> [Tensor; 3] {
        let case = &self.case;
        let mut outcome = case.outcome(mistake);
        for (b, &length) in case.lengths.iter().enumerate() {
            if length == 0 && mistake != Some(Mistake::PaddingNotFrozen) {
                for last in &mut outcome.last {
                    last[b].h.fill(0.0);
                    last[b].c.fill(0.0);
                }
            }
        }
        let dirs = case.layers[0].len();
        let h = case.layers[0][0].weights.hidden_size();
        let (batch_size, seq_len) = (case.x.len(), case.x[0].len());
        let [y_h, y_c] = state_tensors(&outcome.last);
        if self.is_batch_first {
            let mut y = Axes::BatchFirst.tensor(&outcome.y, dirs * h);
            y.shape = vec![batch_size, seq_len, dirs, h];
            return [y, swapped(&y_h), swapped(&y_c)];
        }
        let mut data = Vec::with_capacity(seq_len * dirs * batch_size * h);
        for t in 0..seq_len {
            for n in 0..dirs {
                for sequence in &outcome.y {
                    data.extend_from_slice(sequence[t].rows(n * h, h).into_owned().as_slice());
                }
            }
        }
        [Tensor::new(&[seq_len, dirs, batch_size, h], data), y_h, y_c]
    }
}

fn shaped(name: &str, tensor: Tensor, expected: &[usize]) -> Result<Tensor, ExchangeError> {
    match tensor.shape == expected {
        true => Ok(tensor),
        false => Err(ExchangeError::Shape {
            tensor: name.into(),
            found: tensor.shape,
            expected: expected.to_vec(),
        }),
    }
}

/// The first two of three dimensions exchanged.
fn swapped(tensor: &Tensor) -> Tensor {
    Axes::TimeFirst.tensor(&Axes::BatchFirst.sequences(tensor), tensor.shape[2])
}

/// A recorded operator: `in.X` and so on, `out.Y` and `spec64.Y` and so on.
pub(super) struct Node {
    onnx: Onnx,
    /// The names of what is recorded: which file prefix, and which of the three.
    outputs: Vec<(String, usize)>,
}

/// The names of the operator's inputs, in order.
pub(crate) const INPUTS: [&str; 8] = [
    "X",
    "W",
    "R",
    "B",
    "sequence_lens",
    "initial_h",
    "initial_c",
    "P",
];
const OUTPUTS: [&str; 3] = ["Y", "Y_h", "Y_c"];

impl Node {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), ExchangeError> {
        let wrong = |key: &str| ExchangeError::Metadata {
            key: key.into(),
            why: "is not what ONNX says it is".into(),
        };
        let attributes = match recording.entry("attributes") {
            Some(Value::Object(attributes)) => attributes,
            None => Map::new(),
            Some(_) => return Err(wrong("attributes")),
        };
        // What the metadata names must be there.
        let named = |key: &str| match recording.entry(key) {
            Some(Value::Array(names)) => names
                .iter()
                .map(|name| name.as_str().map(str::to_owned).ok_or_else(|| wrong(key)))
                .collect::<Result<Vec<_>, _>>(),
            None => Ok(Vec::new()),
            Some(_) => Err(wrong(key)),
        };
        for name in named("inputs")?.iter().filter(|name| !name.is_empty()) {
            recording.get(&format!("in.{name}"))?;
        }
        let input = |name: &str| recording.tensors.get(&format!("in.{name}")).cloned();
        let onnx = Onnx::new(&Operator {
            attributes: &attributes,
            input: &input,
        })?;
        let listed = named("outputs")?;
        let is_recorded = |prefix: &str| {
            recording
                .tensors
                .keys()
                .any(|name| name.starts_with(prefix))
        };
        let mut outputs = Vec::new();
        for prefix in ["out.", "spec64."]
            .into_iter()
            .filter(|prefix| is_recorded(prefix))
        {
            for (n, name) in OUTPUTS.iter().enumerate() {
                let own = format!("{prefix}{name}");
                if listed.iter().any(|listed| listed == name) || recording.has(&own) {
                    outputs.push((own, n));
                }
            }
        }
        if outputs.is_empty() {
            return Err(ExchangeError::Missing {
                tensor: "out.Y".into(),
            });
        }
        let used = INPUTS.iter().map(|name| format!("in.{name}")).collect();
        Ok((Self { onnx, outputs }, used))
    }
}

impl Computation for Node {
    fn format(&self) -> &'static str {
        "ONNX"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        self.onnx.applies(mistake)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let values = self.onnx.outputs(mistake);
        let mut out = Tensors::new();
        for (name, n) in &self.outputs {
            put(&mut out, name, values[*n].clone());
        }
        out
    }
}
