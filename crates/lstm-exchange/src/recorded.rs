//! Recorded LSTMs, each understood from its own file and computed again.

mod keras;
mod model;
mod onnx;
mod own;
mod torch;
mod trace;

use crate::check::Row;
use crate::variant::{Block, Mistake};
use crate::{ExchangeError, Recording, Tensor, Tensors};
use keras::Keras;
use model::Logits;
pub(crate) use model::logits;
use nalgebra::{DMatrix, DVector};
use onnx::Node;
pub(crate) use onnx::{INPUTS as ONNX_INPUTS, Onnx, Operator};
pub(crate) use own::Own;
use torch::Torch;
pub(crate) use trace::Trace;

/// A recording understood.
pub(crate) trait Computation {
    /// Whose conventions it follows.
    fn format(&self) -> &'static str;

    /// Everything that the file should hold as computed from the rest of it; with a mistake, on the
    /// way forward or back, or without.
    fn compute(&self, mistake: Option<Mistake>) -> Tensors;

    /// Whether the recording has what a mistake is about.
    fn applies(&self, mistake: Mistake) -> bool;

    /// What must hold of tensors that cannot be computed again.
    fn statements(&self) -> Vec<Row> {
        Vec::new()
    }
}

/// What the file holds, and the names of the tensors that it is computed from.
pub(crate) fn understand(
    recording: &Recording,
) -> Result<(Box<dyn Computation>, Vec<String>), ExchangeError> {
    if recording.metadata.contains_key(own::VERSION) {
        let (own, used) = Own::read(recording)?;
        return Ok((Box::new(own), used));
    }
    if recording.has("weight_ih_l0") || recording.has("weight_hh_l0") {
        let (torch, used) = Torch::read(recording)?;
        return Ok((Box::new(torch), used));
    }
    if [
        "kernel",
        "recurrent_kernel",
        "fw.kernel",
        "fw.recurrent_kernel",
    ]
    .iter()
    .any(|name| recording.has(name))
    {
        let (keras, used) = Keras::read(recording)?;
        return Ok((Box::new(keras), used));
    }
    if recording
        .tensors
        .keys()
        .any(|name| name.starts_with("init."))
    {
        let (trace, used) = Trace::read(recording)?;
        return Ok((Box::new(trace), used));
    }
    if recording.tensors.keys().any(|name| name.starts_with("in.")) {
        let (node, used) = Node::read(recording)?;
        return Ok((Box::new(node), used));
    }
    if recording.has("logits") {
        let (logits, used) = Logits::read(recording)?;
        return Ok((Box::new(logits), used));
    }
    Err(ExchangeError::UnknownRecording)
}

/// Refuses a computation that would take far more memory than the numbers it is given: `sizes` multiply
/// to what it leaves behind over all steps, sequences, layers and directions, and sizes that are small
/// in a file one by one can be a great deal together.
fn assert_feasible(given: usize, sizes: &[usize]) -> Result<(), ExchangeError> {
    let most = (16 * given as u128 + (1 << 18)).min(1 << 27);
    let numbers = sizes
        .iter()
        .try_fold(1_u128, |n, &size| n.checked_mul(size as u128));
    match numbers.is_some_and(|n| n <= most) {
        true => Ok(()),
        false => Err(ExchangeError::Unsupported {
            what: format!(
                "a computation over sizes {sizes:?}, together more than the {most} that {given} numbers may ask for,"
            ),
        }),
    }
}

/// How many layers of PyTorch's `nn.LSTM` have a tensor under `prefix`, whichever it is.
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

/// Four blocks from the four parts of each tensor.
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
