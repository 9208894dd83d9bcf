//! From a task's options to the settings of its run.

use crate::args::{EngineName, LimitArgs, RunArgs, TaskSettings};
use crate::error::CliError;
use crate::setup::{limited, threads};
use lstm_model::{Descent, ModelError, Optimizer, Plan, Schedule, store};
use std::path::Path;

/// What a run has unless it is told otherwise.
pub struct Defaults {
    pub hidden_size: usize,
    pub learning_rate: f64,
    pub epochs: u64,
}

impl Defaults {
    pub const REAL: Self = Self {
        hidden_size: 256,
        learning_rate: 2e-3,
        epochs: 10,
    };

    /// Generated data are small, and learned by a small network.
    pub const GENERATED: Self = Self {
        hidden_size: 128,
        learning_rate: 4e-3,
        epochs: 10,
    };

    /// Of generated data that are learned at a glance.
    pub const EASY: Self = Self {
        epochs: 3,
        ..Self::GENERATED
    };
}

/// The settings that all tasks have, decided.
pub struct TaskSetup {
    pub engine: EngineName,
    pub threads: usize,
    pub layers: usize,
    pub hidden_size: usize,
    pub embed_size: usize,
    pub dropout: f64,
    pub batch_size: usize,
    pub seed: u64,
    learning_rate: f64,
    max_norm: Option<f64>,
    epochs: u64,
    eval_every: Option<u64>,
}

impl TaskSetup {
    pub fn new(s: &TaskSettings, run: &RunArgs, defaults: &Defaults) -> Self {
        let clip = s.clip.unwrap_or(5.0);
        let batch_size = s.batch.unwrap_or(64);
        Self {
            engine: s.engine.unwrap_or_default(),
            // A thread without an example would have nothing to do.
            threads: threads(run.threads).min(batch_size.max(1)),
            layers: s.layers.unwrap_or(1),
            hidden_size: s.hidden.unwrap_or(defaults.hidden_size),
            embed_size: s.embed.unwrap_or(128),
            dropout: s.dropout.unwrap_or(0.2),
            batch_size,
            seed: s.seed.unwrap_or(1),
            learning_rate: s.lr.unwrap_or(defaults.learning_rate),
            max_norm: (clip != 0.0).then_some(clip),
            epochs: defaults.epochs,
            eval_every: s.eval_every,
        }
    }

    /// When to stop and to evaluate.
    pub fn plan(&self, limit: &LimitArgs, steps_per_epoch: u64) -> Result<Plan, CliError> {
        let plan = Plan {
            steps: Some(self.epochs * steps_per_epoch),
            seconds: None,
            eval_every: self.eval_every.unwrap_or(steps_per_epoch.min(500)),
        };
        if plan.eval_every == 0 {
            return Err(CliError::Option {
                option: "eval-every",
                found: "0".to_owned(),
                expected: "expected at least 1",
            });
        }
        limited(plan, limit, steps_per_epoch)
    }

    /// How the weights are changed under `plan`.
    pub fn descent(&self, plan: &Plan) -> Descent {
        Descent {
            optimizer: Optimizer::ADAM,
            learning_rate: self.learning_rate,
            schedule: match plan.steps {
                Some(steps) => Schedule::Cosine { steps },
                None => Schedule::Constant,
            },
            max_norm: self.max_norm,
        }
    }
}

/// The engine that a checkpoint names.
pub fn engine_of(dir: &Path, name: &str) -> Result<EngineName, ModelError> {
    EngineName::from_name(name).ok_or_else(|| {
        let why = format!("no engine is called {name:?}");
        ModelError::checkpoint(&dir.join(store::SIDECAR), why)
    })
}
