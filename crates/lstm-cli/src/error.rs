//! The errors of the command.

use crate::count::counted;
use lstm_model::ModelError;
use lstm_plot::PlotError;
use lstm_tasks::TasksError;
use lstm_text::TextError;
use lstm_train::TrainError;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// As `println!`, but a closed pipe or a full disk is an error instead of a panic, and a terminal does
/// not obey what is printed.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::terminal::print(format_args!($($text)*))?
    };
}
pub(crate) use say;

/// As `eprintln!`, but a standard error that cannot be written is no panic, and a terminal does not obey
/// what is printed.
macro_rules! note {
    ($($text:tt)*) => {
        $crate::terminal::print_error(format_args!($($text)*))
    };
}
pub(crate) use note;

/// An error: one line naming the cause and the remedy.
#[derive(Debug, Error)]
pub enum CliError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Tasks(#[from] TasksError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("cannot draw {}: {source}", path.display())]
    Plot { path: PathBuf, source: PlotError },
    #[error("{}: {source}", path.display())]
    Exchange {
        path: PathBuf,
        source: lstm_exchange::ExchangeError,
    },
    #[cfg(not(feature = "mpi"))]
    #[error(
        "mpirun has started {count} processes, but this lstm was built without MPI and each would train a model of its own: build it with `cargo build --release --features mpi`"
    )]
    WithoutMpi { count: usize },
    #[cfg(feature = "mpi")]
    #[error("MPI cannot start: start the processes with `mpirun -n 2 lstm train …`")]
    Mpi,
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
    #[error(
        "line {line} of standard input is not text in UTF-8: convert it, for example by `iconv`"
    )]
    NotUtf8 { line: usize },
    #[error("{} has no evaluation (no metrics.jsonl); name the directories that training wrote to", dir.display())]
    NoMetrics { dir: PathBuf },
    #[error(
        "--count {count} with --length {length} takes about {:.1} GB of memory, and {:.1} GB are available: generate fewer texts at a time, the next ones with --seed",
        *needed as f64 / 1e9, *available as f64 / 1e9
    )]
    TooManyTexts {
        count: u64,
        length: usize,
        needed: u64,
        available: u64,
    },
    #[error("{} has no .txt file; name the files of the text", dir.display())]
    NoTextFile { dir: PathBuf },
    #[error("--predicate {word}: the sentence has no such word: {sentence}")]
    NoSuchWord { word: String, sentence: String },
    #[error(
        "there is nothing to evaluate the model on: the run has no validation data; name a file"
    )]
    NothingHeldOut,
    #[error(
        "the model was not trained on a series {id:?} and cannot scale it; train on a table that has it"
    )]
    UnknownSeries { id: String },
    #[error(
        "name a table with --data: only the directory of a run knows what its model was trained on"
    )]
    NoTable,
    #[error(
        "{} is not in the directory of a run, which says where the test part begins: give the directory that training wrote to, or train further with `lstm forecast train --from`",
        model.display()
    )]
    NotInRun { model: PathBuf },
    #[error("the test part has no value to measure; train with a larger --test-fraction")]
    NothingToTest,
    #[error(
        "series {id:?}: the columns that are known in advance must reach {horizon} rows beyond the last value; add {} with empty values",
        counted(*missing, "row")
    )]
    KnownTooShort {
        id: String,
        missing: usize,
        horizon: usize,
    },
    #[error(
        "--follow cannot know {column:?} of the rows that are to come; give a table that reaches further with --data, without --follow"
    )]
    FollowKnown { column: String },
    #[error("text {number} is empty; a model reads at least one character")]
    EmptyText { number: usize },
    #[error("{failed} of {} failed", counted(*files, "file"))]
    Recordings { failed: usize, files: usize },
    /// The text of a resumed run cannot be read.
    #[error("this run was trained on {learned_from}; give that text with --text ({cause})")]
    RunText {
        learned_from: String,
        cause: TextError,
    },
    /// A run is resumed that has reached its end.
    #[error(
        "this run is already at step {step} after {seconds:.0} s; give a later --steps, --epochs or --seconds"
    )]
    Finished { step: u64, seconds: f64 },
    /// A new run would overwrite another.
    #[error("{error}: resume it with `{command} train --resume {}`, or choose another --out", dir.display())]
    RunExists {
        error: TrainError,
        dir: PathBuf,
        command: &'static str,
    },
    /// An option is out of range or does not go with another.
    #[error("--{option} {found}: {expected}")]
    Option {
        option: &'static str,
        found: String,
        expected: &'static str,
    },
    /// An option of a resumed run asks for another setting than its own.
    #[error(
        "--{option} differs from the setting that this run was started with, and a resumed run keeps its settings: leave the option out, or start a new run"
    )]
    OtherSetting { option: &'static str },
    /// An option asks for something that the model of --from decides.
    #[error("--{option} is decided by the model that --from names: leave the option out")]
    ModelDecides { option: &'static str },
    #[error(
        "the model does not know {} of character in the text, {} in all: {listed}; {}leave them out with `--unknown skip`, or train a new model without --from",
        counted(*kinds, "kind"),
        counted(*count, "occurrence"),
        form.map_or(String::new(), |form| format!("convert the text to the normalisation form {form} (`uconv -x {form}`), in which more are known; or "))
    )]
    UnknownToModel {
        kinds: usize,
        count: usize,
        listed: String,
        form: Option<&'static str>,
    },
    #[error(
        "there is nothing to predict: the text has fewer than two characters that the model knows"
    )]
    NothingToPredict,
    #[error("{failed} of {} disagree with {oracles}", counted(*tensors, "tensor"))]
    Gradients {
        failed: usize,
        tensors: usize,
        oracles: &'static str,
    },
}

impl CliError {
    pub fn option(option: &'static str, found: impl Display, expected: &'static str) -> Self {
        Self::Option {
            option,
            found: found.to_string(),
            expected,
        }
    }

    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let error = TrainError::io(action, path);
        move |source| error(source).into()
    }

    pub fn plot(path: &Path) -> impl FnOnce(PlotError) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Plot { path, source }
    }

    pub fn exchange(path: &Path) -> impl FnOnce(lstm_exchange::ExchangeError) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Exchange { path, source }
    }

    /// The characters that a model does not know, at most ten of them by name, and the normalisation
    /// form in which it knows more.
    pub fn unknown_to_model(unknown: &BTreeMap<char, usize>, form: Option<&'static str>) -> Self {
        let name = |(c, count): (&char, &usize)| format!("{c:?} ({count})");
        let mut listed: Vec<String> = unknown.iter().take(10).map(name).collect();
        if unknown.len() > listed.len() {
            listed.push("…".to_owned());
        }
        Self::UnknownToModel {
            kinds: unknown.len(),
            count: unknown.values().sum(),
            listed: listed.join(", "),
            form,
        }
    }

    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(e) if e.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
