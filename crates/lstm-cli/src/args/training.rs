//! `lstm train`: its options.

use clap::{Args, ValueEnum};
use lstm_model::Init;
use std::path::PathBuf;

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
    /// Stop when all training data have been seen so many times [default: 10; label and summarize need 3
    /// on generated data]
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

    /// Read parts of words, byte pairs learned from the text, of at most V kinds [default: characters]
    #[arg(long, value_name = "V", help_heading = "Data")]
    pub vocab: Option<usize>,
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
    /// What computes the layers [default: fast]
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
    /// Register tiles and fused steps, for the machine it runs on
    #[default]
    Fast,
    /// One matrix product a step for all gates and sequences
    Batched,
    /// Equation by equation: slow, readable, the reference
    Spec,
}
