//! A character model with PyTorch's names, embedding → LSTM → linear layer, and recordings of its logits
//! (E19–E20).

use super::reader::{Read, Reader};
use super::{RecordedLstm, assert_feasible, blocks, count_layers, put};
use crate::arrange::{Axes, state_tensors, states, zero_sequences, zero_states};
use crate::variant::{Computation, Direction, Loss, Options, Padding, Weights, first_steps};
use crate::{CheckError, Mistake, Recording};
use lstm_cell::State;
use lstm_exchange::{Layout, Tensor, Tensors};
use lstm_model::Parameters;
use nalgebra::{DMatrix, DVector};

/// h and c of each layer and each sequence.
pub(super) type States = Vec<Vec<State<f64>>>;

/// The weights of the model, or their gradients.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// The names of `tensors`.
    pub names: Vec<String>,
    pub tensors: Vec<Tensor>,
    pub layers: usize,
}

impl Parameters for Model {
    type Scalar = f64;

    fn slices(&self) -> Vec<&[f64]> {
        self.tensors
            .iter()
            .map(|tensor| tensor.data.as_slice())
            .collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [f64]> {
        self.tensors
            .iter_mut()
            .map(|tensor| tensor.data.as_mut_slice())
            .collect()
    }
}

impl Model {
    /// Reads the tensors `{prefix}embed.weight`, `{prefix}lstm.weight_ih_l0` and so on.
    pub fn read(
        recording: &Recording,
        reader: &mut Reader<'_>,
        prefix: &str,
    ) -> Result<Self, CheckError> {
        let (_, [v, d]) = recording.ranked(&format!("{prefix}embed.weight"))?;
        let (_, [_, h]) = recording.ranked(&format!("{prefix}lstm.weight_hh_l0"))?;
        let layers = count_layers(recording, &format!("{prefix}lstm."));
        let mut shapes = vec![("embed.weight".to_owned(), vec![v, d])];
        for l in 0..layers {
            let inputs = if l == 0 { d } else { h };
            shapes.push((format!("lstm.weight_ih_l{l}"), vec![4 * h, inputs]));
            shapes.push((format!("lstm.weight_hh_l{l}"), vec![4 * h, h]));
            shapes.push((format!("lstm.bias_ih_l{l}"), vec![4 * h]));
            shapes.push((format!("lstm.bias_hh_l{l}"), vec![4 * h]));
        }
        shapes.push(("head.weight".to_owned(), vec![v, h]));
        shapes.push(("head.bias".to_owned(), vec![v]));
        let (mut names, mut tensors) = (Vec::new(), Vec::new());
        for (name, shape) in shapes {
            tensors.push(reader.tensor(&format!("{prefix}{name}"), &shape)?);
            names.push(name);
        }
        Ok(Self {
            names,
            tensors,
            layers,
        })
    }

    fn get(&self, name: &str) -> &Tensor {
        let place = self.names.iter().position(|own| own == name);
        &self.tensors[place.expect("every name was read")]
    }

    /// \[V, D, H\]
    pub fn sizes(&self) -> [usize; 3] {
        let [v, d] = [0, 1].map(|n| self.get("embed.weight").shape[n]);
        [v, d, self.get("head.weight").shape[1]]
    }

    /// W_y and b_y.
    pub fn head(&self) -> (DMatrix<f64>, DVector<f64>) {
        let b = DVector::from_column_slice(&self.get("head.bias").data);
        (self.get("head.weight").to_matrix(), b)
    }

    /// The layers over tokens \[T\]\[B\], with a loss of zero that the caller may replace.
    pub fn computation(&self, ids: &[Vec<usize>], initial: States) -> Computation<f64> {
        let embedding = self.get("embed.weight").to_matrix();
        let (seq_len, batch_size, h) = (ids.len(), ids[0].len(), self.sizes()[2]);
        let token = |t: usize, b: usize| embedding.row(ids[t][b]).transpose();
        Computation {
            layers: (0..self.layers).map(|l| vec![self.direction(l)]).collect(),
            x: (0..batch_size)
                .map(|b| (0..seq_len).map(|t| token(t, b)).collect())
                .collect(),
            steps: first_steps(&vec![seq_len; batch_size]),
            initial,
            padding: Padding::Zero,
            in_reading_order: false,
            window: None,
            loss: Loss {
                wy: zero_sequences([seq_len, batch_size, h]),
                last: self.zero_states(batch_size),
            },
        }
    }

    pub fn zero_states(&self, batch_size: usize) -> States {
        let h = self.sizes()[2];
        zero_states(&vec![(h, h); self.layers], batch_size)
    }

    fn direction(&self, l: usize) -> Direction<f64> {
        let of = |name: &str| self.get(&format!("lstm.{name}_l{l}"));
        let layout = Layout::PYTORCH;
        Direction {
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
        }
    }
}

/// A recording of tokens, initial states and logits.
pub(super) struct Logits {
    model: Model,
    computation: Computation<f64>,
    axes: Axes,
}

impl Logits {
    pub fn read(recording: &Recording, axes: Axes) -> Result<Read<Self>, CheckError> {
        let mut reader = Reader::new(recording);
        let model = Model::read(recording, &mut reader, "param.")?;
        let [v, d, h] = model.sizes();
        let (tensor, sizes) = recording.ranked("ids")?;
        let [seq_len, batch_size] = axes.order(sizes);
        assert_feasible(
            recording.count(),
            &[seq_len, batch_size, v + d + h, model.layers],
        )?;
        let ids = reader.counts("ids", &tensor.shape, v - 1)?;
        let id = |t, b| ids[axes.at([seq_len, batch_size], t, b)];
        let step = |t| (0..batch_size).map(|b| id(t, b)).collect();
        let ids: Vec<Vec<usize>> = (0..seq_len).map(step).collect();
        let initial = if reader.has(&["h0", "c0"]) {
            let shape = [model.layers, batch_size, h];
            states(&reader.tensor("h0", &shape)?, &reader.tensor("c0", &shape)?)
        } else {
            model.zero_states(batch_size)
        };
        let logits = Self {
            computation: model.computation(&ids, initial),
            model,
            axes,
        };
        Ok(reader.finish(logits))
    }
}

impl RecordedLstm for Logits {
    fn format(&self) -> &'static str {
        "PyTorch character model"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.computation)
    }

    fn is_strict(&self) -> bool {
        false
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let mut out = Tensors::new();
        let outcome = self.computation.forward(mistake);
        let (w, b) = self.model.head();
        let logits = |y: &Vec<DVector<f64>>| y.iter().map(|h_t| &w * h_t + &b).collect(); // E20
        let logits = outcome.y.iter().map(logits).collect();
        put(&mut out, "logits", self.axes.tensor(&logits));
        let [hn, cn] = state_tensors(&outcome.last);
        put(&mut out, "hn", hn);
        put(&mut out, "cn", cn);
        out
    }
}
