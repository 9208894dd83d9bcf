//! From options to the settings of a run.

use crate::args::{EngineName, LimitArgs, OptimizerName, Preset, ScheduleName, Settings};
use crate::error::CliError;
use lstm_model::{Cut, DataConfig, Descent, NetworkConfig, Optimizer, Plan, Schedule};
use std::fmt::Display;
use std::thread;

/// The settings of a run, everything decided but what depends on the text.
#[derive(Debug)]
pub struct Setup {
    pub engine: EngineName,
    pub data: DataConfig,
    pub nfc: bool,
    /// V, if parts of words are read.
    pub pieces: Option<usize>,
    network: NetworkConfig,
    optimizer: Optimizer,
    learning_rate: f64,
    schedule: ScheduleName,
    max_norm: Option<f64>,
    eval_every: Option<u64>,
    epochs: u64,
}

impl Setup {
    /// What was given wins over the preset, the preset over the default.
    pub fn new(s: &Settings) -> Self {
        let article = s.preset == Some(Preset::Article);
        let optimizer = s.optimizer.unwrap_or(OptimizerName::Adam);
        let windows = s.windows || (article && !s.stream);
        let clip = s.clip.unwrap_or(if article { 0.0 } else { 5.0 });
        Self {
            engine: s.engine.unwrap_or_default(),
            nfc: s.nfc,
            pieces: s.vocab,
            data: DataConfig {
                cut: if windows { Cut::Windows } else { Cut::Streams },
                batch_size: s.batch.unwrap_or(if article { 128 } else { 64 }),
                seq_len: s.seq_len.unwrap_or(100),
                val_fraction: s.val_fraction.unwrap_or(0.1),
                seed: s.seed.unwrap_or(1),
            },
            network: NetworkConfig {
                vocab_size: 0,
                embed_size: s.embed.unwrap_or(if article { 0 } else { 64 }),
                hidden_size: s.hidden.unwrap_or(256),
                layers: s.layers.unwrap_or(2),
                dropout: s.dropout.unwrap_or(0.0),
                head_dropout: s.head_dropout.unwrap_or(0.0),
                init: s.init.map(Into::into).unwrap_or_default(),
            },
            optimizer: rule(optimizer),
            learning_rate: s.lr.unwrap_or(if article {
                1e-3
            } else {
                default_rate(optimizer)
            }),
            schedule: s.schedule.unwrap_or(ScheduleName::Constant),
            max_norm: (clip != 0.0).then_some(clip),
            eval_every: s.eval_every,
            epochs: if article { 20 } else { 10 },
        }
    }

    /// The network for a vocabulary of `vocab_size`.
    pub fn network(&self, vocab_size: usize) -> NetworkConfig {
        NetworkConfig {
            vocab_size,
            ..self.network.clone()
        }
    }

    /// Whether the learning rate depends on the validation loss.
    pub fn waits_for_validation(&self) -> bool {
        self.schedule == ScheduleName::Plateau
    }

    /// When to stop and to evaluate.
    pub fn plan(&self, limit: &LimitArgs, steps_per_epoch: u64) -> Result<Plan, CliError> {
        let eval_every = self.eval_every.unwrap_or(steps_per_epoch.min(200));
        if eval_every == 0 {
            return Err(out_of_range("eval-every", 0, "expected at least 1"));
        }
        let plan = Plan {
            steps: None,
            seconds: None,
            eval_every,
        };
        let default = LimitArgs {
            epochs: Some(self.epochs),
            steps: None,
            seconds: None,
        };
        let none = (limit.epochs, limit.steps, limit.seconds) == (None, None, None);
        limited(plan, if none { &default } else { limit }, steps_per_epoch)
    }

    /// How the weights are changed under `plan`.
    pub fn descent(&self, plan: &Plan) -> Result<Descent, CliError> {
        let schedule = match (self.schedule, plan.steps) {
            (ScheduleName::Constant, _) => Schedule::Constant,
            (ScheduleName::Plateau, _) => Schedule::PLATEAU,
            (ScheduleName::Cosine, Some(steps)) => Schedule::Cosine { steps },
            (ScheduleName::Cosine, None) => {
                let expected = "a cosine needs to know its end, so give --steps or --epochs";
                return Err(out_of_range("schedule", "cosine", expected));
            }
        };
        Ok(Descent {
            optimizer: self.optimizer,
            learning_rate: self.learning_rate,
            schedule,
            max_norm: self.max_norm,
        })
    }
}

/// `plan` with the limit that was given, if one was.
pub fn limited(plan: Plan, limit: &LimitArgs, steps_per_epoch: u64) -> Result<Plan, CliError> {
    let steps = limit
        .steps
        .or(limit.epochs.map(|n| n.saturating_mul(steps_per_epoch)));
    if let Some(seconds) = limit.seconds {
        if !(seconds.is_finite() && seconds > 0.0) {
            return Err(out_of_range(
                "seconds",
                seconds,
                "expected a positive number",
            ));
        }
        return Ok(Plan {
            steps: None,
            seconds: Some(seconds),
            ..plan
        });
    }
    match steps {
        None => Ok(plan),
        Some(0) => Err(out_of_range(
            if limit.steps.is_some() {
                "steps"
            } else {
                "epochs"
            },
            0,
            "expected at least 1",
        )),
        steps => Ok(Plan {
            steps,
            seconds: None,
            ..plan
        }),
    }
}

/// The threads asked for, or one for each processor.
pub fn threads(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

fn out_of_range(option: &'static str, found: impl Display, expected: &'static str) -> CliError {
    CliError::Option {
        option,
        found: found.to_string(),
        expected,
    }
}

/// The rule of that name with its usual numbers.
pub fn rule(name: OptimizerName) -> Optimizer {
    match name {
        OptimizerName::Sgd => Optimizer::Sgd,
        OptimizerName::Momentum => Optimizer::MOMENTUM,
        OptimizerName::Adam => Optimizer::ADAM,
        OptimizerName::Adamw => Optimizer::ADAM_W,
        OptimizerName::Rmsprop => Optimizer::RMS_PROP,
    }
}

fn default_rate(name: OptimizerName) -> f64 {
    match name {
        OptimizerName::Sgd => 1.0,
        OptimizerName::Momentum => 0.1,
        OptimizerName::Adam | OptimizerName::Adamw => 2e-3,
        OptimizerName::Rmsprop => 1e-3,
    }
}
