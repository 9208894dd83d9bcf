//! From a task's options to the settings of its run.

use crate::args::{EngineName, LimitArgs, RunArgs, TaskSettings};
use crate::error::CliError;
use crate::setup::{limited, threads};
use lstm_model::{Descent, ModelError, Optimizer, Plan, Schedule, store};
use std::path::Path;

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
    eval_every: Option<u64>,
}

impl TaskSetup {
    /// Generated data are small, and learned by a small network.
    pub fn new(s: &TaskSettings, run: &RunArgs, is_generated: bool) -> Self {
        let clip = s.clip.unwrap_or(5.0);
        let batch_size = s.batch.unwrap_or(64);
        Self {
            engine: s.engine.unwrap_or_default(),
            // A thread without an example would have nothing to do.
            threads: threads(run.threads).min(batch_size.max(1)),
            layers: s.layers.unwrap_or(1),
            hidden_size: s.hidden.unwrap_or(if is_generated { 128 } else { 256 }),
            embed_size: s.embed.unwrap_or(128),
            dropout: s.dropout.unwrap_or(0.2),
            batch_size,
            seed: s.seed.unwrap_or(1),
            learning_rate: s.lr.unwrap_or(if is_generated { 4e-3 } else { 2e-3 }),
            max_norm: (clip != 0.0).then_some(clip),
            eval_every: s.eval_every,
        }
    }

    /// When to stop and to evaluate.
    pub fn plan(&self, limit: &LimitArgs, steps_per_epoch: u64) -> Result<Plan, CliError> {
        let plan = Plan {
            steps: Some(10 * steps_per_epoch),
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
