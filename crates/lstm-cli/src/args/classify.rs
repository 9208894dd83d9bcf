//! `lstm classify`: its options.

use super::input::InputArgs;
use super::training::RunArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum ClassifyCommand {
    /// Train a classifier on labelled texts or series; without --data, on words of invented languages
    Train(Box<ClassifyTrainArgs>),
    /// Classify the test part, or another file: accuracy, macro F1, every class, and who is taken for whom
    Eval(ClassifyEvalArgs),
    /// Classify texts or series: the most probable label of each, and its probability
    Run(ClassifyRunArgs),
}

#[derive(Debug, Args)]
pub struct ClassifyTrainArgs {
    #[command(flatten)]
    pub data: LabelledArgs,
    #[command(flatten)]
    pub run: RunArgs,
    /// From the outputs of all steps to one vector: the output after the last step, or the mean [default:
    /// mean]
    #[arg(long, value_name = "WHAT", help_heading = "Model")]
    pub pooling: Option<PoolingName>,
    /// Read every sequence in both directions, with half of H in each
    #[arg(long, help_heading = "Model")]
    pub bidirectional: bool,
    /// Read a text word by word, and know at most this many words [default: characters]
    #[arg(long, value_name = "V", help_heading = "Model")]
    pub words: Option<usize>,
    /// Characters or words that occur less often than this are unknown [default: 2]
    #[arg(long, value_name = "N", help_heading = "Model")]
    pub min_count: Option<usize>,
    /// The most steps to read of a sequence, from its beginning: characters, words or rows [default: 500]
    #[arg(long, value_name = "STEPS", help_heading = "Data")]
    pub max_length: Option<usize>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
#[group(conflicts_with = "resume")]
pub struct LabelledArgs {
    /// Labelled sequences, plain or gzip: a table in CSV, whose first row names the columns, or JSON
    /// objects, one a line
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Sequences for validation; none of --data is held out then, unless --test-fraction is given
    #[arg(long, value_name = "FILE", requires = "data")]
    pub val: Option<PathBuf>,
    /// The column with the text [default: text]
    #[arg(long, value_name = "COL", requires = "data", conflicts_with = "value")]
    pub text: Option<String>,
    /// The column with the label [default: label]
    #[arg(long, value_name = "COL", requires = "data")]
    pub label: Option<String>,
    /// Classify series instead of texts: the columns with the values, of which a row is one step; empty
    /// cells, NA and NaN are missing values. In JSON, the fields with the lists of values; null is missing
    #[arg(long, value_name = "COL,…", value_delimiter = ',', requires = "data")]
    pub value: Vec<String>,
    /// The column that says which series a row belongs to; a table needs it
    #[arg(long, value_name = "COL", requires = "value")]
    pub id: Option<String>,
    /// The column with the time, by which the order of the rows of a series is checked
    #[arg(long, value_name = "COL", requires = "value")]
    pub time: Option<String>,
    /// Fraction of every class to validate on [default: 0.15; 0 with --val]
    #[arg(
        long,
        value_name = "P",
        conflicts_with = "val",
        allow_negative_numbers = true
    )]
    pub val_fraction: Option<f64>,
    /// Fraction of every class to test on; `eval` measures there [default: 0.15; 0 with --val]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub test_fraction: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PoolingName {
    /// The output after the last step that a direction reads
    Last,
    /// The mean of the outputs of all steps
    Mean,
}

#[derive(Debug, Args)]
pub struct ClassifyEvalArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Labelled sequences, with the columns that the model was trained on [default: the test part of the
    /// run, or its validation part if it has no test part]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Draw the confusion matrix into this SVG file
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct ClassifyRunArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// A file as for training, but without labels. Standard input holds one text a line, or a table of
    /// series
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    pub input: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub format: OutputForm,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// The texts [default: the lines of standard input]
    #[arg(value_name = "TEXT")]
    pub texts: Vec<String>,
    #[command(flatten)]
    pub limit: InputArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// A table with a header
    #[default]
    Csv,
    /// One JSON object a line
    Jsonl,
}
