//! `torch.nn.LSTM`: any number of layers, one or two directions, packed lengths, with or without biases
//! and a projection.

use super::reader::Reader;
use super::{RecordedLstm, assert_feasible, blocks, count_layers, put, zero_biases};
use crate::arrange::{Axes, state_tensors, states, zero_sequences, zero_states};
use crate::variant::{Computation, Direction, Loss, Options, Padding, Weights, first_steps};
use crate::{CheckError, Mistake, Recording};
use lstm_cell::State;
use lstm_exchange::{Layout, Tensor, Tensors};

pub(super) struct Torch {
    computation: Computation<f64>,
    /// How the names of each direction's tensors end: `_l0`, `_l0_reverse`, `_l1` …
    suffixes: Vec<String>,
    has_bias: bool,
    has_states: bool,
    has_loss: bool,
    has_gradients: bool,
}

const AXES: Axes = Axes::TimeFirst;

/// The sizes of a recording, and which weights it has.
struct Form {
    seq_len: usize,
    batch_size: usize,
    /// D
    d: usize,
    /// H
    h: usize,
    /// R: H, or less with a projection.
    r: usize,
    layers: usize,
    directions: usize,
    has_bias: bool,
    has_projection: bool,
}

impl Form {
    fn read(recording: &Recording) -> Result<Self, CheckError> {
        let (_, [seq_len, batch_size, d]) = recording.ranked("x")?;
        let (_, [rows, r]) = recording.ranked("weight_hh_l0")?;
        let mut names = recording.tensors.keys();
        let is_bidirectional = names.any(|name| name.ends_with("_reverse"));
        let form = Self {
            seq_len,
            batch_size,
            d,
            h: rows / 4,
            r,
            layers: count_layers(recording, ""),
            directions: if is_bidirectional { 2 } else { 1 },
            has_bias: recording.has("bias_ih_l0") || recording.has("bias_hh_l0"),
            has_projection: recording.has("weight_hr_l0"),
        };
        if form.r != form.h && !form.has_projection {
            return Err(CheckError::Missing {
                tensor: "weight_hr_l0".into(),
            });
        }
        form.expect_metadata(recording)?;
        let vectors = form.d + form.h + form.r;
        assert_feasible(
            recording.count(),
            &[seq_len, batch_size, vectors, form.layers, form.directions],
        )?;
        Ok(form)
    }

    /// The metadata must name the same sizes, and no option that the tensors do not show.
    fn expect_metadata(&self, recording: &Recording) -> Result<(), CheckError> {
        for key in ["batch_first", "dropout"] {
            let entry = recording.metadata.get(key).map(|text| text.to_lowercase());
            if entry.is_some_and(|text| text != "false" && text.parse() != Ok(0.0)) {
                return Err(CheckError::Unsupported {
                    what: format!("a PyTorch recording with {key}"),
                });
            }
        }
        for (key, size) in [
            ("input_size", self.d),
            ("hidden_size", self.h),
            ("steps", self.seq_len),
            ("batch", self.batch_size),
            ("layers", self.layers),
        ] {
            recording.expect_size(key, size)?;
        }
        let is_bidirectional = (self.directions == 2).to_string();
        match recording.metadata.get("bidirectional") {
            Some(entry) if entry.to_lowercase() != is_bidirectional => Err(CheckError::Missing {
                tensor: "weight_ih_l0_reverse".into(),
            }),
            _ => Ok(()),
        }
    }

    /// The weights named `weight_ih{suffix}` and so on, of a layer that reads vectors of `inputs`.
    fn weights(
        &self,
        reader: &mut Reader<'_>,
        suffix: &str,
        inputs: usize,
    ) -> Result<Weights<f64>, CheckError> {
        let (h, r) = (self.h, self.r);
        let mut get =
            |name: &str, shape: &[usize]| reader.tensor(&format!("{name}{suffix}"), shape);
        let w_x = Layout::PYTORCH.split(&get("weight_ih", &[4 * h, inputs])?);
        let w_h = Layout::PYTORCH.split(&get("weight_hh", &[4 * h, r])?);
        let [b_x, b_h] = if self.has_bias {
            let [b_x, b_h] = ["bias_ih", "bias_hh"].map(|name| get(name, &[4 * h]));
            [b_x?, b_h?].map(|bias| Layout::PYTORCH.split_vector(&bias.data))
        } else {
            [zero_biases(h), zero_biases(h)]
        };
        let projection = if self.has_projection {
            Some(get("weight_hr", &[r, h])?.to_matrix())
        } else {
            None
        };
        Ok(Weights {
            blocks: blocks(w_x, w_h, b_x, b_h),
            peepholes: None,
            projection,
        })
    }

    /// Two tensors (directions of all layers, B, R) and (…, B, H) as states.
    fn states(
        &self,
        reader: &mut Reader<'_>,
        [h_name, c_name]: [&str; 2],
    ) -> Result<Vec<Vec<State<f64>>>, CheckError> {
        let n = self.layers * self.directions;
        let h = reader.tensor(h_name, &[n, self.batch_size, self.r])?;
        let c = reader.tensor(c_name, &[n, self.batch_size, self.h])?;
        Ok(states(&h, &c))
    }

    fn zero_states(&self) -> Vec<Vec<State<f64>>> {
        let sizes = vec![(self.r, self.h); self.layers * self.directions];
        zero_states(&sizes, self.batch_size)
    }

    fn loss(&self, reader: &mut Reader<'_>) -> Result<Loss<f64>, CheckError> {
        let sizes = [self.seq_len, self.batch_size, self.directions * self.r];
        Ok(Loss {
            wy: reader.sequences("wy", AXES, sizes)?,
            last: self.states(reader, ["wh", "wc"])?,
        })
    }

    /// A loss of zero.
    fn no_loss(&self) -> Loss<f64> {
        Loss {
            wy: zero_sequences([self.seq_len, self.batch_size, self.directions * self.r]),
            last: self.zero_states(),
        }
    }
}

impl Torch {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), CheckError> {
        let form = Form::read(recording)?;
        let mut reader = Reader::new(recording);
        let (mut layers, mut suffixes) = (Vec::new(), Vec::new());
        for l in 0..form.layers {
            let inputs = if l == 0 {
                form.d
            } else {
                form.directions * form.r
            };
            let mut layer = Vec::new();
            for reverse in [false, true].into_iter().take(form.directions) {
                let suffix = format!("_l{l}{}", if reverse { "_reverse" } else { "" });
                layer.push(Direction {
                    weights: form.weights(&mut reader, &suffix, inputs)?,
                    options: Options::default(),
                    reverse,
                });
                suffixes.push(suffix);
            }
            layers.push(layer);
        }
        let has_states = reader.has(&["h0", "c0"]);
        let mut names = recording.tensors.keys();
        let has_gradients = names.any(|name| name.starts_with("grad."));
        let has_loss = has_gradients || reader.has(&["loss", "wy"]);
        let computation = Computation {
            layers,
            x: reader.sequences("x", AXES, [form.seq_len, form.batch_size, form.d])?,
            steps: first_steps(&reader.lengths_or_full([form.seq_len, form.batch_size])?),
            initial: if has_states {
                form.states(&mut reader, ["h0", "c0"])?
            } else {
                form.zero_states()
            },
            padding: Padding::Zero,
            in_reading_order: false,
            window: None,
            loss: if has_loss {
                form.loss(&mut reader)?
            } else {
                form.no_loss()
            },
        };
        let torch = Self {
            computation,
            suffixes,
            has_bias: form.has_bias,
            has_states,
            has_loss,
            has_gradients,
        };
        Ok((torch, reader.into_inputs()))
    }
}

impl RecordedLstm for Torch {
    fn format(&self) -> &'static str {
        "PyTorch"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.computation)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let (computation, mut out) = (&self.computation, Tensors::new());
        let outcome = computation.forward(mistake);
        put(&mut out, "y", AXES.tensor(&outcome.y));
        let [hn, cn] = state_tensors(&outcome.last);
        put(&mut out, "hn", hn);
        put(&mut out, "cn", cn);
        if self.has_loss {
            put(&mut out, "loss", Tensor::new(&[1], vec![outcome.loss]));
        }
        if !self.has_gradients {
            return out;
        }
        let gradients = computation.backward(&outcome, mistake);
        put(&mut out, "grad.x", AXES.tensor(&gradients.x));
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

/// One direction's weights by their names in PyTorch: `weight_ih`, `weight_hh` …
pub(super) fn torch_tensors(weights: &Weights<f64>, has_bias: bool) -> Vec<(&'static str, Tensor)> {
    let blocks = weights.blocks.each_ref();
    let layout = Layout::PYTORCH;
    let mut all = vec![
        ("weight_ih", layout.join(blocks.map(|block| &block.w_x))),
        ("weight_hh", layout.join(blocks.map(|block| &block.w_h))),
    ];
    if has_bias {
        let [b_x, b_h] = [
            blocks.map(|block| &block.b_x),
            blocks.map(|block| &block.b_h),
        ];
        all.push(("bias_ih", layout.join_vector(b_x)));
        all.push(("bias_hh", layout.join_vector(b_h)));
    }
    if let Some(w_p) = &weights.projection {
        all.push(("weight_hr", Tensor::from_matrix(w_p)));
    }
    all
}
