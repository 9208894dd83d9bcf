use lstm_exchange::ExchangeError;
use std::path::PathBuf;

/// Why a recording cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A file that cannot be read, or a tensor or option in it that cannot be used.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// A file with another extension.
    #[error(
        "the file's name ends in neither .safetensors nor .onnx; a recording is a safetensors file with the weights, \
         inputs and outputs of an LSTM, or an ONNX model beside a recording of what it computes"
    )]
    UnknownFile,
    /// A file whose tensors belong to none of the known formats.
    #[error(
        "unknown format; a recording has weight_ih_l0 (PyTorch), kernel and recurrent_kernel (Keras), \
         W and R (ONNX) or init.lstm.weight_ih_l0 (a training trace)"
    )]
    UnknownRecording,
    /// A file with the weights of more than one LSTM.
    #[error(
        "the file has several LSTMs ({}), and nothing says which one computed the outputs; record \
         each in a file of its own",
        found.join(", ")
    )]
    SeveralLstms {
        /// The prefix of each LSTM's weight names.
        found: Vec<String>,
    },
    /// Two tensors whose names mean the same thing.
    #[error("{first} and {second} both mean {meaning}; rename or remove one of them")]
    SameMeaning {
        /// The first one's name.
        first: String,
        /// The second one's name.
        second: String,
        /// The name that this crate uses.
        meaning: String,
    },
    /// A recording whose shapes contradict the order of batch and time, whether stated or usual.
    #[error("{error}; the shapes fit if batch and time are swapped")]
    Swapped {
        /// The error in the stated or usual order.
        error: String,
    },
    /// A recording without any tensor that can be compared.
    #[error("nothing to compare: the file has none of the outputs {}", outputs.join(", "))]
    NoOutput {
        /// The names of the outputs that the format has.
        outputs: Vec<String>,
    },
    /// A tolerance that would accept nothing or nearly everything.
    #[error("tolerance {given}: expected a number above 0 and at most {most}")]
    Tolerance {
        /// The tolerance.
        given: f64,
        /// The largest tolerance.
        most: f64,
    },
    /// An ONNX model without a recording of what it computes.
    #[error(
        "no recording of the model's inputs and outputs; looked for {}",
        looked_for.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoRecording {
        /// The paths at which it could be.
        looked_for: Vec<PathBuf>,
    },
}

impl CheckError {
    pub(crate) fn missing(tensor: impl Into<String>) -> Self {
        let tensor = tensor.into();
        ExchangeError::Missing { tensor }.into()
    }

    pub(crate) fn shape(
        tensor: impl Into<String>,
        found: impl Into<Vec<usize>>,
        expected: impl Into<Vec<usize>>,
    ) -> Self {
        let error = ExchangeError::Shape {
            tensor: tensor.into(),
            found: found.into(),
            expected: expected.into(),
        };
        error.into()
    }

    pub(crate) fn metadata(key: impl Into<String>, why: impl Into<String>) -> Self {
        let (key, why) = (key.into(), why.into());
        ExchangeError::Metadata { key, why }.into()
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        let what = what.into();
        ExchangeError::Unsupported { what }.into()
    }
}
