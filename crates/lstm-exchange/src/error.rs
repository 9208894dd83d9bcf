use std::path::PathBuf;

/// Why a model cannot be exported or imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// Bytes that are no safetensors file.
    #[cfg(feature = "pytorch")]
    #[error("not a safetensors file: {source}")]
    Safetensors {
        /// The reader's error.
        #[from]
        source: safetensors::SafeTensorError,
    },
    /// Bytes that are no ONNX model.
    #[error("not an ONNX model: {why}")]
    NotOnnx {
        /// What is wrong with them.
        why: String,
    },
    /// Bytes that are no weights file of Keras.
    #[error("not the weights of a Keras model: {why}")]
    NotKeras {
        /// What is wrong with them.
        why: String,
    },
    /// A node of an ONNX graph that cannot be computed.
    #[error("{node}: {why}")]
    Node {
        /// Its operator, and its name or that of its output.
        node: String,
        /// Why not.
        why: String,
    },
    /// A file without a vocabulary, and none was given.
    #[error(
        "the file does not say which characters its ids stand for; pass a vocabulary (a JSON file)"
    )]
    NoVocabulary,
    /// A model that reads subword tokens.
    #[error(
        "this model reads subword tokens, and only models that read characters can be exported: \
         the other frameworks' files cannot hold the merge rules"
    )]
    Subwords,
    /// A vocabulary of another size than the model's.
    #[error("{characters} characters for {ids} ids")]
    Vocabulary {
        /// The number of characters.
        characters: usize,
        /// The number of ids.
        ids: usize,
    },
    /// JSON that is no list of characters.
    #[error("not a list of characters: {why}")]
    Characters {
        /// What is wrong with it.
        why: String,
    },
    /// A network that cannot be built.
    #[error(transparent)]
    Model(#[from] lstm_model::ModelError),
    /// A model file that cannot be read or written.
    #[error(transparent)]
    File(#[from] lstm_train::TrainError),
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
    /// A tensor whose number type is not read.
    #[error(
        "tensor {tensor} has type {dtype}, expected F64, F32, F16, BF16, BOOL or an integer type"
    )]
    Dtype {
        /// Its name.
        tensor: String,
        /// Its number type.
        dtype: String,
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
    /// A metadata entry that cannot be understood.
    #[error("metadata {key}: {why}")]
    Metadata {
        /// Its key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// A model that has something this crate does not support.
    #[error("{what} is not supported")]
    Unsupported {
        /// What it has.
        what: String,
    },
    /// Names from which no LSTM, or more than one, can be told.
    #[error("{why}; the file has {}", found.join(", "))]
    Lstm {
        /// What is wrong.
        why: String,
        /// The names that the file has.
        found: Vec<String>,
    },
    /// Arrays besides the LSTM whose roles are not clear: which one is the embedding, which one the head.
    #[error(
        "{ways} to read {} as an embedding (V, {input_size}) and a head ({head}) with a bias (V); \
         an array whose name ends in embed or head is taken for the embedding or the head",
        found.join(", ")
    )]
    Roles {
        /// How many ways there are.
        ways: &'static str,
        /// D
        input_size: usize,
        /// The shape of a head.
        head: String,
        /// The arrays' names and shapes.
        found: Vec<String>,
    },
}
