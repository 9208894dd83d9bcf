//! From options to the settings of a run.

use crate::args::{KeepName, LimitArgs, ModelArgs, RunArgs, ScheduleName, Settings};
use crate::error::CliError;
use lstm_model::ModelError;
use lstm_train::{Descent, Keep, Optimizer, Plan, RunHeader, Schedule, TrainerState};
use std::fmt::Display;
use std::thread;

/// What an application uses where no option decides.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    pub layers: usize,
    pub hidden_size: usize,
    pub embed_size: usize,
    pub dropout: f64,
    pub batch_size: usize,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    /// `None`: a cosine if the last step is known, else constant.
    pub schedule: Option<ScheduleName>,
    /// c of E18; 0 never clips.
    pub clip: f64,
    pub epochs: u64,
    /// Evaluate once an epoch, but at least this often.
    pub eval_every: u64,
}

impl Defaults {
    /// For translation, summarisation and role labelling on real data.
    pub const REAL: Self = Self {
        layers: 1,
        hidden_size: 256,
        embed_size: 128,
        dropout: 0.2,
        batch_size: 64,
        optimizer: Optimizer::ADAM,
        learning_rate: 2e-3,
        schedule: None,
        clip: 5.0,
        epochs: 10,
        eval_every: 500,
    };

    /// Generated data are learned by a small network.
    pub const GENERATED: Self = Self {
        hidden_size: 128,
        learning_rate: 4e-3,
        ..Self::REAL
    };

    /// Some generated data are learned quickly.
    pub const EASY: Self = Self {
        epochs: 3,
        ..Self::GENERATED
    };
}

/// The sizes of a model and its batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    pub layers: usize,
    pub hidden_size: usize,
    pub embed_size: usize,
    pub dropout: f64,
    pub batch_size: usize,
    pub seed: u64,
}

impl Sizes {
    pub fn new(s: &Settings, defaults: &Defaults) -> Self {
        Self {
            layers: s.model.layers.unwrap_or(defaults.layers),
            hidden_size: s.model.hidden.unwrap_or(defaults.hidden_size),
            embed_size: s.model.embed.unwrap_or(defaults.embed_size),
            dropout: s.model.dropout.unwrap_or(defaults.dropout),
            batch_size: s.training.batch.unwrap_or(defaults.batch_size),
            seed: s.training.seed.unwrap_or(1),
        }
    }

    /// Refuses options that ask for other sizes than these.
    pub fn expect_same(&self, s: &Settings) -> Result<(), CliError> {
        let (model, training) = (&s.model, &s.training);
        expect_same(&[
            ("layers", model.layers.is_none_or(|v| v == self.layers)),
            ("hidden", model.hidden.is_none_or(|v| v == self.hidden_size)),
            ("embed", model.embed.is_none_or(|v| v == self.embed_size)),
            ("dropout", model.dropout.is_none_or(|v| v == self.dropout)),
            ("batch", training.batch.is_none_or(|v| v == self.batch_size)),
            ("seed", training.seed.is_none_or(|v| v == self.seed)),
        ])
    }
}

/// Refuses the first option that is not what a resumed run was started with.
pub fn expect_same(options: &[(&'static str, bool)]) -> Result<(), CliError> {
    match options.iter().find(|(_, same)| !same) {
        Some((option, _)) => Err(CliError::OtherSetting { option }),
        None => Ok(()),
    }
}

/// Refuses options that the model that --from names decides: its sizes, and those of `others` that
/// were given.
pub fn expect_model_s_own(
    model: &ModelArgs,
    others: &[(&'static str, bool)],
) -> Result<(), CliError> {
    let sizes = [
        ("layers", model.layers.is_some()),
        ("hidden", model.hidden.is_some()),
        ("embed", model.embed.is_some()),
    ];
    match sizes.iter().chain(others).find(|(_, given)| *given) {
        Some((option, _)) => Err(CliError::ModelDecides { option }),
        None => Ok(()),
    }
}

/// When a new run stops and evaluates.
pub fn plan(
    settings: &Settings,
    limit: &LimitArgs,
    defaults: &Defaults,
    steps_per_epoch: u64,
) -> Result<Plan, CliError> {
    let every = steps_per_epoch.min(defaults.eval_every);
    let plan = Plan {
        steps: Some(defaults.epochs.saturating_mul(steps_per_epoch)),
        seconds: None,
        eval_every: settings.training.eval_every.unwrap_or(every),
        patience: None,
    };
    if plan.eval_every == 0 {
        return Err(out_of_range("eval-every", 0, "expected at least 1"));
    }
    limited(plan, limit, steps_per_epoch)
}

/// `plan` with the limits that were given.
pub fn limited(plan: Plan, limit: &LimitArgs, steps_per_epoch: u64) -> Result<Plan, CliError> {
    let mut plan = plan;
    for (option, count) in [
        ("steps", limit.steps),
        ("epochs", limit.epochs),
        ("patience", limit.patience.map(u64::from)),
    ] {
        if count == Some(0) {
            return Err(out_of_range(option, 0, "expected at least 1"));
        }
    }
    plan.patience = limit.patience.or(plan.patience);
    let epochs = limit.epochs.map(|n| n.saturating_mul(steps_per_epoch));
    if let Some(steps) = limit.steps.or(epochs) {
        (plan.steps, plan.seconds) = (Some(steps), None);
    }
    if let Some(seconds) = limit.seconds {
        if !(seconds.is_finite() && seconds > 0.0) {
            return Err(out_of_range(
                "seconds",
                seconds,
                "expected a positive number",
            ));
        }
        (plan.steps, plan.seconds) = (None, Some(seconds));
    }
    Ok(plan)
}

/// How the weights are changed under `plan`.
pub fn descent(s: &Settings, defaults: &Defaults, plan: &Plan) -> Result<Descent, CliError> {
    let schedule = match (s.training.schedule.or(defaults.schedule), plan.steps) {
        (Some(ScheduleName::Constant), _) | (None, None) => Schedule::Constant,
        (Some(ScheduleName::Plateau), _) => Schedule::PLATEAU,
        (Some(ScheduleName::Cosine) | None, Some(steps)) => Schedule::Cosine { steps },
        (Some(ScheduleName::Cosine), None) => {
            let expected = "a cosine needs to know its end, so give --steps or --epochs";
            return Err(out_of_range("schedule", "cosine", expected));
        }
    };
    let clip = s.training.clip.unwrap_or(defaults.clip);
    let descent = Descent {
        optimizer: defaults.optimizer,
        learning_rate: s.training.lr.unwrap_or(defaults.learning_rate),
        schedule,
        max_norm: (clip != 0.0).then_some(clip),
    };
    TrainerState::new(descent)?;
    Ok(descent)
}

/// Changes what may change when a run is resumed, and refuses the rest.
pub fn change<A>(
    header: &mut RunHeader<A>,
    args: &RunArgs,
    settings: &Settings,
    steps_per_epoch: u64,
) -> Result<(), CliError> {
    header.plan = limited(header.plan, &args.limit, steps_per_epoch)?;
    check_end(header, &args.limit)?;
    let (training, descent) = (&settings.training, &mut header.state.descent);
    let schedule = match descent.schedule {
        Schedule::Constant => ScheduleName::Constant,
        Schedule::Cosine { .. } => ScheduleName::Cosine,
        Schedule::Plateau { .. } => ScheduleName::Plateau,
    };
    let every = header.plan.eval_every;
    expect_same(&[
        ("schedule", training.schedule.is_none_or(|v| v == schedule)),
        ("eval-every", training.eval_every.is_none_or(|v| v == every)),
    ])?;
    if let Some(learning_rate) = training.lr {
        descent.learning_rate = learning_rate;
        header.state.schedule.learning_rate = learning_rate;
    }
    if let Some(clip) = training.clip {
        descent.max_norm = (clip != 0.0).then_some(clip);
    }
    TrainerState::new(*descent)?;
    if let Some(threads) = args.threads {
        header.threads = threads;
    }
    if let Some(keep) = args.keep {
        header.keep = keep.into();
    }
    Ok(())
}

/// A new end must lie ahead, and a cosine must end where the run ends. Without a new end, a finished
/// run has only its pictures to draw.
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
        Schedule::Cosine { steps } if plan.steps != Some(steps) => Err(CliError::Option {
            option: "schedule",
            found: format!("cosine over {steps} steps"),
            expected: "the learning rate is 0 after them, so this run cannot end anywhere else",
        }),
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

/// As many threads as asked for, but no more than there are sequences in a batch.
pub fn useful_threads(asked: Option<usize>, batch_size: usize) -> Result<usize, CliError> {
    match threads(asked) {
        0 => Err(ModelError::setting("number of threads", 0, "at least 1").into()),
        threads => Ok(threads.min(batch_size.max(1))),
    }
}

fn out_of_range(option: &'static str, found: impl Display, expected: &'static str) -> CliError {
    CliError::Option {
        option,
        found: found.to_string(),
        expected,
    }
}
