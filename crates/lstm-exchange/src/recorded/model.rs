//! A character model as PyTorch names its tensors, embedding → LSTM → linear, and what a recording of
//! its logits holds (E19–E20).

use super::{Computation, assert_feasible, blocks, count_layers, put};
use crate::arrange::{Axes, state_tensors, states, zero_states};
use crate::layout::{Layout, matrix};
use crate::variant::{Case, Direction, Loss, Mistake, Options, Padding, Weights};
use crate::{ExchangeError, Recording, Tensor, Tensors};
use lstm_cell::State;
use lstm_model::Parameters;
use nalgebra::{DMatrix, DVector};

pub(crate) type States = Vec<Vec<State<f64>>>;

/// The model's tensors, in the order of their names.
#[derive(Clone, Debug)]
pub(crate) struct Model {
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
    /// The tensors named `{prefix}embed.weight` and so on, whose names join `used`.
    pub fn read(
        recording: &Recording,
        prefix: &str,
        used: &mut Vec<String>,
    ) -> Result<Self, ExchangeError> {
        let (_, [v, e]) = recording.ranked(&format!("{prefix}embed.weight"))?;
        let (_, [_, h]) = recording.ranked(&format!("{prefix}lstm.weight_hh_l0"))?;
        let layers = count_layers(recording, &format!("{prefix}lstm."));
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
        let mut tensors = Vec::new();
        for (name, shape) in &names {
            let name = format!("{prefix}{name}");
            tensors.push(recording.shaped(&name, shape)?.clone());
            used.push(name);
        }
        Ok(Self {
            names: names.into_iter().map(|(name, _)| name).collect(),
            tensors,
            layers,
        })
    }

    pub fn get(&self, name: &str) -> &Tensor {
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
        (matrix(self.get("head.weight")), b)
    }

    /// The stack over tokens \[T\]\[B\]; its loss is zero until somebody sets it.
    pub fn case(&self, ids: &[Vec<usize>], initial: States) -> Case<f64> {
        let embedding = matrix(self.get("embed.weight"));
        let (seq_len, batch_size, h) = (ids.len(), ids[0].len(), self.sizes()[2]);
        let token = |t: usize, b: usize| embedding.row(ids[t][b]).transpose();
        Case {
            layers: (0..self.layers).map(|l| vec![self.direction(l)]).collect(),
            x: (0..batch_size)
                .map(|b| (0..seq_len).map(|t| token(t, b)).collect())
                .collect(),
            lengths: vec![seq_len; batch_size],
            initial,
            padding: Padding::Zero,
            in_reading_order: false,
            window: None,
            loss: Loss {
                wy: vec![vec![DVector::zeros(h); seq_len]; batch_size],
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

/// Tokens, states and the logits that were computed from them.
pub(super) struct Logits {
    model: Model,
    ids: Vec<Vec<usize>>,
    initial: States,
}

impl Logits {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), ExchangeError> {
        let mut used = vec!["ids".to_owned(), "h0".to_owned(), "c0".to_owned()];
        let model = Model::read(recording, "param.", &mut used)?;
        let [v, _, h] = model.sizes();
        let (_, [seq_len, batch_size]) = recording.ranked("ids")?;
        assert_feasible(
            recording.count(),
            &[seq_len, batch_size, v + h, model.layers],
        )?;
        let ids = recording.counts("ids", &[seq_len, batch_size], v - 1)?;
        let initial = match recording.has("h0") || recording.has("c0") {
            true => {
                let shape = [model.layers, batch_size, h];
                states(
                    recording.shaped("h0", &shape)?,
                    recording.shaped("c0", &shape)?,
                )
            }
            false => model.zero_states(batch_size),
        };
        let logits = Self {
            model,
            ids: ids.chunks(batch_size).map(<[usize]>::to_vec).collect(),
            initial,
        };
        Ok((logits, used))
    }
}

/// The logits of a recording of tokens and weights.
///
/// # Errors
/// If something is missing or does not fit.
pub(crate) fn logits(recording: &Recording) -> Result<Tensor, ExchangeError> {
    let (logits, _) = Logits::read(recording)?;
    let mut computed = logits.compute(None);
    Ok(computed.remove("logits").expect("they are computed"))
}

impl Computation for Logits {
    fn format(&self) -> &'static str {
        "PyTorch character model"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.model.case(&self.ids, self.initial.clone()))
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let mut out = Tensors::new();
        let outcome = self
            .model
            .case(&self.ids, self.initial.clone())
            .outcome(mistake);
        let (w, b) = self.model.head();
        let logits = |y: &Vec<DVector<f64>>| y.iter().map(|h_t| &w * h_t + &b).collect(); // E20
        let logits = outcome.y.iter().map(logits).collect();
        put(&mut out, "logits", Axes::TimeFirst.tensor(&logits, b.len()));
        let [hn, cn] = state_tensors(&outcome.last);
        put(&mut out, "hn", hn);
        put(&mut out, "cn", cn);
        out
    }
}
