//! Recorded LSTMs: which format a recording has, what it is computed from, and what it should hold.

mod reader;
mod spelling;
mod format;
mod graph;
mod layers;
mod keras;
mod model;
mod onnx;
mod torch;
mod trace;
mod vector;

use crate::arrange::Axes;
use crate::check::Row;
use crate::variant::Block;
use crate::{CheckError, Mistake, Recording};
pub(crate) use format::understand;
pub(crate) use graph::{json, read_model};
use lstm_exchange::{Tensor, Tensors};
use nalgebra::{DMatrix, DVector};
pub(crate) use onnx::{Inputs, OnnxLstm};
use reader::Read;
use std::collections::BTreeMap;
pub(crate) use trace::Trace;
pub(crate) use vector::ProjectVector;

/// The LSTM of a recording, in the conventions of its format.
pub(crate) trait RecordedLstm {
    /// The name of the format.
    fn format(&self) -> &'static str;

    /// Every tensor that the recording should hold, computed from its inputs; with a mistake in the
    /// forward or backward pass, or without.
    fn compute(&self, mistake: Option<Mistake>) -> Tensors;

    /// Whether the recording has what a mistake is about.
    fn applies(&self, mistake: Mistake) -> bool;

    /// Whether the format requires every computed tensor, in exactly its shape. Otherwise tensors may be
    /// left out, and dimensions of size 1 are ignored.
    fn is_strict(&self) -> bool {
        true
    }

    /// Conditions on tensors that cannot be computed, such as random weights.
    fn conditions(&self) -> Vec<Row> {
        Vec::new()
    }
}

/// A recording in one reading.
pub(crate) struct Understood {
    pub lstm: Box<dyn RecordedLstm>,
    /// The tensors, with the names that this crate uses.
    pub recording: Recording,
    /// The names of the tensors from which the others are computed.
    pub inputs: Vec<String>,
    /// What was assumed.
    pub notes: Vec<String>,
    /// The original names of the tensors that were renamed.
    originals: BTreeMap<String, String>,
    /// The name of the reading, if there are several.
    pub reading: String,
    /// The order of batch and time, if the format does not fix it.
    pub axes: Option<Axes>,
    /// Whether this is the first reading that the format and metadata suggest.
    pub is_usual: bool,
    /// Whether the metadata or the format contradicts this reading.
    pub is_contrary: bool,
}

impl Understood {
    fn new<L: RecordedLstm + 'static>(recording: Recording, read: Read<L>) -> Self {
        Self {
            lstm: Box::new(read.lstm),
            recording,
            inputs: read.inputs,
            notes: read.notes,
            originals: BTreeMap::new(),
            reading: String::new(),
            axes: None,
            is_usual: true,
            is_contrary: false,
        }
    }

    /// A tensor's name in the file.
    pub fn original<'a>(&'a self, name: &'a str) -> &'a str {
        self.originals.get(name).map_or(name, String::as_str)
    }

    /// The row, with the tensor's name replaced by that in the file.
    pub fn renamed(&self, row: Row) -> Row {
        Row {
            tensor: self.original(&row.tensor).to_owned(),
            finding: row.finding,
        }
    }

    /// A computed tensor with its name and shape in the file.
    pub fn theirs(&self, name: &str, mut tensor: Tensor) -> (String, Tensor) {
        let recorded = self.recording.tensors.get(name);
        let alike = recorded.filter(|own| own.data.len() == tensor.data.len());
        if let Some(own) = alike.filter(|_| !self.lstm.is_strict()) {
            tensor.shape.clone_from(&own.shape);
        }
        (self.original(name).to_owned(), tensor)
    }

    /// The error that no output is recorded.
    pub fn no_output(&self) -> CheckError {
        let computed = self.lstm.compute(None).into_keys();
        CheckError::NoOutput {
            outputs: computed.filter(|name| !name.starts_with("grad.")).collect(),
        }
    }
}

/// Refuses a computation that would take far more memory than the `given` numbers it starts from.
///
/// `sizes` multiply to the numbers that it keeps over all steps, sequences, layers and directions. A small
/// file can name sizes that are harmless one by one and huge together.
fn assert_feasible(given: usize, sizes: &[usize]) -> Result<(), CheckError> {
    let most = (16 * given as u128 + (1 << 18)).min(1 << 27);
    let numbers = sizes
        .iter()
        .try_fold(1_u128, |n, &size| n.checked_mul(size as u128));
    if numbers.is_some_and(|n| n <= most) {
        return Ok(());
    }
    Err(CheckError::unsupported(format!(
        "a computation over sizes {sizes:?}, which is more than the {most} numbers allowed for an input \
         of {given},"
    )))
}

/// The number of layers of PyTorch's `nn.LSTM` that have a tensor, of any kind, under `prefix`.
fn count_layers(recording: &Recording, prefix: &str) -> usize {
    let is_layer = |l: &usize| {
        let ends = [format!("_l{l}"), format!("_l{l}_reverse")];
        recording.tensors.keys().any(|name| {
            let own = name.strip_prefix(prefix).unwrap_or_default();
            (own.starts_with("weight_") || own.starts_with("bias_"))
                && ends.iter().any(|end| own.ends_with(end))
        })
    };
    (0..).take_while(is_layer).count()
}

fn put(tensors: &mut Tensors, name: &str, tensor: Tensor) {
    tensors.insert(name.to_owned(), tensor);
}

/// The four blocks, from the blocks of each weight.
fn blocks(
    w_x: [DMatrix<f64>; 4],
    w_h: [DMatrix<f64>; 4],
    b_x: [DVector<f64>; 4],
    b_h: [DVector<f64>; 4],
) -> [Block<f64>; 4] {
    let mut w_h = w_h.into_iter();
    let mut b_x = b_x.into_iter();
    let mut b_h = b_h.into_iter();
    let four = "four of each";
    w_x.map(|w_x| Block {
        w_x,
        w_h: w_h.next().expect(four),
        b_x: b_x.next().expect(four),
        b_h: b_h.next().expect(four),
    })
}

/// Four bias vectors of zeros.
fn zero_biases(hidden_size: usize) -> [DVector<f64>; 4] {
    [(); 4].map(|()| DVector::zeros(hidden_size))
}
