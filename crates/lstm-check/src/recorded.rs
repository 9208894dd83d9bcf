//! Recorded LSTMs: which format a recording has, what it is computed from, and what it should hold.

mod reader;
mod graph;
mod keras;
mod model;
mod onnx;
mod torch;
mod trace;
mod vector;

use crate::check::Row;
use crate::variant::Block;
use crate::{CheckError, Mistake, Recording};
pub(crate) use graph::read_model;
use keras::Keras;
use lstm_exchange::{Tensor, Tensors};
use model::Logits;
use nalgebra::{DMatrix, DVector};
use onnx::Node;
use torch::Torch;
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

    /// Conditions on tensors that cannot be computed, such as random weights.
    fn conditions(&self) -> Vec<Row> {
        Vec::new()
    }
}

/// A recording that has been read.
pub(crate) struct Understood {
    pub lstm: Box<dyn RecordedLstm>,
    /// The names of the tensors from which the others are computed.
    pub inputs: Vec<String>,
}

impl Understood {
    fn new((lstm, inputs): (impl RecordedLstm + 'static, Vec<String>)) -> Self {
        Self {
            lstm: Box::new(lstm),
            inputs,
        }
    }
}

/// Reads a recording; its format is known by the names of its tensors.
pub(crate) fn understand(recording: &Recording) -> Result<Understood, CheckError> {
    let has = |names: &[&str]| names.iter().any(|name| recording.has(name));
    let has_prefix = |prefix: &str| {
        let mut names = recording.tensors.keys();
        names.any(|name| name.starts_with(prefix))
    };
    Ok(if recording.metadata.contains_key(vector::VERSION) {
        Understood::new(ProjectVector::read(recording)?)
    } else if has(&["weight_ih_l0", "weight_hh_l0"]) {
        Understood::new(Torch::read(recording)?)
    } else if has(&["kernel", "recurrent_kernel"]) || has(&["fw.kernel", "fw.recurrent_kernel"]) {
        Understood::new(Keras::read(recording)?)
    } else if has_prefix("init.") {
        Understood::new(Trace::read(recording)?)
    } else if has_prefix("in.") {
        Understood::new(Node::read(recording)?)
    } else if has(&["logits"]) {
        Understood::new(Logits::read(recording)?)
    } else {
        return Err(CheckError::UnknownRecording);
    })
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
    Err(CheckError::Unsupported {
        what: format!(
            "a computation over sizes {sizes:?}, which is more than the {most} numbers allowed for an \
             input of {given},"
        ),
    })
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
