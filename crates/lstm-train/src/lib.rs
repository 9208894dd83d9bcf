//! Training (E18, E23), independent of the application.
//!
//! This is the article's section 项目实践 4, 训练模型 (what `model.fit` hides).
//!
//! ```text
//! Task ── batch ── parts ── one gradient for each, by one worker ── their sum    gradient.rs
//!                                                                    │
//!      weights ←── Optimizer (E23) ←── clip (E18) ←──────────────────┘           trainer.rs
//!         │
//!      model.safetensors: weights, configuration, vocabulary                     model_file.rs
//!      run.safetensors:   the state of training                                  run_file.rs
//! ```
//!
//! An application implements [`Description`] for its models and [`Application`] for its settings, which
//! make a [`Task`] from data. [`Run`] begins, resumes, branches, evaluates and saves the runs of every
//! application.
//!
//! *Invariant:* this crate knows no text. A step's gradient depends only on the weights and on the
//! batch of [`Task::batch`], not on the steps before. The tests check this for every application.

#[cfg(test)]
extern crate self as lstm_train;

mod processes;
mod workers;
mod elements;
mod optimizer;
mod schedule;
mod task;
mod gradient;
mod plan;
mod history;
mod report;
mod observer;
mod trainer;
mod application;
pub mod stored_path;
mod fingerprint;
mod cgroup;
mod memory;
mod files;
mod lock;
mod json;
mod tensor_file;
mod legacy;
mod model_file;
mod run_file;
mod run_dir;
mod run;
mod error;

pub use application::{Application, Description};
pub use error::TrainError;
pub use files::{
    create as create_file, create_dir, expect_absent, expect_readable, replace as replace_file,
    replace_marked as replace_marked_file,
};
pub use fingerprint::{DataFiles, Fingerprint};
pub use gradient::PartGradients;
pub use history::LossHistory;
pub use memory::available as available_memory;
pub use model_file::{BEST, MODEL, StoredModel, write_model};
pub use observer::{Observer, Outcome};
pub use optimizer::{Optimizer, OptimizerState};
pub use plan::{Best, Descent, Plan, Progress, TrainerState};
pub use processes::{Processes, Single};
pub use report::{Evaluation, StepReport};
pub use run::{Run, RunSettings};
pub use run_dir::{METRICS, RunDir, read_metrics};
pub use run_file::{Keep, RUN, RunHeader, StoredRun};
pub use schedule::{Schedule, ScheduleState};
pub use task::{BatchSize, Part, Task};
pub use trainer::Trainer;
pub use workers::Workers;
