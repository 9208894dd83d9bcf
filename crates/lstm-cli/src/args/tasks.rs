//! `lstm translate`, `lstm summarize` and `lstm label`: their options.

use super::{EngineName, LimitArgs};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum TranslateCommand {
    /// Train a translator; without --pairs, on generated sentences
    Train(Box<TranslateTrainArgs>),
    /// Translate what was held out, or another file, and measure BLEU and exact matches
    Eval(TranslateEvalArgs),
    /// Translate sentences
    Run(WriteArgs),
}

#[derive(Debug, Subcommand)]
pub enum SummarizeCommand {
    /// Train a writer of headlines; without --records, on generated reports
    Train(Box<SummarizeTrainArgs>),
    /// Summarise what was held out, or another file, and measure ROUGE and exact matches
    Eval(SummarizeEvalArgs),
    /// Summarise texts
    Run(WriteArgs),
}

#[derive(Debug, Args)]
pub struct TranslateTrainArgs {
    /// Sentence pairs, source and target with a tab between, as Tatoeba and manythings.org give them; gzip or not
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "FILE",
        help_heading = "Data"
    )]
    pub pairs: Option<PathBuf>,
    /// Pairs to be judged by [default: those of one source in 20 of --pairs]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "FILE",
        help_heading = "Data",
        requires = "pairs"
    )]
    pub val: Option<PathBuf>,
    /// Generated sentences, if there are no --pairs [default: en-fr]
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "Data",
        conflicts_with_all = ["pairs", "resume"]
    )]
    pub corpus: Option<CorpusName>,
    /// Translate from the right column to the left one
    #[arg(long, conflicts_with = "resume", help_heading = "Data")]
    pub reverse: bool,
    #[command(flatten)]
    pub train: TransducerTrainArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CorpusName {
    /// English and French
    EnFr,
    /// English and Chinese
    EnZh,
}

#[derive(Debug, Args)]
pub struct SummarizeTrainArgs {
    /// Texts and their summaries, one JSON object a line; gzip or not
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "FILE",
        help_heading = "Data"
    )]
    pub records: Option<PathBuf>,
    /// Records to be judged by [default: those of one text in 20 of --records]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "FILE",
        help_heading = "Data",
        requires = "records"
    )]
    pub val: Option<PathBuf>,
    #[command(flatten)]
    pub fields: FieldArgs,
    #[command(flatten)]
    pub train: TransducerTrainArgs,
}

#[derive(Debug, Args)]
pub struct FieldArgs {
    /// The field with the text
    #[arg(
        long,
        value_name = "NAME",
        default_value = "source",
        help_heading = "Data"
    )]
    pub text_field: String,
    /// The field with its summary
    #[arg(
        long,
        value_name = "NAME",
        default_value = "headline",
        help_heading = "Data"
    )]
    pub summary_field: String,
}

#[derive(Debug, Args)]
pub struct TransducerTrainArgs {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub settings: TaskSettings,
    /// Parts of words in each vocabulary, at most [default: 8000; 400 on generated reports]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "V",
        help_heading = "Model"
    )]
    pub vocab: Option<usize>,
    /// Tokens of a text that are read; the rest of a longer one is not [default: 200]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "N",
        help_heading = "Data"
    )]
    pub max_source: Option<usize>,
    /// The part of each target's probability that is spread over the vocabulary
    /// [default: 0.1 to translate, 0 to summarise]
    #[arg(
        long,
        conflicts_with = "resume",
        allow_negative_numbers = true,
        value_name = "P",
        help_heading = "Training"
    )]
    pub smoothing: Option<f64>,
}

/// Where a run goes, and how long it lasts.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Where the checkpoint, metrics.jsonl and the pictures go
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub out: Option<PathBuf>,
    /// Go on with the run in this directory, on its own data and with its own settings, there or in
    /// --out. --epochs, --steps, --seconds and --threads may change
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Threads; by default one for each processor
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub limit: LimitArgs,
}

/// What all the tasks' networks and runs have.
#[derive(Debug, Default, Args)]
pub struct TaskSettings {
    /// Layers on top of each other
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "N",
        help_heading = "Model"
    )]
    pub layers: Option<usize>,
    /// Hidden size H; each direction of a bidirectional layer has half of it
    /// [default: 256; 128 on generated data]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "H",
        help_heading = "Model"
    )]
    pub hidden: Option<usize>,
    /// Embedding size D [default: 128]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "D",
        help_heading = "Model"
    )]
    pub embed: Option<usize>,
    /// Dropout on the embeddings and behind every layer [default: 0.2]
    #[arg(
        long,
        conflicts_with = "resume",
        allow_negative_numbers = true,
        value_name = "P",
        help_heading = "Model"
    )]
    pub dropout: Option<f64>,
    /// Examples side by side, B [default: 64]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "B",
        help_heading = "Training"
    )]
    pub batch: Option<usize>,
    /// Adam's learning rate; it falls to 0 along a cosine if the end of the run is known by --epochs
    /// or --steps [default: 2e-3; 4e-3 on generated data]
    #[arg(
        long,
        conflicts_with = "resume",
        allow_negative_numbers = true,
        value_name = "RATE",
        help_heading = "Training"
    )]
    pub lr: Option<f64>,
    /// Clip the gradient at this global norm; 0 never clips [default: 5]
    #[arg(
        long,
        conflicts_with = "resume",
        allow_negative_numbers = true,
        value_name = "NORM",
        help_heading = "Training"
    )]
    pub clip: Option<f64>,
    /// Evaluate, write metrics and save every so many steps [default: an epoch, at most 500]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "STEPS",
        help_heading = "Training"
    )]
    pub eval_every: Option<u64>,
    /// Decides every random choice [default: 1]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "N",
        help_heading = "Training"
    )]
    pub seed: Option<u64>,
    /// What computes the layers [default: fast]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "NAME",
        help_heading = "Training"
    )]
    pub engine: Option<EngineName>,
}

#[derive(Debug, Args)]
pub struct TranslateEvalArgs {
    /// Sentence pairs; the targets of equal sources count as references of one
    /// [default: what the run was judged by]
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    #[command(flatten)]
    pub eval: EvalWriteArgs,
    /// What BLEU counts [default: characters if the references are Chinese]
    #[arg(long, value_name = "WHAT")]
    pub by: Option<BleuUnit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BleuUnit {
    /// Words and marks, cut as sacrebleu's 13a does
    Words,
    /// Characters without spaces
    Characters,
}

#[derive(Debug, Args)]
pub struct SummarizeEvalArgs {
    /// Texts and their summaries [default: what the run was judged by]
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
    #[command(flatten)]
    pub fields: FieldArgs,
    #[command(flatten)]
    pub eval: EvalWriteArgs,
}

#[derive(Debug, Args)]
pub struct EvalWriteArgs {
    #[command(flatten)]
    pub model: WriterArgs,
    /// Write what the model wrote to this file, one a line
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct WriteArgs {
    #[command(flatten)]
    pub model: WriterArgs,
    /// Draw where the decoder looked while it wrote for the first text, as SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// The texts [default: the lines of standard input]
    #[arg(value_name = "TEXT")]
    pub texts: Vec<String>,
}

#[derive(Debug, Args)]
pub struct WriterArgs {
    /// The directory that training wrote to
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    /// Hypotheses that are followed at a time; fewer are faster
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub beam: usize,
    /// α of GNMT's length penalty: 0 prefers short texts, more prefers longer ones
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "A",
        default_value_t = 1.0
    )]
    pub length_penalty: f64,
    /// Threads; by default one for each processor
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub enum LabelCommand {
    /// Train a labeller; without --sentences, on generated ones
    Train(Box<LabelTrainArgs>),
    /// Label what was held out, or another file, and measure precision, recall and F1 of the spans
    Eval(LabelEvalArgs),
    /// Label sentences
    Run(LabelRunArgs),
}

#[derive(Debug, Args)]
pub struct LabelTrainArgs {
    /// Sentences with roles: CoNLL-U Plus with UP:PRED and UP:ARGSPANS, or one JSON object a line; gzip
    /// or not
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "FILE",
        help_heading = "Data"
    )]
    pub sentences: Option<PathBuf>,
    /// Sentences to be judged by [default: one in 20 of --sentences]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "FILE",
        help_heading = "Data",
        requires = "sentences"
    )]
    pub val: Option<PathBuf>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub settings: TaskSettings,
    /// Words and affixes are known that come so many times [default: 2]
    #[arg(
        long,
        conflicts_with = "resume",
        value_name = "N",
        help_heading = "Model"
    )]
    pub min_count: Option<usize>,
}

#[derive(Debug, Args)]
pub struct LabelEvalArgs {
    /// The directory that training wrote to
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    /// Sentences with roles [default: what the run was judged by]
    #[arg(long, value_name = "FILE")]
    pub sentences: Option<PathBuf>,
    /// Threads; by default one for each processor
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

#[derive(Debug, Args)]
pub struct LabelRunArgs {
    /// The directory that training wrote to
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    /// The predicates, as words of the sentence [default: the words that usually are predicates]
    #[arg(long, value_name = "WORD")]
    pub predicate: Vec<String>,
    /// Print each sentence as the JSON that training reads
    #[arg(long)]
    pub json: bool,
    /// The sentences, their words and marks between spaces [default: the lines of standard input]
    #[arg(value_name = "SENTENCE")]
    pub sentences: Vec<String>,
}
