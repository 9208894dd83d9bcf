//! Training: E18 and E23, and everything around them that does not depend on what is learned.
//!
//! This is the article's section 项目实践 4, 训练模型 (what `model.fit` hides).
//!
//! ```text
//! Task ── batch ── parts ── one gradient for each, by one worker ── their sum    gradient.rs
//!                                                                    │
//!      weights ←── Optimizer (E23) ←── clip (E18) ←──────────────────┘           trainer.rs
//!         │
//!      model.safetensors: weights, configuration, vocabulary                     model_file.rs
//!      run.safetensors:   what only training needs                               run_file.rs
//! ```
//!
//! An application supplies a [`Description`] of its models and an [`Application`]: its settings and
//! how data become a [`Task`]. Beginning, resuming, branching, evaluating and saving a run are
//! written once, in [`Run`].
//!
//! *Invariant:* this crate knows no text. A step's gradient depends on the weights and on what
//! [`Task::batch`] gives, not on any step before; tests hold every application to that.

mod workers;
mod elements;
mod optimizer;
mod schedule;
mod task;
mod gradient;
mod plan;
mod report;
mod trainer;
mod application;
mod fingerprint;
mod files;
mod tensor_file;
mod legacy;
mod model_file;
mod run_file;
mod run_dir;
mod run;
mod error;

pub use application::{Application, Description};
pub use error::TrainError;
pub use files::replace as replace_file;
pub use fingerprint::Fingerprint;
pub use gradient::PartGradients;
pub use model_file::{BEST, MODEL, StoredModel, write_model};
pub use optimizer::{Optimizer, OptimizerState};
pub use plan::{Best, Descent, Plan, Progress, TrainerState};
pub use report::{Evaluation, StepReport};
pub use run::{Run, RunSettings};
pub use run_dir::{METRICS, RunDir};
pub use run_file::{Keep, RUN, RunHeader, StoredRun};
pub use schedule::{Schedule, ScheduleState};
pub use task::{BatchSize, Part, Task};
pub use trainer::{Observer, Outcome, Trainer};
pub use workers::Workers;
