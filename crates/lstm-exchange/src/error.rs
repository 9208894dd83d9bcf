use std::path::PathBuf;

/// What can be wrong with a file, or with what it holds.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what its name says.
    #[error("not a safetensors file: {source}")]
    Safetensors {
        /// What the reader found.
        #[from]
        source: safetensors::SafeTensorError,
    },
    /// The file is not what its name says.
    #[error("not an ONNX model: {why}")]
    NotOnnx {
        /// What is wrong with it.
        why: String,
    },
    /// A node of a graph that cannot be computed.
    #[error("{node}: {why}")]
    Node {
        /// Its operator, and its name or its output's.
        node: String,
        /// Why not.
        why: String,
    },
    /// A model without a recording of what it should compute.
    #[error(
        "no recording of its inputs and outputs beside the model; looked for {}",
        looked_for.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoRecording {
        /// The names.
        looked_for: Vec<PathBuf>,
    },
    /// A model without characters.
    #[error(
        "the file does not say which characters its ids stand for; name them by a vocabulary, as JSON"
    )]
    NoVocabulary,
    /// A model of parts of words.
    #[error(
        "this model reads parts of words, expected one that reads characters: other frameworks have no place for their rules"
    )]
    Pieces,
    /// Characters that are not as many as the ids.
    #[error("{characters} characters for {ids} ids")]
    Vocabulary {
        /// How many characters.
        characters: usize,
        /// How many ids.
        ids: usize,
    },
    /// A checkpoint that cannot be read or written, or a network that cannot be built.
    #[error(transparent)]
    Model(#[from] lstm_model::ModelError),
    /// No format is known by this name.
    #[error("not a recording by its name; expected .safetensors or .onnx")]
    UnknownFile,
    /// None of the known sets of tensors is there.
    #[error(
        "no LSTM that is known: a recording has weight_ih_l0 (PyTorch), kernel or fw.kernel (Keras), \
         in.W (ONNX) or init.lstm.weight_ih_l0 (a training trace)"
    )]
    UnknownRecording,
    /// A tensor that is needed is not there.
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
        /// The shape that the others ask for.
        expected: Vec<usize>,
    },
    /// A tensor of numbers that are not read.
    #[error(
        "tensor {tensor} has numbers of type {dtype}; read are F64, F32, F16, BF16, I64 and I32"
    )]
    Dtype {
        /// Its name.
        tensor: String,
        /// The type.
        dtype: String,
    },
    /// A tensor that holds what it cannot hold.
    #[error("tensor {tensor}[{index}] is {value}, {expected}")]
    Value {
        /// Its name.
        tensor: String,
        /// Where.
        index: usize,
        /// What stands there.
        value: f64,
        /// What may stand there.
        expected: String,
    },
    /// Metadata that cannot be understood.
    #[error("metadata {key}: {why}")]
    Metadata {
        /// The entry.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something real that is not supported.
    #[error("{what} is not supported")]
    Unsupported {
        /// Its name.
        what: String,
    },
    /// A list of characters that is none.
    #[error("not a list of characters: {why}")]
    Characters {
        /// What is wrong with it.
        why: String,
    },
    /// The file is not what its name says.
    #[error("not the weights of a Keras model: {why}")]
    NotKeras {
        /// What is wrong with it.
        why: String,
    },
    /// Names that do not tell which LSTM is meant, or that tell of none.
    #[error("{why}; the file has {}", found.join(", "))]
    Lstm {
        /// What is wrong.
        why: String,
        /// What there is.
        found: Vec<String>,
    },
    /// Arrays around the LSTM that are not, or not in one way only, an embedding and a head.
    #[error(
        "{ways} to read {} as an embedding (V, {input_size}) and a head ({head}) with its bias (V); \
         its name says which is which if it ends in embed or head",
        found.join(", ")
    )]
    Roles {
        /// How many ways there are.
        ways: &'static str,
        /// D
        input_size: usize,
        /// The shape of a head, in words.
        head: String,
        /// The arrays.
        found: Vec<String>,
    },
}
