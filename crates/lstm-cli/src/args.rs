//! The command line.

mod training;
mod text;
mod tasks;

pub use tasks::*;
pub use text::*;
pub use training::*;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lstm_bench::Workload;
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
    /// Generate text with a trained model
    Generate(GenerateArgs),
    /// Translate sentences with a model trained on pairs of them
    #[command(subcommand)]
    Translate(TranslateCommand),
    /// Summarise texts as headlines, with a model that can copy names and numbers
    #[command(subcommand)]
    Summarize(SummarizeCommand),
    /// Label who does what to whom in sentences
    #[command(subcommand)]
    Label(LabelCommand),
    /// Measure a trained model's loss on a text
    Eval(EvalArgs),
    /// Show a trained model's tensors and count its parameters
    Inspect(InspectArgs),
    /// Check the analytic gradients against dual numbers and central differences
    Gradcheck(GradcheckArgs),
    /// Recompute another LSTM's recorded numbers, and compare tensor by tensor
    Check(CheckArgs),
    /// Convert a trained model to a file of PyTorch, Keras or ONNX
    Export(ExportArgs),
    /// Convert a character model of PyTorch, Keras or ONNX to a model file
    Import(ImportArgs),
    /// Write test vectors that tell a right LSTM from a wrong one, gradients included
    Vectors(VectorsArgs),
    /// Time training and generation, and compare them with the machine's peak
    Bench(BenchArgs),
}

#[derive(Debug, Parser)]
pub struct TourArgs {
    /// Where the model, its metrics and its pictures go
    #[arg(long, value_name = "DIR", default_value = "lstm-out")]
    pub out: PathBuf,
    /// How long to train
    #[arg(
        long,
        value_name = "N",
        default_value = "60",
        allow_negative_numbers = true
    )]
    pub seconds: f64,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Recordings, as safetensors: of PyTorch, Keras, the ONNX operator, a training trace, or a vector;
    /// or ONNX models (.onnx), each with a recording of its inputs and outputs beside it
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Where numbers disagree, say which known mistake gives them
    #[arg(long)]
    pub explain: bool,
    /// Say which wrong LSTMs the recording would let pass
    #[arg(long)]
    pub power: bool,
}

/// Whose files a model is carried to or from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Framework {
    /// safetensors, named as in a state_dict
    Pytorch,
    /// .weights.h5 of Keras 3
    Keras,
    /// .onnx: the whole model
    Onnx,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Whose file to write
    #[arg(long, value_name = "WHOSE")]
    pub to: Framework,
    /// Where it goes; a file that is there already is left alone
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// An embedding or one-hot input, LSTMs, and a linear layer
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Whose file it is
    #[arg(long, value_name = "WHOSE")]
    pub from: Framework,
    /// Where the model goes; one that is there already is left alone
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// JSON with the characters in the order of their ids: a list, a string, or an object from
    /// character to id; needed unless `lstm export` wrote the file
    #[arg(long, value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct VectorsArgs {
    /// Where they go
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
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
    #[arg(long, value_name = "NAME", value_enum, default_value_t = CheckedEngine::Batched)]
    pub engine: CheckedEngine,
}

/// The engines that also compute in f64, as a gradient check must.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckedEngine {
    /// One matrix product a step for all gates and sequences
    Batched,
    /// Equation by equation: slow, readable, the reference
    Spec,
}

/// Every network reads one of V = 64 characters through an embedding of 64. A training step is the
/// whole of it: forward, softmax at every step, full backward pass, Adam, from zero states.
///
/// Workloads:
///   W1       train 2 layers of 256, batch 128, length 100
///   W2       generate 2000 characters with W1's network, one at a time, the most probable each time
///   W2-half  the same with the weights in 16 bits
///   W3       train 1 layer of 128, batch 32, length 64
///   W4-Hn    train 1 layer of n units, batch 32, length 100; any n from 1 on
///   odd      train 1 layer of 200, batch 50, length 100, V = 97: no multiples of 16
///   even     train 1 layer of 208, batch 48, length 100, V = 96: the nearest multiples
///
/// A training workload runs 3 steps to warm up, then at least 10 steps and 3 s, at most 500; the
/// median counts. W2 runs once to warm up, then five times.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct BenchArgs {
    /// What to time [default: W1 W2 W3 W4-H64 W4-H128 W4-H256 W4-H512 W4-H1024, about half a minute]
    #[arg(value_name = "WORKLOAD")]
    pub workloads: Vec<Workload>,
    /// Threads; by default one for each processor
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// What computes the layers
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    pub engine: EngineName,
    /// Print one line of JSON for each workload and nothing else
    #[arg(long)]
    pub json: bool,
}
