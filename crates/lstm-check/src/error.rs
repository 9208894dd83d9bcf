use lstm_exchange::ExchangeError;
use std::path::PathBuf;

/// Why a recording cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A file that cannot be read.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// A file with another extension.
    #[error("unknown file extension; expected .safetensors or .onnx")]
    UnknownFile,
    /// A file whose tensors belong to none of the known formats.
    #[error(
        "unknown format; a recording has weight_ih_l0 (PyTorch), kernel or fw.kernel (Keras), in.W \
         (ONNX) or init.lstm.weight_ih_l0 (a training trace)"
    )]
    UnknownRecording,
    /// An ONNX model without a recording of what it computes.
    #[error(
        "no recording of the model's inputs and outputs; looked for {}",
        looked_for.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoRecording {
        /// The paths at which it could be.
        looked_for: Vec<PathBuf>,
    },
    /// A tensor that is needed and not there.
    #[error("tensor {tensor} is missing")]
    Missing {
        /// Its name.
        tensor: String,
    },
    /// A tensor of another shape.
    #[error("tensor {tensor} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Its name.
        tensor: String,
        /// The shape it has.
        found: Vec<usize>,
        /// The shape that the other tensors ask for.
        expected: Vec<usize>,
    },
    /// A number that its tensor may not hold.
    #[error("tensor {tensor}[{index}] is {value}, {expected}")]
    Value {
        /// The tensor's name.
        tensor: String,
        /// The number's place in the tensor, row-major.
        index: usize,
        /// The number.
        value: f64,
        /// What it may be.
        expected: String,
    },
    /// An entry of the metadata that cannot be understood.
    #[error("metadata {key}: {why}")]
    Metadata {
        /// Its key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// An option or format that this crate does not compute.
    #[error("{what} is not supported")]
    Unsupported {
        /// Its name.
        what: String,
    },
}
