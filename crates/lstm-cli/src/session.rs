//! One session of a run, the same for every application: begin, resume or branch, then train.

mod announce;
mod end;
mod work;

use crate::args::{EngineName, RunArgs};
use crate::error::{CliError, note};
use crate::ranks::World;
use crate::report::Picture;
use crate::sample::Sample;
use crate::settings::{Defaults, Sizes, change, descent, in_all, plan, useful_threads};
use lstm_model::Engine;
use lstm_plot::PlotError;
use lstm_tasks::Examples;
use lstm_train::{
    Application, Description, Fingerprint, Outcome, Processes, RUN, Run, RunDir, RunHeader,
    RunSettings, StoredModel, StoredRun, TrainError,
};
use std::path::Path;
use work::{Session, Start};

/// The weights of the models of an application.
pub type NetworkOf<S, R> = <<S as Application>::Description as Description>::Network<R>;

/// What a session needs from an application.
pub trait Subject: Application {
    /// Whether its `eval` measures a run's model on the validation data of the run.
    const EVALUATES_RUNS: bool = true;

    /// The command before `train`: `lstm translate`, for example.
    fn command(description: &Self::Description) -> &'static str;

    /// The unit that its models predict: `char`, `token`, `word` or `value`.
    fn unit(description: &Self::Description) -> &'static str;

    /// The loss of a model that guesses. It is ln V if all V answers are equally probable.
    fn guess(description: &Self::Description) -> f64;

    /// The sizes of a model.
    fn sizes(description: &Self::Description) -> Sizes;

    /// Sequences in a batch, B.
    fn batch_size(&self) -> usize;

    /// The description that is printed when a session begins.
    fn summary(
        run: &RunHeader<Self>,
        description: &Self::Description,
        data: &Self::Data,
    ) -> Summary;

    /// What the model says at an evaluation.
    fn sample<R: Engine<Scalar = f32>>(
        &self,
        _description: &Self::Description,
        _data: &Self::Data,
        _network: &NetworkOf<Self, R>,
    ) -> Option<Sample> {
        None
    }

    /// Draws the inside of the model, or its answer to an example.
    fn draw<R: Engine<Scalar = f32>>(
        _run: &Run<Self, R>,
        _data: &Self::Data,
    ) -> Result<Drawn, CliError> {
        Ok(Drawn::default())
    }

    /// Commands to try with the model in `dir`, which is quoted for a shell.
    fn next(description: &Self::Description, _data: &Self::Data, dir: &str) -> Vec<String> {
        let eval = format!("{} eval --model {dir}", Self::command(description));
        Self::EVALUATES_RUNS.then_some(eval).into_iter().collect()
    }
}

/// What a kind of run draws in addition to its loss.
#[derive(Default)]
pub struct Drawn {
    /// The picture in the report.
    pub picture: Option<Picture>,
    /// A file in the run's directory: its name, and the picture as SVG.
    pub svg: Option<(&'static str, Result<String, PlotError>)>,
}

/// A short description of a run.
pub struct Summary {
    /// `1,000 characters of 60 kinds, …`
    pub data: String,
    /// `embedding 64, 2 × 256 units`
    pub model: String,
    /// `64 streams with the state carried, 100 steps long`
    pub batches: String,
}

/// The data of a session and their fingerprint.
pub struct Learned<D> {
    pub data: D,
    pub fingerprint: Fingerprint,
}

impl<D> Learned<D> {
    /// Prints warnings about the data.
    pub fn new(data: D, fingerprint: Fingerprint, warnings: &[String]) -> Self {
        for warning in warnings {
            note!("{warning}");
        }
        Self { data, fingerprint }
    }
}

impl<T> From<Examples<T>> for Learned<Examples<T>> {
    /// Prints the warnings about malformed rows.
    fn from(data: Examples<T>) -> Self {
        let (fingerprint, warnings) = (data.fingerprint.clone(), data.warnings.clone());
        Self::new(data, fingerprint, &warnings)
    }
}

/// The run in a directory, or in the directory of a model file; `None` if there is only a model.
pub fn run_of<A: Application>(model: &Path) -> Result<Option<RunHeader<A>>, CliError> {
    let dir = match model.parent() {
        Some(dir) if !model.is_dir() => dir,
        _ => model,
    };
    if !dir.join(RUN).exists() {
        return Ok(None);
    }
    Ok(Some(StoredRun::<A>::read(dir)?.header))
}

/// A new run before its model is made.
pub struct NewRun<S: Subject> {
    pub settings: S,
    pub description: S::Description,
    pub learned: Learned<S::Data>,
    pub defaults: Defaults,
}

/// Resumes the run that --resume names, with the data that `read_again` reads; else begins a new run,
/// which `new` makes from the model that --from names or from a new model.
pub fn train<S: Subject>(
    args: &RunArgs,
    new: impl FnOnce(Option<&StoredModel<S::Description>>) -> Result<NewRun<S>, CliError>,
    read_again: impl FnOnce(&StoredRun<S>) -> Result<Learned<S::Data>, CliError>,
) -> Result<(), CliError> {
    let world = World::start()?;
    let processes = world.processes();
    let trained = || {
        if let Some(dir) = &args.resume {
            return resume(dir, args, read_again, processes);
        }
        let from = args.from.as_deref().map(StoredModel::read).transpose()?;
        begin(new(from.as_ref())?, from, args, processes)
    };
    let result = trained();
    world.expect(result).map(drop)
}

/// Begins a run in the directory that --out names, which may not hold a run.
pub fn begin<S: Subject>(
    new: NewRun<S>,
    from: Option<StoredModel<S::Description>>,
    args: &RunArgs,
    processes: Box<dyn Processes>,
) -> Result<Outcome, CliError> {
    let out = args.out.as_deref().expect("a new run has --out");
    let dir = match processes.rank() {
        0 => RunDir::create::<S>(out),
        _ => Ok(RunDir::elsewhere(out)),
    };
    let dir = dir.map_err(|error| match error {
        TrainError::RunExists { .. } => CliError::RunExists {
            error,
            dir: out.to_owned(),
            command: S::command(&new.description),
        },
        other => other.into(),
    })?;
    let Learned { data, fingerprint } = new.learned;
    let steps_per_epoch = new.settings.steps_per_epoch(&data)?;
    let plan = plan(args, &new.defaults, steps_per_epoch)?;
    let engine = args.engine.unwrap_or_default();
    let run = RunSettings {
        threads: useful_threads(
            in_all(args.threads, processes.count()),
            new.settings.batch_size(),
        )?,
        descent: descent(&args.training, &new.defaults, &plan)?,
        plan,
        keep: args.keep.map(Into::into).unwrap_or_default(),
        data: fingerprint,
        settings: new.settings,
    };
    let start = Start::New {
        description: new.description,
        from,
        header: run.header(engine.name())?,
    };
    engine.with(Session {
        dir,
        start,
        data,
        processes,
        open: args.open,
    })
}

/// Resumes the run in `dir`, there or in the directory that --out names.
fn resume<S: Subject>(
    dir: &Path,
    args: &RunArgs,
    read: impl FnOnce(&StoredRun<S>) -> Result<Learned<S::Data>, CliError>,
    processes: Box<dyn Processes>,
) -> Result<Outcome, CliError> {
    let (dir, from) = match &args.out {
        _ if processes.rank() > 0 => (RunDir::elsewhere(dir), dir),
        Some(out) if !is_same(out, dir) => (RunDir::branch::<S>(dir, out)?, dir),
        _ => (RunDir::resume(dir)?, dir),
    };
    let mut stored = StoredRun::<S>::read(from)?;
    let settings = &stored.header.settings;
    let (batch_size, seed) = (settings.batch_size(), settings.seed());
    S::sizes(&stored.model.description).expect_same(args, batch_size, seed)?;
    let Learned { data, fingerprint } = read(&stored)?;
    let header = &mut stored.header;
    header.data.expect_same(&fingerprint)?;
    header.data = fingerprint;
    let steps_per_epoch = header.settings.steps_per_epoch(&data)?;
    change(header, args, steps_per_epoch)?;
    if args.threads.is_some() {
        header.threads = in_all(args.threads, processes.count());
    }
    header.threads = useful_threads(header.threads, batch_size)?;
    let engine = args
        .engine
        .or_else(|| EngineName::from_name(&header.engine));
    let engine = engine.ok_or_else(|| {
        let why = format!("no engine is called {:?}", header.engine);
        TrainError::file(from, why)
    })?;
    engine.name().clone_into(&mut header.engine);
    let start = Start::Resumed(stored);
    engine.with(Session {
        dir,
        start,
        data,
        processes,
        open: args.open,
    })
}

fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
