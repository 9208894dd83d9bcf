//! `lstm train`, `generate` and `eval`: their options.

use super::input::InputArgs;
use super::training::RunArgs;
use clap::{Args, Parser, ValueEnum};
use lstm_model::Init;
use lstm_text::Unknown;
use std::path::PathBuf;

#[derive(Debug, Parser)]
pub struct TrainArgs {
    /// The text, in UTF-8: files, or directories for all .txt files below them, in the order of their
    /// paths; `-` reads standard input
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "resume")]
    pub text: Vec<PathBuf>,
    /// A complete set of settings, which other options change [article: 2 layers of 256, one-hot
    /// characters, windows of 100, batches of 128, 20 epochs of Adam at 1e-3, as the article's Keras
    /// program]
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    pub preset: Option<Preset>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub options: TextArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub struct TextArgs {
    /// Dropout between the last layer and the softmax head [default: 0]
    #[arg(long, value_name = "P", help_heading = "Model")]
    #[arg(allow_negative_numbers = true)]
    pub head_dropout: Option<f64>,
    /// How the layers' weights are drawn: Glorot, orthogonal and forget bias 1; or uniform in
    /// ±1/√H as PyTorch does [default: glorot]
    #[arg(long, value_name = "NAME", help_heading = "Model")]
    pub init: Option<InitName>,
    /// Read subwords, byte pairs learned from the text, with a vocabulary of at most V [default:
    /// characters]
    #[arg(long, value_name = "V")]
    pub vocab: Option<usize>,
    /// Read words, the V most frequent of those that occur at least twice; all others are one unknown
    /// word
    #[arg(long, value_name = "V", conflicts_with = "vocab")]
    pub words: Option<usize>,
    /// Steps in a sequence, T: how far back gradients go [default: 100]
    #[arg(long, value_name = "T")]
    pub seq_len: Option<usize>,
    /// Cut the text into contiguous streams and carry the state along them (the default)
    #[arg(long, conflicts_with = "windows")]
    pub stream: bool,
    /// Probability that a stream starts from a zero state at a new sequence, so that the model learns to
    /// begin a text; 0 carries the state always [default: 0.05]
    #[arg(long, value_name = "P", conflicts_with = "windows")]
    #[arg(allow_negative_numbers = true)]
    pub restart: Option<f64>,
    /// Cut the text into overlapping windows in random order, as the article does
    #[arg(long)]
    pub windows: bool,
    /// The fraction at the text's end that is held out for validation [default: 0.1]
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    pub val_fraction: Option<f64>,
    /// A text to validate on, instead of the end of --text
    #[arg(long, value_name = "FILE", conflicts_with = "val_fraction")]
    pub val_text: Option<PathBuf>,
    /// Normalise the text first: compose its characters (Unicode NFC)
    #[arg(long)]
    pub nfc: bool,
    /// With --from: what to do with characters that the model does not know [default: reject]
    #[arg(
        long,
        value_name = "WHAT",
        requires = "from",
        conflicts_with = "resume"
    )]
    pub unknown: Option<UnknownName>,
    /// The optimiser [default: adam]
    #[arg(long, value_name = "NAME", help_heading = "Training")]
    pub optimizer: Option<OptimizerName>,
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// The text to continue, read as the beginning of a line
    #[arg(long, value_name = "TEXT", default_value_t, hide_default_value = true)]
    pub prime: String,
    /// A file with the text to continue; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "prime")]
    pub prime_file: Option<PathBuf>,
    /// Number of characters (or subwords) to generate
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub length: usize,
    /// Sampling temperature: below 1 is safer, above 1 more varied, 0 always takes the most probable
    /// character
    #[arg(long, value_name = "T", default_value_t = 0.8)]
    #[arg(allow_negative_numbers = true)]
    pub temperature: f64,
    /// Sample from the K most probable characters only
    #[arg(long, value_name = "K")]
    pub top_k: Option<usize>,
    /// Sample from the smallest set of most probable characters whose probabilities add up to P
    #[arg(long, allow_negative_numbers = true, value_name = "P")]
    pub top_p: Option<f64>,
    /// Search for the most probable text of this length with a beam of N hypotheses instead of
    /// sampling
    #[arg(long, value_name = "N")]
    #[arg(conflicts_with_all = ["temperature", "top_k", "top_p", "half", "seed"])]
    pub beam: Option<usize>,
    /// Keep the weights as 16-bit integers while generating: faster, and nearly always the same text
    #[arg(long)]
    pub half: bool,
    /// The seed of every random choice [default: a new one each time, printed]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// End before the first occurrence of this text in what is generated
    #[arg(long, value_name = "TEXT")]
    pub stop: Option<String>,
    /// Number of texts, generated side by side with the seeds N, N + 1, …; each is the text that its seed
    /// gives alone, and an empty line stands between them
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "beam")]
    pub count: u64,
    /// Write the texts to a new file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct StatesArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// The text to read, in UTF-8; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub text: PathBuf,
    /// The safetensors file to write: h_t and c_t of every layer l as layer.l.h and layer.l.c, T×H, and
    /// the ids; an existing file is not overwritten
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// What to do with characters that the model does not know
    #[arg(long, value_name = "WHAT", default_value = "reject")]
    pub unknown: UnknownName,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The directories that training wrote to
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// Draw the validation losses of all runs, as SVG; an existing file is not overwritten
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// The text, in UTF-8; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub text: PathBuf,
    /// What to do with characters that the model does not know
    #[arg(long, value_name = "WHAT", default_value = "reject")]
    pub unknown: UnknownName,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnknownName {
    /// Stop with an error
    Reject,
    /// Leave them out, count them and name them
    Skip,
}

impl From<UnknownName> for Unknown {
    fn from(name: UnknownName) -> Self {
        match name {
            UnknownName::Reject => Self::Reject,
            UnknownName::Skip => Self::Skip,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    Article,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitName {
    Glorot,
    Pytorch,
}

impl From<InitName> for Init {
    fn from(name: InitName) -> Self {
        match name {
            InitName::Glorot => Self::GlorotOrthogonal,
            InitName::Pytorch => Self::PytorchUniform,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OptimizerName {
    Sgd,
    Momentum,
    Adam,
    Adamw,
    Rmsprop,
}
