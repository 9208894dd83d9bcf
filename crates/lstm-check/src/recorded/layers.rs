//! The common parts of PyTorch and Keras recordings of LSTM layers: x, y, states, a loss and its
//! gradients. All recorded outputs are compared.

mod sizes;

use super::reader::{Read, Reader};
use super::{RecordedLstm, put};
use crate::arrange::{Axes, Sequences, state_tensors, states};
use crate::check::Row;
use crate::recording::is_alike;
use crate::variant::{Computation, Direction, Loss, Outcome, Padding, Weights};
use crate::{CheckError, Mistake};
use lstm_cell::State;
use lstm_exchange::{Tensor, Tensors};
use nalgebra::DVector;
pub(super) use sizes::Sizes;

/// The conventions of a framework. A `part` of the names is `""`, or `"grad."` for gradients.
pub(super) trait Framework {
    const NAME: &'static str;

    /// The names of the tensors that hold a state, each with the number of directions in that tensor.
    fn states(&self, part: &str, name: &str) -> Vec<(String, usize)>;

    /// The weights of direction n with their names.
    fn weights(&self, part: &str, n: usize, weights: &Weights<f64>) -> Vec<(String, Tensor)>;

    /// Which output y holds if the recording has only one per sequence: the last states (true; Keras'
    /// choice), or the output at the last step (false).
    fn ends_with_states(&self) -> bool;

    /// Conditions for tensors that cannot be computed.
    fn conditions(&self) -> Vec<Row> {
        Vec::new()
    }
}

/// The layers and the padding of a recording.
pub(super) struct Form {
    pub layers: Vec<Vec<Direction<f64>>>,
    /// The real steps of each sequence.
    pub steps: Vec<Vec<usize>>,
    pub padding: Padding,
    pub in_reading_order: bool,
}

/// A recording of LSTM layers.
pub(super) struct Layers<F> {
    computation: Computation<f64>,
    framework: F,
    axes: Axes,
    /// Whether y holds one output of each sequence.
    is_single_y: bool,
    has_loss: bool,
    has_gradients: bool,
}

impl<F: Framework> Layers<F> {
    pub fn read(
        mut reader: Reader<'_>,
        framework: F,
        sizes: Sizes,
        form: Form,
    ) -> Result<Read<Self>, CheckError> {
        let mut names = reader.recording.tensors.keys();
        let has_gradients = names.any(|name| name.starts_with("grad."));
        let is_single_y = is_single_y(&reader, sizes);
        let mut pair = |names| pair_of_states(&mut reader, &framework, sizes, names);
        let ((initial, has_initial), (last, has_last)) = (pair(["h0", "c0"])?, pair(["wh", "wc"])?);
        let has_loss = has_last.contains(&true) || reader.has(&["wy"]);
        match has_initial {
            [true, false] => reader.note("c0 is not recorded and is taken to be zero"),
            [false, true] => reader.note("h0 is not recorded and is taken to be zero"),
            _ => {}
        }
        if !has_loss && (has_gradients || reader.has(&["loss"])) {
            reader.note("without wy, wh and wc neither the loss nor gradients can be computed");
        }
        let mut layers = Self {
            computation: Computation {
                layers: form.layers,
                x: reader.sequences("x", sizes.axes, sizes.of_sequences(sizes.d))?,
                steps: form.steps,
                initial,
                padding: form.padding,
                in_reading_order: form.in_reading_order,
                window: None,
                loss: Loss {
                    wy: Vec::new(),
                    last,
                },
            },
            framework,
            axes: sizes.axes,
            is_single_y,
            has_loss,
            has_gradients: has_gradients && has_loss,
        };
        layers.read_wy(&mut reader, sizes)?;
        Ok(reader.finish(layers))
    }

    /// The weights of the outputs in the loss; zeros if they are not recorded.
    fn read_wy(&mut self, reader: &mut Reader<'_>, sizes: Sizes) -> Result<(), CheckError> {
        let size = sizes.directions * sizes.r;
        let loss = &mut self.computation.loss;
        if !self.is_single_y {
            loss.wy = reader.sequences_or_zero("wy", sizes.axes, sizes.of_sequences(size))?;
            return Ok(());
        }
        let of_one =
            reader.sequences_or_zero("wy", Axes::BatchFirst, [1, sizes.batch_size, size])?;
        loss.wy = crate::arrange::zero_sequences(sizes.of_sequences(size));
        let first = loss.last.len() - sizes.directions;
        for (b, w) in of_one.iter().map(|sequence| &sequence[0]).enumerate() {
            if self.framework.ends_with_states() {
                for n in 0..sizes.directions {
                    loss.last[first + n][b].h += w.rows(n * sizes.r, sizes.r);
                }
            } else {
                loss.wy[b][sizes.seq_len - 1].clone_from(w);
            }
        }
        Ok(())
    }

    /// y in its recorded shape.
    fn y(&self, outcome: &Outcome<f64>) -> Tensor {
        if !self.is_single_y {
            return self.axes.tensor(&outcome.y);
        }
        let directions = self.computation.layers.last().map_or(0, Vec::len);
        let top = &outcome.last[outcome.last.len() - directions..];
        let single = |b: usize| -> Vec<f64> {
            if self.framework.ends_with_states() {
                top.iter()
                    .flat_map(|states| states[b].h.iter().copied())
                    .collect()
            } else {
                let y = outcome.y[b].last().expect("a sequence has a step");
                y.as_slice().to_vec()
            }
        };
        let sequences: Sequences = (0..outcome.y.len())
            .map(|b| vec![DVector::from_vec(single(b))])
            .collect();
        let y = Axes::BatchFirst.tensor(&sequences);
        Tensor::new(&[y.shape[0], y.shape[2]], y.data)
    }

    /// States \[N\]\[B\] under the framework's names for h and c.
    fn put_states(&self, out: &mut Tensors, part: &str, names: [&str; 2], all: &[Vec<State<f64>>]) {
        for (name, tensor) in names.into_iter().zip(state_tensors(all)) {
            let size = tensor.data.len() / tensor.shape[0];
            let mut first = 0;
            for (name, directions) in self.framework.states(part, name) {
                let range = first * size..(first + directions) * size;
                first += directions;
                let shape = [directions, tensor.shape[1], tensor.shape[2]];
                put(out, &name, Tensor::new(&shape, tensor.data[range].to_vec()));
            }
        }
    }
}

/// Whether y has only one output per sequence, although the sequences are longer.
fn is_single_y(reader: &Reader<'_>, sizes: Sizes) -> bool {
    let size = sizes.directions * sizes.r;
    let [first, second, _] = sizes.of_sequences(size);
    let [first, second] = sizes.axes.order([first, second]);
    reader.recording.tensors.get("y").is_some_and(|y| {
        is_alike(&y.shape, &[sizes.batch_size, size]) && !is_alike(&y.shape, &[first, second, size])
    })
}

/// h and c of N directions and B sequences: \[N\]\[B\].
type States = Vec<Vec<State<f64>>>;

/// The states in the tensors with these names for h and c, and whether each is recorded. States that are
/// not recorded are zero.
fn pair_of_states<F: Framework>(
    reader: &mut Reader<'_>,
    framework: &F,
    sizes: Sizes,
    names: [&str; 2],
) -> Result<(States, [bool; 2]), CheckError> {
    let n = sizes.layers * sizes.directions;
    let mut read = |name: &str, size: usize| {
        let mut data = Vec::new();
        let mut is_recorded = false;
        for (name, directions) in framework.states("", name) {
            let shape = [directions, sizes.batch_size, size];
            if reader.has(&[&name]) {
                is_recorded = true;
                data.extend(reader.tensor(&name, &shape)?.data);
            } else {
                data.resize(data.len() + shape.iter().product::<usize>(), 0.0);
            }
        }
        Ok::<_, CheckError>((Tensor::new(&[n, sizes.batch_size, size], data), is_recorded))
    };
    let (h, has_h) = read(names[0], sizes.r)?;
    let (c, has_c) = read(names[1], sizes.h)?;
    Ok((states(&h, &c), [has_h, has_c]))
}

impl<F: Framework> RecordedLstm for Layers<F> {
    fn format(&self) -> &'static str {
        F::NAME
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.computation)
    }

    fn is_strict(&self) -> bool {
        false
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let (computation, mut out) = (&self.computation, Tensors::new());
        let outcome = computation.forward(mistake);
        put(&mut out, "y", self.y(&outcome));
        self.put_states(&mut out, "", ["hn", "cn"], &outcome.last);
        if self.has_loss {
            put(&mut out, "loss", Tensor::new(&[1], vec![outcome.loss]));
        }
        if !self.has_gradients {
            return out;
        }
        let gradients = computation.backward(&outcome, mistake);
        put(&mut out, "grad.x", self.axes.tensor(&gradients.x));
        self.put_states(&mut out, "grad.", ["h0", "c0"], &gradients.initial);
        for (n, grad) in gradients.weights.iter().enumerate() {
            out.extend(self.framework.weights("grad.", n, grad));
        }
        out
    }

    fn conditions(&self) -> Vec<Row> {
        self.framework.conditions()
    }
}
