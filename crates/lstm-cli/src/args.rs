//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use lstm_model::Init;
use lstm_text::Unknown;
use std::path::PathBuf;

/// An LSTM that can be trusted: every gradient written out and proven, trained on real text.
///
/// Without a command: the tour, which trains a small model for a minute and shows what it learned.
#[derive(Debug, Parser)]
#[command(name = "lstm", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a small model on this project's own book for a minute and show what it learns
    Tour(TourArgs),
    /// Train a character model on a text
    Train(Box<TrainArgs>),
    /// Write text with a trained model
    Generate(GenerateArgs),
    /// Measure a trained model's loss on a text
    Eval(EvalArgs),
    /// Show a trained model's tensors and count its parameters
    Inspect(InspectArgs),
    /// Check the analytic gradients against dual numbers and central differences
    Gradcheck(GradcheckArgs),
}

#[derive(Debug, Args)]
pub struct TourArgs {
    /// Where the model, its metrics and its pictures go
    #[arg(long, value_name = "DIR", default_value = "lstm-out")]
    pub out: PathBuf,
    /// How long to train
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "N",
        default_value_t = 60.0
    )]
    pub seconds: f64,
}

impl Default for TourArgs {
    fn default() -> Self {
        Self {
            out: "lstm-out".into(),
            seconds: 60.0,
        }
    }
}

#[derive(Debug, Args)]
pub struct TrainArgs {
    /// The text, in UTF-8; `-` reads standard input
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub text: Option<PathBuf>,
    /// Where the checkpoint, metrics.jsonl and the pictures go
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub out: Option<PathBuf>,
    /// Go on with the run in this directory, on its own text and with its own settings, there or in
    /// --out. --epochs, --steps, --seconds, --lr, --clip, --threads and --engine may change
    #[arg(long, value_name = "DIR", conflicts_with = "preset")]
    pub resume: Option<PathBuf>,
    /// Threads; by default one for each processor
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub limit: LimitArgs,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Debug, Default, Args)]
#[group(multiple = false)]
pub struct LimitArgs {
    /// Stop when every training character has been seen so many times [default: 10]
    #[arg(long, value_name = "N", help_heading = "How long")]
    pub epochs: Option<u64>,
    /// Stop after so many steps
    #[arg(long, value_name = "N", help_heading = "How long")]
    pub steps: Option<u64>,
    /// Stop after so many seconds, those of earlier sessions included
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "N",
        help_heading = "How long"
    )]
    pub seconds: Option<f64>,
}

/// What makes a run what it is. Given, it wins over the preset; not given, the preset or the default
/// decides.
#[derive(Debug, Default, Args)]
#[group(id = "settings", multiple = true)]
pub struct Settings {
    /// A whole set-up, which other options change [article: 2 layers of 256, one-hot characters,
    /// windows of 100, batches of 128, 20 epochs of Adam at 1e-3, as the article's Keras program]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<Preset>,

    /// Layers on top of each other [default: 2]
    #[arg(long, value_name = "N", help_heading = "Model")]
    pub layers: Option<usize>,
    /// Hidden size H of every layer [default: 256]
    #[arg(long, value_name = "H", help_heading = "Model")]
    pub hidden: Option<usize>,
    /// Embedding size D; 0 reads one-hot characters [default: 64]
    #[arg(long, value_name = "D", help_heading = "Model")]
    pub embed: Option<usize>,
    /// Dropout between layers [default: 0]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "P",
        help_heading = "Model"
    )]
    pub dropout: Option<f64>,
    /// Dropout between the last layer and the softmax head [default: 0]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "P",
        help_heading = "Model"
    )]
    pub head_dropout: Option<f64>,
    /// How the layers' weights are drawn: Glorot, orthogonal and forget bias 1; or uniform in
    /// ±1/√H as PyTorch does [default: glorot]
    #[arg(long, value_name = "NAME", help_heading = "Model")]
    pub init: Option<InitName>,

    /// Sequences side by side, B [default: 64]
    #[arg(long, value_name = "B", help_heading = "Data")]
    pub batch: Option<usize>,
    /// Steps in a sequence, T: how far back gradients go [default: 100]
    #[arg(long, value_name = "T", help_heading = "Data")]
    pub seq_len: Option<usize>,
    /// Cut the text into contiguous streams and carry the state along them; this is the
    /// default
    #[arg(long, help_heading = "Data", conflicts_with = "windows")]
    pub stream: bool,
    /// Cut the text into overlapping windows in random order, as the article does
    #[arg(long, help_heading = "Data")]
    pub windows: bool,
    /// The part at the text's end that is held out for validation [default: 0.1]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "F",
        help_heading = "Data"
    )]
    pub val_fraction: Option<f64>,
    /// Compose the text's characters (Unicode NFC) before anything else
    #[arg(long, help_heading = "Data")]
    pub nfc: bool,

    /// The rule of descent [default: adam]
    #[arg(long, value_name = "NAME", help_heading = "Training")]
    pub optimizer: Option<OptimizerName>,
    /// Learning rate [default: adam and adamw 2e-3, rmsprop 1e-3, momentum 0.1, sgd 1]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "RATE",
        help_heading = "Training"
    )]
    pub lr: Option<f64>,
    /// Keep the rate, let it fall to 0 along a cosine, or halve it when validation stalls
    /// [default: constant]
    #[arg(long, value_name = "NAME", help_heading = "Training")]
    pub schedule: Option<ScheduleName>,
    /// Clip the gradient at this global norm; 0 never clips [default: 5]
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "NORM",
        help_heading = "Training"
    )]
    pub clip: Option<f64>,
    /// Evaluate, write metrics and save every so many steps [default: an epoch, at most 200]
    #[arg(long, value_name = "STEPS", help_heading = "Training")]
    pub eval_every: Option<u64>,
    /// Decides every random choice [default: 1]
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub seed: Option<u64>,
    /// What computes the layers [default: batched]
    #[arg(long, value_name = "NAME", help_heading = "Training")]
    pub engine: Option<EngineName>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScheduleName {
    Constant,
    Cosine,
    Plateau,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// One matrix product a step for all gates and sequences
    #[default]
    Batched,
    /// Equation by equation: slow, readable, the reference
    Spec,
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The directory that training wrote to
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    /// The text to continue, read as the beginning of a line
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub prime: String,
    /// How many characters to write
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub length: usize,
    /// Below 1 is more careful, above 1 more daring, 0 always takes the likeliest character
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "T",
        default_value_t = 0.8
    )]
    pub temperature: f64,
    /// Choose among the K likeliest characters only
    #[arg(long, value_name = "K")]
    pub top_k: Option<usize>,
    /// Choose among the fewest likeliest characters that together have probability P
    #[arg(long, allow_negative_numbers = true, value_name = "P")]
    pub top_p: Option<f64>,
    /// Decides every random choice [default: another one each time, printed]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The directory that training wrote to
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    /// The text, in UTF-8; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub text: PathBuf,
    /// What to do with characters that the model does not know
    #[arg(long, value_name = "WHAT", default_value = "reject")]
    pub unknown: UnknownName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnknownName {
    /// Stop and name the first
    Reject,
    /// Leave them out and name them
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

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The directory that training wrote to
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
}

#[derive(Debug, Args)]
pub struct GradcheckArgs {
    /// Layers on top of each other
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub layers: usize,
    /// Hidden size H of every layer
    #[arg(long, value_name = "H", default_value_t = 6)]
    pub hidden: usize,
    /// Embedding size D; 0 reads one-hot characters
    #[arg(long, value_name = "D", default_value_t = 4)]
    pub embed: usize,
    /// Vocabulary size V
    #[arg(long, value_name = "V", default_value_t = 7)]
    pub vocab: usize,
    /// Sequences side by side, B
    #[arg(long, value_name = "B", default_value_t = 3)]
    pub batch: usize,
    /// Steps in a sequence, T
    #[arg(long, value_name = "T", default_value_t = 8)]
    pub steps: usize,
    /// Draws the case
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The engine under test
    #[arg(long, value_name = "NAME", value_enum, default_value_t = EngineName::Batched)]
    pub engine: EngineName,
}
