//! The settings of a run, from options and defaults.

use crate::args::{KeepName, LimitArgs, ModelArgs, RunArgs, ScheduleName, TrainingArgs};
use crate::error::CliError;
use lstm_model::ModelError;
use lstm_tasks::MOST_HYPOTHESES;
use lstm_train::{Descent, Keep, Optimizer, Plan, RunHeader, Schedule, TrainerState, Workers};
use std::thread;

/// The settings of an application where no option is given.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    pub sizes: Sizes,
    pub batch_size: usize,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    /// `None`: a cosine if the last step is known, else constant.
    pub schedule: Option<ScheduleName>,
    /// c of E18; 0 never clips.
    pub clip: f64,
    pub epochs: u64,
    /// Evaluate once per epoch, or every this many steps if an epoch is longer.
    pub eval_every: u64,
    /// Never evaluate more often than this, even if an epoch is shorter.
    pub eval_apart: u64,
}

impl Defaults {
    /// For translation, summarisation and role labelling on real data.
    pub const REAL: Self = Self {
        sizes: Sizes {
            layers: 1,
            hidden_size: 256,
            embed_size: 128,
            dropout: 0.2,
        },
        batch_size: 64,
        optimizer: Optimizer::ADAM,
        learning_rate: 2e-3,
        schedule: None,
        clip: 5.0,
        epochs: 10,
        eval_every: 500,
        eval_apart: 1,
    };

    /// For generated data, which a small network learns.
    pub const GENERATED: Self = Self {
        sizes: Sizes {
            hidden_size: 128,
            ..Self::REAL.sizes
        },
        learning_rate: 4e-3,
        ..Self::REAL
    };

    /// For generated data that are learned quickly.
    pub const EASY: Self = Self {
        epochs: 3,
        ..Self::GENERATED
    };

    pub fn batch_size(&self, options: &TrainingArgs) -> usize {
        options.batch.unwrap_or(self.batch_size)
    }
}

pub fn seed(options: &TrainingArgs) -> u64 {
    options.seed.unwrap_or(1)
}

/// The sizes that models of every application have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    pub layers: usize,
    pub hidden_size: usize,
    pub embed_size: usize,
    pub dropout: f64,
}

impl Sizes {
    /// The sizes that options ask for, and these where no option is given.
    pub fn with(&self, options: &ModelArgs) -> Self {
        Self {
            layers: options.layers.unwrap_or(self.layers),
            hidden_size: options.hidden.unwrap_or(self.hidden_size),
            embed_size: options.embed.unwrap_or(self.embed_size),
            dropout: options.dropout.unwrap_or(self.dropout),
        }
    }

    /// Refuses options that ask for other sizes than these, another batch size or another seed.
    pub fn expect_same(
        &self,
        args: &RunArgs,
        batch_size: usize,
        seed: u64,
    ) -> Result<(), CliError> {
        let (model, training) = (&args.model, &args.training);
        expect_same(&[
            ("layers", model.layers.is_none_or(|v| v == self.layers)),
            ("hidden", model.hidden.is_none_or(|v| v == self.hidden_size)),
            ("embed", model.embed.is_none_or(|v| v == self.embed_size)),
            ("dropout", model.dropout.is_none_or(|v| v == self.dropout)),
            ("batch", training.batch.is_none_or(|v| v == batch_size)),
            ("seed", training.seed.is_none_or(|v| v == seed)),
        ])
    }
}

/// Refuses the first option that is not the same as when a resumed run was started.
pub fn expect_same(options: &[(&'static str, bool)]) -> Result<(), CliError> {
    let other = options.iter().find(|(_, is_same)| !is_same);
    other.map_or(Ok(()), |(option, _)| Err(CliError::OtherSetting { option }))
}

/// Refuses sizes that the model that --from names decides, and `others` that were given.
pub fn expect_none_of_model(
    model: &ModelArgs,
    others: &[(&'static str, bool)],
) -> Result<(), CliError> {
    let sizes = [
        ("layers", model.layers.is_some()),
        ("hidden", model.hidden.is_some()),
        ("embed", model.embed.is_some()),
    ];
    let given = sizes.iter().chain(others).find(|(_, is_given)| *is_given);
    given.map_or(Ok(()), |(option, _)| Err(CliError::ModelDecides { option }))
}

/// When a new run stops and evaluates.
pub fn plan(args: &RunArgs, defaults: &Defaults, steps_per_epoch: u64) -> Result<Plan, CliError> {
    let every = steps_per_epoch.clamp(defaults.eval_apart, defaults.eval_every);
    let plan = Plan {
        steps: Some(defaults.epochs.saturating_mul(steps_per_epoch)),
        seconds: None,
        eval_every: args.training.eval_every.unwrap_or(every),
        eval_seconds: None,
        patience: None,
    };
    at_least_one("eval-every", plan.eval_every)?;
    let mut plan = limited(plan, &args.limit, steps_per_epoch)?;
    if args.training.eval_every.is_none() {
        plan.eval_seconds = plan.seconds.map(between_evaluations);
    }
    Ok(plan)
}

/// The seconds from one evaluation to the next in a run of so many seconds.
fn between_evaluations(seconds: f64) -> f64 {
    const EVALUATIONS: f64 = 15.0;
    seconds / EVALUATIONS
}

/// `plan` with the limits that were given.
fn limited(mut plan: Plan, limit: &LimitArgs, steps_per_epoch: u64) -> Result<Plan, CliError> {
    at_least_one("steps", limit.steps.unwrap_or(1))?;
    at_least_one("epochs", limit.epochs.unwrap_or(1))?;
    at_least_one("patience", limit.patience.unwrap_or(1).into())?;
    plan.patience = limit.patience.or(plan.patience);
    let epochs = limit.epochs.map(|n| n.saturating_mul(steps_per_epoch));
    if let Some(steps) = limit.steps.or(epochs) {
        (plan.steps, plan.seconds, plan.eval_seconds) = (Some(steps), None, None);
    }
    if let Some(seconds) = limit.seconds {
        if !(seconds.is_finite() && seconds > 0.0) {
            let expected = "expected a positive number";
            return Err(CliError::option("seconds", seconds, expected));
        }
        (plan.steps, plan.seconds) = (None, Some(seconds));
        plan.eval_seconds = plan.eval_seconds.map(|_| between_evaluations(seconds));
    }
    Ok(plan)
}

/// How the weights are changed under `plan`.
pub fn descent(s: &TrainingArgs, defaults: &Defaults, plan: &Plan) -> Result<Descent, CliError> {
    let schedule = match (s.schedule.or(defaults.schedule), plan.steps) {
        (Some(ScheduleName::Constant), _) | (None, None) => Schedule::Constant,
        (Some(ScheduleName::Plateau), _) => Schedule::PLATEAU,
        (Some(ScheduleName::Cosine) | None, Some(steps)) => Schedule::Cosine { steps },
        (Some(ScheduleName::Cosine), None) => {
            let expected = "a cosine needs to know its end, so give --steps or --epochs";
            return Err(CliError::option("schedule", "cosine", expected));
        }
    };
    let descent = Descent {
        optimizer: defaults.optimizer,
        learning_rate: s.lr.unwrap_or(defaults.learning_rate),
        schedule,
        max_norm: max_norm(s.clip.unwrap_or(defaults.clip)),
    };
    TrainerState::new(descent)?;
    Ok(descent)
}

fn max_norm(clip: f64) -> Option<f64> {
    (clip != 0.0).then_some(clip)
}

/// Changes what may change when a run is resumed, and refuses the rest.
pub fn change<A>(
    header: &mut RunHeader<A>,
    args: &RunArgs,
    steps_per_epoch: u64,
) -> Result<(), CliError> {
    header.plan = limited(header.plan, &args.limit, steps_per_epoch)?;
    check_end(header, &args.limit)?;
    let (training, descent) = (&args.training, &mut header.state.descent);
    let schedule = match descent.schedule {
        Schedule::Constant => ScheduleName::Constant,
        Schedule::Cosine { .. } => ScheduleName::Cosine,
        Schedule::Plateau { .. } => ScheduleName::Plateau,
    };
    let (every, by_time) = (header.plan.eval_every, header.plan.eval_seconds.is_some());
    expect_same(&[
        ("schedule", training.schedule.is_none_or(|v| v == schedule)),
        (
            "eval-every",
            training.eval_every.is_none_or(|v| v == every && !by_time),
        ),
    ])?;
    if let Some(learning_rate) = training.lr {
        descent.learning_rate = learning_rate;
        header.state.schedule.learning_rate = learning_rate;
    }
    if let Some(clip) = training.clip {
        descent.max_norm = max_norm(clip);
    }
    TrainerState::new(*descent)?;
    header.keep = args.keep.map_or(header.keep, Into::into);
    Ok(())
}

/// Checks that a new end lies ahead, and that a cosine ends where the run ends. A finished run can be
/// resumed without a new end: then only its pictures are drawn.
fn check_end<A>(header: &RunHeader<A>, limit: &LimitArgs) -> Result<(), CliError> {
    let (plan, state) = (&header.plan, &header.state);
    let progress = &state.progress;
    let given = limit.epochs.is_some() || limit.steps.is_some() || limit.seconds.is_some();
    if given && plan.is_reached(progress) {
        return Err(CliError::Finished {
            step: progress.step,
            seconds: progress.seconds,
        });
    }
    match state.descent.schedule {
        Schedule::Cosine { steps } if plan.steps != Some(steps) => Err(CliError::option(
            "schedule",
            format!("cosine over {steps} steps"),
            "the learning rate is 0 after them, so this run cannot end anywhere else",
        )),
        _ => Ok(()),
    }
}

impl From<KeepName> for Keep {
    fn from(name: KeepName) -> Self {
        match name {
            KeepName::Both => Self::Both,
            KeepName::Best => Self::Best,
            KeepName::Last => Self::Last,
        }
    }
}

/// The threads that were asked for, or one for each processor.
pub fn threads(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

/// The threads of all processes, if each has as many as asked for.
pub fn in_all(asked: Option<usize>, processes: usize) -> usize {
    threads(asked).saturating_mul(processes)
}

/// Threads for a command that only uses a model.
pub fn workers(asked: Option<usize>) -> Result<Workers, CliError> {
    Ok(Workers::new(threads(asked))?)
}

/// As many threads as asked for, but no more than there are sequences in a batch.
pub fn useful_threads(asked: usize, batch_size: usize) -> Result<usize, CliError> {
    match asked {
        0 => Err(ModelError::setting("number of threads", 0, "at least 1").into()),
        threads => Ok(threads.min(batch_size.max(1))),
    }
}

pub fn at_least_one(option: &'static str, count: u64) -> Result<(), CliError> {
    match count {
        0 => Err(CliError::option(option, 0, "expected at least 1")),
        _ => Ok(()),
    }
}

/// The limit of [`MOST_HYPOTHESES`] keeps a mistyped number from taking all memory.
pub fn check_beam(width: usize) -> Result<(), CliError> {
    const { assert!(MOST_HYPOTHESES == 1000) };
    if (1..=MOST_HYPOTHESES).contains(&width) {
        return Ok(());
    }
    let expected = "expected at least 1 and at most 1000";
    Err(CliError::option("beam", width, expected))
}
