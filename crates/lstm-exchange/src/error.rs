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
    /// The file is in a different format.
    #[error("this file is {what}")]
    Foreign {
        /// What it is, and what to do with it.
        what: &'static str,
    },
    /// The bytes are not a valid PyTorch file.
    #[cfg(feature = "pytorch")]
    #[error("not a file of PyTorch that can be read: {why}")]
    NotPytorch {
        /// What is wrong with them.
        why: String,
    },
    /// A pickle that imports or calls something that weights do not need.
    #[cfg(feature = "pytorch")]
    #[error(
        "the file's pickle asks for {global}, which could run anything. Nothing was run. If you trust the file, \
         save model.state_dict() alone, in Python"
    )]
    Code {
        /// The class or function that it names.
        global: String,
    },
    /// A checkpoint with more than one model.
    #[cfg(feature = "pytorch")]
    #[error("the file has several models: {}; choose one with --part", found.join(", "))]
    Checkpoint {
        /// Their names.
        found: Vec<String>,
    },
    /// Several LSTMs whose names do not give their order.
    #[cfg(feature = "pytorch")]
    #[error(
        "more than one LSTM: {}; name those of the model, bottom first and with commas between them, with --lstm, \
         or the part of the file that is a model, with --part",
        found.join(", ")
    )]
    Lstms {
        /// Their names.
        found: Vec<String>,
    },
    /// A model that could pass for one with one-hot input, but only because V = D = H.
    #[cfg(feature = "pytorch")]
    #[error(
        "no embedding in the file, and V, D and H are all {size}: the embedding may have been left out, as tied \
         weights are, or the input is one-hot. If it is one-hot, say so with --one-hot"
    )]
    OneHot {
        /// V, D and H.
        size: usize,
    },
    /// A model without an embedding whose input cannot be one-hot.
    #[cfg(feature = "pytorch")]
    #[error(
        "the embedding ({vocab_size}, {input_size}) is missing: apart from the LSTM, the file holds only {head}. If the two \
         are tied, save both names"
    )]
    NoEmbedding {
        /// The head's name and shape.
        head: String,
        /// V
        vocab_size: usize,
        /// D
        input_size: usize,
    },
    /// A square matrix that could be an embedding or a linear layer.
    #[cfg(feature = "pytorch")]
    #[error(
        "{tensor} can be an embedding or a linear layer, because V = D; an array whose name has emb is taken for an \
         embedding"
    )]
    Square {
        /// Its name and shape.
        tensor: String,
    },
    /// The vocabulary has one character more or less than the model has ids, possibly because of
    /// padding.
    #[cfg(feature = "pytorch")]
    #[error("{characters} characters for {ids} ids; {hint}")]
    Padding {
        /// The number of characters, padding included.
        characters: usize,
        /// The number of ids.
        ids: usize,
        /// The likely reason, and what to do.
        hint: &'static str,
    },
    /// Bytes that are no ONNX model.
    #[error("not an ONNX model: {why}")]
    NotOnnx {
        /// What is wrong with them.
        why: String,
    },
    /// The bytes are not a Keras model.
    #[error("not a Keras model: {why}")]
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
        "this model reads subword tokens or words, and only models that read characters can be exported: \
         the other frameworks' files cannot hold its vocabulary"
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
    /// A layer of a Keras model that this project's models do not have.
    #[error("layer {layer}: {why}; {remedy}")]
    Layer {
        /// Its name and class, or its path in the file.
        layer: String,
        /// The property that is not supported.
        why: String,
        /// What can be done.
        remedy: String,
    },
    /// LSTMs of a Keras file that could be stacked in several ways.
    #[error(
        "the file does not say in which order the model calls the layers {}, and their shapes allow \
         several; build the model as a keras.Sequential or functional model and save it with \
         model.save(\"model.keras\"): a .keras file has the order",
        layers.join(", ")
    )]
    Order {
        /// Their paths.
        layers: Vec<String>,
    },
    /// The file does not show which array is the embedding and which one the head.
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
