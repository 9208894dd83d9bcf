//! Vectors that tell a right LSTM from a wrong one: small, in double precision, with every value of
//! every step and the gradient of everything.
//!
//! All inputs are multiples of 1/4096 between −1 and 1, exact in single precision and in decimals, no
//! two alike by design, of order 1; D ≠ H, two sequences or more, initial states that are not zero, and
//! a loss that weighs every h_t, h_T and c_T.

use crate::recorded::{Computation, Own};
use crate::variant::{Block, Case, Direction, Loss, Options, Padding, Weights};
use crate::{Recording, Tensor, Tensors};
use lstm_cell::State;
use nalgebra::{DMatrix, DVector};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A vector: what it shows, what it is computed from, and what is computed.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Its file's stem.
    pub name: &'static str,
    /// What it is there for.
    pub purpose: &'static str,
    /// Weights, inputs, states, and the weights of the loss; with the metadata.
    pub inputs: Recording,
    /// Values and gradients.
    pub computed: Tensors,
}

/// What distinguishes one vector from the others.
#[derive(Clone, Copy)]
struct Form {
    name: &'static str,
    purpose: &'static str,
    seq_len: usize,
    layers: usize,
    directions: usize,
    lengths: Option<[usize; 3]>,
    peepholes: bool,
    projection: bool,
    options: Options,
    window: Option<usize>,
}

const D: usize = 2;
const H: usize = 3;
const R: usize = 2;

/// All of them, the smallest first.
pub fn vectors() -> Vec<Vector> {
    let plain = Options::default();
    let step = Form {
        name: "step",
        purpose: "one step (E1–E7, E10–E17)",
        seq_len: 1,
        layers: 1,
        directions: 1,
        lengths: None,
        peepholes: false,
        projection: false,
        options: plain,
        window: None,
    };
    let sequence = Form {
        name: "sequence",
        purpose: "four steps: what goes from step to step, forward and back (E8, E9, E11)",
        seq_len: 4,
        ..step
    };
    let forms = [
        step,
        sequence,
        Form {
            name: "ragged",
            purpose: "three sequences of 4, 2 and 3 steps: padding is frozen (E27)",
            lengths: Some([4, 2, 3]),
            ..sequence
        },
        Form {
            name: "bidirectional",
            purpose: "both directions over sequences of 4, 2 and 3 steps (E27)",
            lengths: Some([4, 2, 3]),
            directions: 2,
            ..sequence
        },
        Form {
            name: "stack",
            purpose: "two layers (E26)",
            layers: 2,
            ..sequence
        },
        Form {
            name: "peepholes",
            purpose: "gates that see the cell: i and f c_{t−1}, o c_t",
            peepholes: true,
            ..sequence
        },
        Form {
            name: "coupled",
            purpose: "f = 1 − i",
            options: Options {
                coupled: true,
                ..plain
            },
            ..sequence
        },
        Form {
            name: "clip",
            purpose: "pre-activations between −1/2 and 1/2",
            options: Options {
                clip: Some(0.5),
                ..plain
            },
            ..sequence
        },
        Form {
            name: "projection",
            purpose: "h_t = W_p (o_t ⊙ tanh c_t)",
            projection: true,
            ..sequence
        },
        Form {
            name: "truncated",
            purpose: "gradients cut every two steps; states cross",
            seq_len: 6,
            window: Some(2),
            ..sequence
        },
    ];
    let mut all: Vec<Vector> = forms
        .into_iter()
        .enumerate()
        .map(|(n, form)| form.vector(n as u64))
        .collect();
    all.push(training());
    all
}

/// Multiples of 1/4096, none close to zero.
struct Numbers(ChaCha8Rng);

impl Numbers {
    fn next(&mut self) -> f64 {
        let size = f64::from(self.0.random_range(256..=4096_u32)) / 4096.0;
        if self.0.random_range(0..2) == 0 {
            size
        } else {
            -size
        }
    }

    fn vector(&mut self, len: usize) -> DVector<f64> {
        DVector::from_fn(len, |_, _| self.next())
    }

    fn matrix(&mut self, rows: usize, columns: usize) -> DMatrix<f64> {
        DMatrix::from_fn(rows, columns, |_, _| self.next())
    }

    fn tensor(&mut self, shape: &[usize]) -> Tensor {
        let data = (0..shape.iter().product()).map(|_| self.next()).collect();
        Tensor::new(shape, data)
    }
}

impl Form {
    fn vector(self, seed: u64) -> Vector {
        let own = Own {
            case: self.case(&mut Numbers(ChaCha8Rng::seed_from_u64(seed))),
        };
        Vector::new(self.name, self.purpose, own.inputs(), &own)
    }

    fn case(self, n: &mut Numbers) -> Case<f64> {
        let lengths = match self.lengths {
            Some(lengths) => lengths.to_vec(),
            None => vec![self.seq_len; 2],
        };
        let r = if self.projection { R } else { H };
        let layer = |l: usize, n: &mut Numbers| {
            let inputs = if l == 0 { D } else { r * self.directions };
            let direction = |reverse: bool, n: &mut Numbers| Direction {
                weights: self.weights(inputs, r, n),
                options: self.options,
                reverse,
            };
            let both = [false, true].into_iter().take(self.directions);
            both.map(|reverse| direction(reverse, n))
                .collect::<Vec<_>>()
        };
        let layers: Vec<_> = (0..self.layers).map(|l| layer(l, n)).collect();
        let states = |n: &mut Numbers| -> Vec<Vec<State<f64>>> {
            let mut one = || State {
                h: n.vector(r),
                c: n.vector(H),
            };
            (0..self.layers * self.directions)
                .map(|_| lengths.iter().map(|_| one()).collect())
                .collect()
        };
        let sequences = |size: usize, n: &mut Numbers| -> Vec<Vec<DVector<f64>>> {
            let mut one = || (0..self.seq_len).map(|_| n.vector(size)).collect();
            lengths.iter().map(|_| one()).collect()
        };
        Case {
            layers,
            x: sequences(D, n),
            initial: states(n),
            padding: Padding::Zero,
            in_reading_order: false,
            window: self.window,
            loss: Loss {
                wy: sequences(r * self.directions, n),
                last: states(n),
            },
            lengths,
        }
    }

    fn weights(self, inputs: usize, r: usize, n: &mut Numbers) -> Weights<f64> {
        let block = |n: &mut Numbers| Block {
            w_x: n.matrix(H, inputs),
            w_h: n.matrix(H, r),
            b_x: n.vector(H),
            b_h: DVector::zeros(H),
        };
        Weights {
            blocks: [(); 4].map(|()| block(n)),
            peepholes: self.peepholes.then(|| [(); 3].map(|()| n.vector(H))),
            projection: self.projection.then(|| n.matrix(r, H)),
        }
    }
}

/// Four steps of Adam on a character model, in PyTorch's names.
fn training() -> Vector {
    use crate::recorded::Trace;

    let (v, d, layers, steps, seq_len, batch_size) = (5, 2, 2, 4, 4, 2);
    let mut n = Numbers(ChaCha8Rng::seed_from_u64(100));
    let mut recording = Recording::default();
    let mut put = |name: String, tensor| recording.tensors.insert(name, tensor);
    put("init.embed.weight".into(), n.tensor(&[v, d]));
    for l in 0..layers {
        let inputs = if l == 0 { d } else { H };
        put(
            format!("init.lstm.weight_ih_l{l}"),
            n.tensor(&[4 * H, inputs]),
        );
        put(format!("init.lstm.weight_hh_l{l}"), n.tensor(&[4 * H, H]));
        put(format!("init.lstm.bias_ih_l{l}"), n.tensor(&[4 * H]));
        put(format!("init.lstm.bias_hh_l{l}"), n.tensor(&[4 * H]));
    }
    put("init.head.weight".into(), n.tensor(&[v, H]));
    put("init.head.bias".into(), n.tensor(&[v]));
    let shape = [steps, seq_len + 1, batch_size];
    let ids = (0..shape.iter().product()).map(|_| f64::from(n.0.random_range(0..v as u32)));
    put("ids".into(), Tensor::new(&shape, ids.collect()));
    for (key, text) in [
        (
            "optimizer",
            r#"{"class":"Adam","lr":0.01,"betas":[0.9,0.999],"eps":1e-8}"#,
        ),
        ("clip_norm", "0.5"),
        ("carry_state", "true"),
    ] {
        recording.metadata.insert(key.into(), text.into());
    }
    let (trace, _) = Trace::read(&recording).expect("it was made to be read");
    let purpose = "four steps of Adam on a character model, clipped, the state carried (E18–E23)";
    Vector::new("training", purpose, recording, &trace)
}

impl Vector {
    fn new(
        name: &'static str,
        purpose: &'static str,
        mut inputs: Recording,
        computation: &dyn Computation,
    ) -> Self {
        inputs.metadata.insert("name".into(), name.into());
        inputs.metadata.insert("purpose".into(), purpose.into());
        Self {
            name,
            purpose,
            inputs,
            computed: computation.compute(None),
        }
    }

    /// All of it.
    pub fn recording(&self) -> Recording {
        let mut recording = self.inputs.clone();
        recording.tensors.extend(self.computed.clone());
        recording
    }

    /// As a safetensors file: F64, lengths and ids I64; the metadata is one entry, `record`, a JSON
    /// object, so that the bytes do not depend on an order of entries.
    pub fn to_safetensors(&self) -> Vec<u8> {
        let recording = self.recording();
        let bytes = |(name, tensor): (&String, &Tensor)| {
            let is_count = name == "lengths" || name == "ids";
            let data: Vec<u8> = match is_count {
                true => tensor
                    .data
                    .iter()
                    .flat_map(|&v| (v as i64).to_le_bytes())
                    .collect(),
                false => tensor.data.iter().flat_map(|v| v.to_le_bytes()).collect(),
            };
            let dtype = if is_count { Dtype::I64 } else { Dtype::F64 };
            (name.clone(), dtype, tensor.shape.clone(), data)
        };
        let all: Vec<_> = recording.tensors.iter().map(bytes).collect();
        let views = all.iter().map(|(name, dtype, shape, data)| {
            let view = TensorView::new(*dtype, shape.clone(), data);
            (name, view.expect("as many bytes as the shape says"))
        });
        let record = [("record".to_owned(), self.record().to_string())].into();
        safetensors::serialize(views, Some(record)).expect("names and shapes are plain")
    }

    /// As JSON, a line for each tensor; every number with the digits that make it exact.
    pub fn to_json(&self) -> String {
        let tensors = |tensors: &Tensors| {
            let line = |(name, tensor): (&String, &Tensor)| {
                let tensor = json!({ "shape": tensor.shape, "data": tensor.data });
                format!("    {}: {tensor}", json!(name))
            };
            tensors.iter().map(line).collect::<Vec<_>>().join(",\n")
        };
        format!(
            "{{\n  \"record\": {},\n  \"inputs\": {{\n{}\n  }},\n  \"computed\": {{\n{}\n  }}\n}}\n",
            self.record(),
            tensors(&self.inputs.tensors),
            tensors(&self.computed)
        )
    }

    /// As text, a line for each tensor: its name, how many dimensions, their sizes, the numbers.
    pub fn to_text(&self) -> String {
        let line = |(name, tensor): (&String, &Tensor)| {
            let sizes = tensor.shape.iter().map(ToString::to_string);
            let numbers = tensor.data.iter().map(|v| format!("{v:?}"));
            let words: Vec<String> = sizes.chain(numbers).collect();
            format!("{name} {} {}\n", tensor.shape.len(), words.join(" "))
        };
        self.recording().tensors.iter().map(line).collect()
    }

    /// The metadata in a fixed order.
    fn record(&self) -> Value {
        let entries: BTreeMap<_, _> = self.inputs.metadata.iter().collect();
        json!(entries)
    }
}
