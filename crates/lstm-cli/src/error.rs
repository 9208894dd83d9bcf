//! What the command says when it cannot go on.

use lstm_model::ModelError;
use lstm_plot::PlotError;
use lstm_tasks::TasksError;
use lstm_text::TextError;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// `println!`, but a reader that goes away or a full disk is an error and no panic.
macro_rules! say {
    ($($text:tt)*) => {
        std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($text)*)))?
    };
}
pub(crate) use say;

/// One line naming the cause and the remedy.
#[derive(Debug, Error)]
pub enum CliError {
    /// From the model, a run or a checkpoint.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// From a task's data.
    #[error(transparent)]
    Tasks(#[from] TasksError),
    /// From a text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// From a picture.
    #[error("cannot draw {}: {source}", path.display())]
    Plot { path: PathBuf, source: PlotError },
    /// A model that cannot be carried over.
    #[error("{}: {source}", path.display())]
    Exchange {
        path: PathBuf,
        source: lstm_exchange::ExchangeError,
    },
    /// A file would be written over.
    #[error("{} is there already: choose another --out, or remove it", path.display())]
    Exists { path: PathBuf },
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// Standard output could not be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
    /// Standard input could not be read.
    #[error("cannot read standard input: {0}; expected text in UTF-8")]
    Input(std::io::Error),
    /// A predicate that is no word of its sentence.
    #[error("--predicate {word}: the sentence has no such word: {sentence}")]
    NoSuchWord { word: String, sentence: String },
    /// A run that kept nothing to be judged by.
    #[error("there is nothing to judge the model by: nothing was held out; name a file")]
    NothingHeldOut,
    /// Recordings that could not be computed again.
    #[error("{failed} of {files} files failed")]
    Recordings { failed: usize, files: usize },
    /// A run is resumed without its text.
    #[error("this run learned from {learned_from}; give that text with --text ({cause})")]
    RunText {
        learned_from: String,
        cause: TextError,
    },
    /// There is no run to go on with.
    #[error(
        "{} was taken over from {source_file}, which says nothing of its training: it can write, be measured and be exported, and not be trained on",
        dir.display()
    )]
    TakenOver { dir: PathBuf, source_file: String },
    /// A run is resumed that has reached its end.
    #[error(
        "this run is already at step {step} after {seconds:.0} s; give a later --steps, --epochs or --seconds"
    )]
    Finished { step: u64, seconds: f64 },
    /// A new run would write over another.
    #[error(
        "{} already holds a run, at step {step}: go on with it by `{command} --resume {}`, or choose another --out",
        dir.display(), dir.display()
    )]
    RunExists {
        dir: PathBuf,
        step: u64,
        command: &'static str,
    },
    /// An option is out of range or does not go with another.
    #[error("--{option} {found}: {expected}")]
    Option {
        option: &'static str,
        found: String,
        expected: &'static str,
    },
    /// A resumed run was given a setting that it does not have.
    #[error(
        "--{option} is not what this run was started with, and a resumed run keeps its settings: leave it out, or start a new run"
    )]
    OtherSetting { option: &'static str },
    /// A text of which no character can be predicted.
    #[error(
        "there is nothing to predict: the text has fewer than two characters that the model knows"
    )]
    NothingToPredict,
    /// The gradients disagree.
    #[error("{failed} of {tensors} tensors disagree with an oracle")]
    Gradients { failed: usize, tensors: usize },
}

impl CliError {
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    pub fn exchange(path: &Path) -> impl FnOnce(lstm_exchange::ExchangeError) -> Self {
        let path = path.to_owned();
        move |source| Self::Exchange { path, source }
    }

    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(e) if e.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
