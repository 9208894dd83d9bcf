//! One session of a run, the same for every application: begin, resume or branch, then train.

use crate::args::{EngineName, RunArgs, Settings};
use crate::engine::WithEngine;
use crate::error::{CliError, say};
use crate::progress::{self, Progress};
use crate::settings::{Defaults, Sizes, change, descent, plan, useful_threads};
use crate::{interrupt, pictures};
use lstm_model::{Engine, Parameters};
use lstm_plot::grouped;
use lstm_train::{
    Application, Description, Fingerprint, Outcome, Run, RunDir, RunHeader, RunSettings,
    StoredModel, StoredRun, TrainError, Workers,
};
use std::path::Path;

/// The weights of the models of an application.
pub type NetworkOf<S, R> = <<S as Application>::Description as Description>::Network<R>;

/// What the command line needs to know of an application.
pub trait Subject: Application {
    /// The command that begins and resumes its runs.
    fn command(description: &Self::Description) -> &'static str;

    /// What its models predict one at a time: `char`, `token` or `word`.
    fn unit(description: &Self::Description) -> &'static str;

    /// The sizes that a resumed run keeps.
    fn sizes(&self, description: &Self::Description) -> Sizes;

    /// The data, the model and the batches in a few words each, to be printed when a session
    /// begins.
    fn summary(
        run: &RunHeader<Self>,
        description: &Self::Description,
        data: &Self::Data,
    ) -> Summary;

    /// Lines to print below an evaluation, such as a sample of what the model generates.
    fn show<R: Engine<Scalar = f32>>(
        &self,
        _description: &Self::Description,
        _data: &Self::Data,
        _network: &NetworkOf<Self, R>,
    ) -> String {
        String::new()
    }

    /// Draws the pictures of this kind of run, other than the loss curves, into its directory. Returns
    /// their names.
    fn draw<R: Engine<Scalar = f32>>(_run: &Run<Self, R>) -> Result<Vec<&'static str>, CliError> {
        Ok(Vec::new())
    }

    /// What to do next, printed at the end.
    fn next(description: &Self::Description, dir: &Path) -> Option<String>;
}

/// A run in a few words.
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

/// A new run, its model not yet made.
pub struct NewRun<'a, S: Subject> {
    pub settings: S,
    pub description: S::Description,
    /// The model to train further.
    pub from: Option<StoredModel<S::Description>>,
    pub learned: Learned<S::Data>,
    pub defaults: Defaults,
    pub options: &'a Settings,
    pub args: &'a RunArgs,
}

impl<S: Subject> NewRun<'_, S> {
    /// Trains a new run in `dir`.
    pub fn train(self, dir: RunDir) -> Result<Outcome, CliError> {
        let Learned { data, fingerprint } = self.learned;
        let steps_per_epoch = self.settings.steps_per_epoch(&data)?;
        let (limit, options) = (&self.args.limit, self.options);
        let plan = plan(options, limit, &self.defaults, steps_per_epoch)?;
        let batch_size = self.settings.sizes(&self.description).batch_size;
        let engine = self.args.engine.unwrap_or_default();
        let run = RunSettings {
            threads: useful_threads(self.args.threads, batch_size)?,
            descent: descent(options, &self.defaults, &plan)?,
            plan,
            keep: self.args.keep.map(Into::into).unwrap_or_default(),
            data: fingerprint,
            settings: self.settings,
        };
        let start = Start::New {
            description: self.description,
            from: self.from,
            header: run.header(engine.name())?,
        };
        engine.with(Session { dir, start, data })
    }
}

/// Resumes the run in `dir`, there or in the directory that --out names. `read` reads its data.
pub fn resume<S: Subject>(
    dir: &Path,
    args: &RunArgs,
    options: &Settings,
    read: impl FnOnce(&StoredRun<S>) -> Result<Learned<S::Data>, CliError>,
) -> Result<Outcome, CliError> {
    let mut stored = StoredRun::<S>::read(dir)?;
    let sizes = stored.header.settings.sizes(&stored.model.description);
    sizes.expect_same(options)?;
    let Learned { data, fingerprint } = read(&stored)?;
    stored.header.data.expect_same(&fingerprint)?;
    stored.header.data = fingerprint;
    let steps_per_epoch = stored.header.settings.steps_per_epoch(&data)?;
    change(&mut stored.header, args, options, steps_per_epoch)?;
    stored.header.threads = useful_threads(Some(stored.header.threads), sizes.batch_size)?;
    let engine = match args.engine {
        Some(engine) => engine,
        None => EngineName::from_name(&stored.header.engine).ok_or_else(|| {
            let why = format!("no engine is called {:?}", stored.header.engine);
            TrainError::file(dir, why)
        })?,
    };
    engine.name().clone_into(&mut stored.header.engine);
    let step = stored.header.state.progress.step;
    let dir = match &args.out {
        Some(out) if !is_same(out, dir) => RunDir::branch::<S>(dir, out, step)?,
        _ => RunDir::resume(dir, step),
    };
    let start = Start::Resumed(stored);
    engine.with(Session { dir, start, data })
}

fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// The directory for a new run, begun by `command`. Only a run that `may_replace` accepts is
/// replaced.
pub fn new_dir<S: Subject>(
    out: &Path,
    command: &'static str,
    may_replace: impl Fn(&StoredRun<S>) -> bool,
) -> Result<RunDir, CliError> {
    RunDir::create::<S>(out, may_replace).map_err(|error| match error {
        TrainError::RunExists { .. } => CliError::RunExists {
            error,
            dir: out.to_owned(),
            command,
        },
        other => other.into(),
    })
}

/// What a session starts from.
enum Start<S: Subject> {
    New {
        description: S::Description,
        from: Option<StoredModel<S::Description>>,
        header: RunHeader<S>,
    },
    Resumed(StoredRun<S>),
}

struct Session<S: Subject> {
    dir: RunDir,
    start: Start<S>,
    data: S::Data,
}

impl<S: Subject> WithEngine for Session<S> {
    type Output = Result<Outcome, CliError>;

    fn run<R: Engine<Scalar = f32>>(self) -> Result<Outcome, CliError> {
        let Self { dir, start, data } = self;
        let mut run = match start {
            Start::New {
                description,
                from,
                header,
            } => {
                let unit = S::unit(&description);
                Run::<S, R>::begin(dir, description, from, header, &data, unit)?
            }
            Start::Resumed(stored) => {
                let unit = S::unit(&stored.model.description);
                Run::resume(dir, stored, &data, unit)?
            }
        };
        // Training goes on whether or not anyone reads.
        let _ = announce(&run, &data);
        interrupt::listen();
        let (description, header) = (run.description().clone(), run.header().clone());
        let show = |network: &NetworkOf<S, R>| {
            let settings = &header.settings;
            settings.show::<R>(&description, &data, network)
        };
        let unit = S::unit(&description);
        let mut progress = Progress::new(&header.plan, &header.state.progress, unit, show);
        let outcome = run.train(&mut progress);
        progress.finish();
        let outcome = outcome?;
        let (command, step) = (S::command(&description), run.trainer().progress().step);
        let dir = run.dir().path().display().to_string();
        if outcome == Outcome::Interrupted {
            say!("stopped and saved at step {step}; go on with: {command} --resume {dir}");
        } else {
            finish(&run, outcome)?;
        }
        Ok(outcome)
    }
}

fn announce<S: Subject, R: Engine<Scalar = f32>>(
    run: &Run<S, R>,
    data: &S::Data,
) -> std::io::Result<()> {
    let (header, trainer) = (run.header(), run.trainer());
    let summary = S::summary(header, run.description(), data);
    progress::line(&format!("{}: {}", header.data.source, summary.data))?;
    progress::line(&format!(
        "model: {}, {} parameters; seed {}, engine {}, {} threads",
        summary.model,
        grouped(trainer.network.parameter_count() as u64),
        header.settings.seed(),
        header.engine,
        header.threads,
    ))?;
    let end = match (header.plan.steps, header.plan.seconds) {
        (Some(steps), _) => format!("to step {}", grouped(steps)),
        (None, seconds) => format!("for {} s", seconds.unwrap_or(f64::INFINITY)),
    };
    progress::line(&format!(
        "training: {}, {end} from step {}",
        summary.batches,
        grouped(trainer.progress().step),
    ))
}

/// The pictures of a finished run, and what to do next.
fn finish<S: Subject, R: Engine<Scalar = f32>>(
    run: &Run<S, R>,
    outcome: Outcome,
) -> Result<(), CliError> {
    let (dir, progress) = (run.dir().path(), run.trainer().progress());
    pictures::write_loss(run.dir(), S::unit(run.description()))?;
    let mut left = vec!["the model", "metrics.jsonl", "loss.svg"];
    left.extend(S::draw(run)?);
    let (last, others) = left.split_last().expect("three at least");
    if outcome == Outcome::OutOfPatience {
        let waited = progress.since_best;
        say!("stopped early: no new minimum of the validation loss in {waited} evaluations");
    }
    say!(
        "done: step {}; {} holds {} and {last}",
        progress.step,
        dir.display(),
        others.join(", ")
    );
    if let Some(best) = progress.best.filter(|best| best.step < progress.step) {
        say!(
            "the validation loss was lowest at step {}: {:.4} (best.safetensors)",
            grouped(best.step),
            best.val_loss
        );
    }
    if let Some(next) = S::next(run.description(), dir) {
        say!("{next}");
    }
    Ok(())
}

/// Threads for a command that only uses a model.
pub fn workers(threads: Option<usize>) -> Result<Workers, CliError> {
    Ok(Workers::new(crate::settings::threads(threads))?)
}
