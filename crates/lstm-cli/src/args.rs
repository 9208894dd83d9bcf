//! The command line.

mod input;
mod training;
mod text;
mod tasks;
mod forecast;
mod classify;

pub use classify::*;
pub use forecast::*;
pub use input::*;
pub use tasks::*;
pub use text::*;
pub use training::*;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lstm_bench::Workload;
use std::path::PathBuf;

/// An LSTM that can be trusted: every gradient written out, tested and derived, trained on real text.
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
    /// Forecast series of numbers
    #[command(subcommand)]
    Forecast(ForecastCommand),
    /// Give texts or series of numbers one of several labels
    #[command(subcommand)]
    Classify(ClassifyCommand),
    /// Measure a trained model's loss on a text
    Eval(EvalArgs),
    /// Compare the losses of several runs: a table and a picture
    Compare(CompareArgs),
    /// Write the hidden states of a trained model that reads a text
    States(StatesArgs),
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
    /// Directory for the model, its metrics, its pictures and its report [default: lstm-out, or
    /// lstm-out-2 and so on if there is one already]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Seconds to train
    #[arg(long, value_name = "N", default_value_t = 60.0)]
    #[arg(allow_negative_numbers = true)]
    pub seconds: f64,
    /// Open the report of the run in the browser when it ends
    #[arg(long)]
    pub open: bool,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Recordings, as safetensors: of PyTorch, Keras, the ONNX operator, a training trace, or a vector;
    /// or ONNX models (.onnx), each with a recording of its inputs and outputs beside it (safetensors,
    /// or test_data_set_0 of ONNX's test cases)
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// If numbers disagree, name the known mistakes that give them
    #[arg(long)]
    pub explain: bool,
    /// Say which wrong LSTMs the recording would let pass
    #[arg(long)]
    pub power: bool,
    /// How far a number may be off, as a fraction of its tensor's largest; at most 0.1
    ///
    /// Without it the number type of each tensor decides: 1e-12 for float64, 1e-5 for float32, 3e-2 for
    /// float16, 3e-1 for bfloat16. If a tensor's inputs have a coarser type, their tolerance is the limit.
    /// Decimals that were printed may be off by half a unit of the last digit; by ten units if the inputs
    /// were printed too. A known mistake is found, too, if it fits ten times better than the tolerance asks.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub tolerance: Option<f64>,
}

/// The framework that a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Framework {
    /// safetensors, named as in a state_dict; import also reads what torch.save writes (.pt, .pth)
    Pytorch,
    /// .weights.h5; import also reads .keras, .h5 and .weights.json
    Keras,
    /// .onnx: the whole model
    Onnx,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// The framework to write the file for
    #[arg(long, value_name = "NAME")]
    pub to: Framework,
    /// The file to write; an existing file is not overwritten
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Write a directory with which PyTorch continues the run, in one process or in several: the weights,
    /// Adam's moments, the text's ids and a script for `torchrun`
    #[arg(long)]
    pub with_training: bool,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file of a model: an embedding or one-hot input, LSTM layers, and a linear layer
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The framework that wrote the file
    #[arg(long, value_name = "NAME")]
    pub from: Framework,
    /// Directory for the model; an existing one is not overwritten
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// JSON with the characters in the order of their ids: a list, a string, or an object from
    /// character to id or from id to character; needed unless `lstm export` wrote the file
    #[arg(long, value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// The input is one-hot: the file has no embedding because the model has none (PyTorch)
    #[arg(long)]
    pub one_hot: bool,
    /// The part of the file that is the model, if it holds several, such as `ema` (PyTorch)
    #[arg(long, value_name = "NAME")]
    pub part: Option<String>,
    /// The LSTMs of the model, bottom first, if their names do not tell (PyTorch)
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub lstm: Vec<String>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct VectorsArgs {
    /// Directory for the vectors
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write test cases for ONNX runtimes instead, in the layout of ONNX's backend tests
    #[arg(long)]
    pub onnx: bool,
}

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Print one JSON object and nothing else
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct GradcheckArgs {
    /// Number of layers
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
    /// Batch size B
    #[arg(long, value_name = "B", default_value_t = 3)]
    pub batch: usize,
    /// Sequence length T
    #[arg(long, value_name = "T", default_value_t = 8)]
    pub steps: usize,
    /// The seed of the random network and its batch
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The engine to check
    #[arg(long, value_name = "NAME", value_enum, default_value_t = CheckedEngine::Batched)]
    pub engine: CheckedEngine,
}

/// The oracles need f64. The fast engine computes in f32 and is compared with the spec engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckedEngine {
    /// The engine that trains, in f32: compared with the spec engine in f64
    Fast,
    /// One matrix product a step for all gates and sequences
    Batched,
    /// Equation by equation: slow, readable, the reference
    Spec,
}

/// Every network reads one of V = 64 characters through an embedding of 64. A training step is complete:
/// forward pass and softmax at every character, full backward pass, Adam. The states begin at zero.
///
/// Workloads:
///   W1       train 2 layers of 256, batch 128, length 100
///   W2       generate 2000 characters with W1's network, one at a time, the most probable each time
///   W2-half  the same with the weights in 16 bits
///   W3       train 1 layer of 128, batch 32, length 64
///   W4-Hn    train 1 layer of n units, batch 32, length 100; n is at least 1
///   odd      train 1 layer of 200, batch 50, length 100, V = 97: no multiples of 16
///   even     train 1 layer of 208, batch 48, length 100, V = 96: the nearest multiples
///   translation, summarisation, labelling
///            train the application's network, 256 units, on 8 batches of 64 random sentences with
///            the lengths of real ones, with dropout and clipping; the mean of the 8 steps
///
/// A training workload runs 3 steps to warm up, then at least 10 steps and 3 s, and at most 500 steps.
/// The median is reported. W2 and the applications run once to warm up, then five times.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct BenchArgs {
    /// What to time [default: W1 W2 W3 W4-H64 W4-H128 W4-H256 W4-H512 W4-H1024, about half a minute]
    #[arg(value_name = "WORKLOAD")]
    pub workloads: Vec<Workload>,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// The engine that computes the layers
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    pub engine: EngineName,
    /// Print one line of JSON for each workload and nothing else
    #[arg(long)]
    pub json: bool,
}
