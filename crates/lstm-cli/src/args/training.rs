//! The options that all training commands share.

use super::input::InputArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The options of every training command. An option that is not given has the value of the preset or
/// the default.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Directory for the model, the run, metrics.jsonl, the pictures and the report
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub out: Option<PathBuf>,
    /// Resume the run in this directory, with its data and its settings. With --out, a copy of the run
    /// goes on in another directory. --epochs, --steps, --seconds, --patience, --keep, --lr, --clip, --threads and
    /// --engine may change
    #[arg(long, value_name = "DIR", conflicts_with = "from")]
    pub resume: Option<PathBuf>,
    /// Train this model further, on any data: a model file or the directory of a run. The new run has
    /// its own settings and a new optimiser
    #[arg(long, value_name = "MODEL")]
    pub from: Option<PathBuf>,
    /// Threads of each process [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// The engine that computes the layers [default: fast]
    #[arg(long, value_name = "NAME")]
    pub engine: Option<EngineName>,
    /// Which models to keep: the last one, the best one by validation loss, or both [default: both]
    #[arg(long, value_name = "WHICH")]
    pub keep: Option<KeepName>,
    /// Open the report of the run in the browser when it ends
    #[arg(long)]
    pub open: bool,
    #[command(flatten)]
    pub limit: LimitArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub training: TrainingArgs,
    #[command(flatten)]
    pub input: InputArgs,
}

/// When a run ends.
#[derive(Debug, Args)]
#[command(next_help_heading = "How long")]
pub struct LimitArgs {
    /// Stop after this many epochs [default: 10; label and summarize need 3 on generated data; a
    /// forecast has as many as make 600 steps, classify at least as many as make 1000]
    #[arg(long, value_name = "N", conflicts_with_all = ["steps", "seconds"])]
    pub epochs: Option<u64>,
    /// Stop after this many steps
    #[arg(long, value_name = "N", conflicts_with = "seconds")]
    pub steps: Option<u64>,
    /// Stop after this many seconds, those of earlier sessions included
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seconds: Option<f64>,
    /// Stop early, when this many evaluations in a row brought no new minimum of the validation
    /// loss
    #[arg(long, value_name = "N")]
    pub patience: Option<u32>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// Number of layers [default: 2 for a language model, else 1]
    #[arg(long, value_name = "N")]
    pub layers: Option<usize>,
    /// Hidden size H of every layer; each direction of a bidirectional layer has half of it
    /// [default: 256; 128 on generated data and for classify; 64 for a forecast]
    #[arg(long, value_name = "H")]
    pub hidden: Option<usize>,
    /// Embedding size D; 0 gives a language model one-hot input [default: 64 for a language model
    /// and classify, else 128]
    #[arg(long, value_name = "D")]
    pub embed: Option<usize>,
    /// Dropout between layers; translate, summarize and label use it on embeddings too, forecast and
    /// classify after the last layer too [default: 0 for a language model, 0.1 for a forecast, else 0.2]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub dropout: Option<f64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Training")]
pub struct TrainingArgs {
    /// Sequences in a batch, B [default: 64; 32 for a forecast and classify]
    #[arg(long, value_name = "B")]
    pub batch: Option<usize>,
    /// Learning rate [default: 2e-3; 4e-3 on generated data; 3e-3 for a forecast; other optimisers
    /// have their own]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub lr: Option<f64>,
    /// Keep the learning rate, let it fall to 0 along a cosine, or halve it when the validation loss
    /// stalls [default: constant for a language model, else cosine if the last step is known]
    #[arg(long, value_name = "NAME")]
    pub schedule: Option<ScheduleName>,
    /// Clip the gradient at this global norm; 0 never clips [default: 5; 1 for a forecast and
    /// classify]
    #[arg(long, value_name = "NORM", allow_negative_numbers = true)]
    pub clip: Option<f64>,
    /// Evaluate, write metrics and save every this many steps [default: fifteen times in the run with
    /// --seconds; otherwise an epoch, at most 200 for a language model, else at most 500; 100 for a
    /// forecast]
    #[arg(long, value_name = "STEPS")]
    pub eval_every: Option<u64>,
    /// The seed of every random choice [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeepName {
    Both,
    Best,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScheduleName {
    Constant,
    Cosine,
    Plateau,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// Register tiles and fused steps, chosen for this machine
    #[default]
    Fast,
    /// One matrix product a step for all gates and sequences
    Batched,
    /// Equation by equation: slow, readable, the reference
    Spec,
}
