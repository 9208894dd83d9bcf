//! `lstm translate`, `lstm summarize` and `lstm label`: their options.

use super::input::InputArgs;
use super::training::RunArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum TranslateCommand {
    /// Train a translator; without --pairs, on generated sentences
    Train(Box<TranslateTrainArgs>),
    /// Translate the held-out sentences, or another file, and measure BLEU and exact matches
    Eval(TranslateEvalArgs),
    /// Translate sentences
    Run(GenerateTextArgs),
}

#[derive(Debug, Subcommand)]
pub enum SummarizeCommand {
    /// Train a model that writes headlines; without --records, on generated reports
    Train(Box<SummarizeTrainArgs>),
    /// Summarise the held-out texts, or another file, and measure ROUGE and exact matches
    Eval(SummarizeEvalArgs),
    /// Summarise texts
    Run(GenerateTextArgs),
}

#[derive(Debug, Args)]
pub struct TranslateTrainArgs {
    #[command(flatten)]
    pub data: PairArgs,
    #[command(flatten)]
    pub train: TransducerTrainArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
#[group(conflicts_with = "resume")]
pub struct PairArgs {
    /// Sentence pairs as of Tatoeba and manythings.org: a source, a tab and a target on each line; plain
    /// or gzip
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// Pairs for validation [default: those of one source in 20 of --pairs]
    #[arg(long, value_name = "FILE", requires = "pairs")]
    pub val: Option<PathBuf>,
    /// The generated sentences to use without --pairs [default: en-fr]
    #[arg(long, value_name = "NAME", conflicts_with = "pairs")]
    pub corpus: Option<CorpusName>,
    /// Translate the right column into the left column
    #[arg(long)]
    pub reverse: bool,
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
    #[command(flatten)]
    pub data: RecordArgs,
    #[command(flatten)]
    pub train: TransducerTrainArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
#[group(conflicts_with = "resume")]
pub struct RecordArgs {
    /// Texts and their summaries, one JSON object a line; plain or gzip
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
    /// Records for validation [default: those of one text in 20 of --records]
    #[arg(long, value_name = "FILE", requires = "records")]
    pub val: Option<PathBuf>,
    /// The field with the text [default: source]
    #[arg(long, value_name = "NAME", requires = "records")]
    pub text_field: Option<String>,
    /// The field with its summary [default: headline]
    #[arg(long, value_name = "NAME", requires = "records")]
    pub summary_field: Option<String>,
}

#[derive(Debug, Args)]
pub struct TransducerTrainArgs {
    #[command(flatten)]
    pub run: RunArgs,
    /// Maximum number of subwords in each vocabulary [default: 8000; 400 on generated reports]
    #[arg(long, value_name = "V", help_heading = "Model")]
    pub vocab: Option<usize>,
    /// Maximum length of a source in tokens; a longer source is cut there [default: 200]
    #[arg(long, value_name = "N", help_heading = "Data")]
    pub max_source: Option<usize>,
    /// Label smoothing: the fraction of each target's probability that is spread over the vocabulary
    /// [default: 0.1 for translation, 0 for summarisation]
    #[arg(long, value_name = "P", help_heading = "Training")]
    #[arg(allow_negative_numbers = true)]
    pub smoothing: Option<f64>,
}

#[derive(Debug, Args)]
pub struct TranslateEvalArgs {
    /// Sentence pairs; pairs with the same source are one example with several references [default:
    /// the run's validation data]
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    #[command(flatten)]
    pub eval: EvalTextArgs,
    /// What BLEU counts [default: characters if the references are Chinese]
    #[arg(long, value_name = "WHAT")]
    pub by: Option<BleuUnit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BleuUnit {
    /// Words and punctuation, tokenised like sacrebleu's 13a
    Words,
    /// Characters without spaces
    Characters,
}

#[derive(Debug, Args)]
pub struct SummarizeEvalArgs {
    /// Texts and their summaries [default: the run's validation data]
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
    /// The field with the text [default: source]
    #[arg(long, value_name = "NAME", requires = "records")]
    pub text_field: Option<String>,
    /// The field with its summary [default: headline]
    #[arg(long, value_name = "NAME", requires = "records")]
    pub summary_field: Option<String>,
    #[command(flatten)]
    pub eval: EvalTextArgs,
}

#[derive(Debug, Args)]
pub struct EvalTextArgs {
    #[command(flatten)]
    pub model: BeamArgs,
    /// Write the generated texts to this file, one a line
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct GenerateTextArgs {
    #[command(flatten)]
    pub model: BeamArgs,
    /// Draw the attention map of the first text into this SVG file
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// The texts [default: the lines of standard input]
    #[arg(value_name = "TEXT")]
    pub texts: Vec<String>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct BeamArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Width of the beam search: the number of hypotheses; a smaller one is faster
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub beam: usize,
    /// α of GNMT's length penalty: 0 prefers short texts, a larger α longer ones
    #[arg(long, value_name = "A", default_value_t = 1.0)]
    #[arg(allow_negative_numbers = true)]
    pub length_penalty: f64,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub enum LabelCommand {
    /// Train a labeller; without --sentences, on generated ones
    Train(Box<LabelTrainArgs>),
    /// Label the held-out sentences, or another file, and measure precision, recall and F1 of spans
    Eval(LabelEvalArgs),
    /// Label sentences
    Run(LabelRunArgs),
}

#[derive(Debug, Args)]
pub struct LabelTrainArgs {
    #[command(flatten)]
    pub data: SentenceArgs,
    #[command(flatten)]
    pub run: RunArgs,
    /// Words and affixes that occur less often than this are unknown [default: 2]
    #[arg(long, value_name = "N", help_heading = "Model")]
    pub min_count: Option<usize>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
#[group(conflicts_with = "resume")]
pub struct SentenceArgs {
    /// Sentences with roles: CoNLL-U Plus with UP:PRED and UP:ARGSPANS, or one JSON object a line;
    /// plain or gzip
    #[arg(long, value_name = "FILE")]
    pub sentences: Option<PathBuf>,
    /// Sentences for validation [default: one in 20 of --sentences]
    #[arg(long, value_name = "FILE", requires = "sentences")]
    pub val: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct LabelEvalArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Sentences with roles [default: the run's validation data]
    #[arg(long, value_name = "FILE")]
    pub sentences: Option<PathBuf>,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct LabelRunArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// The predicates, as words of the sentence [default: the words that usually are predicates]
    #[arg(long, value_name = "WORD")]
    pub predicate: Vec<String>,
    /// Print each sentence as JSON, in the format that training reads
    #[arg(long)]
    pub json: bool,
    /// The sentences, tokens separated by spaces [default: the lines of standard input]
    #[arg(value_name = "SENTENCE")]
    pub sentences: Vec<String>,
    #[command(flatten)]
    pub input: InputArgs,
}
