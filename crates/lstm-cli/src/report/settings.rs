//! The settings of a run as a table.

use crate::count::counted;
use crate::session::{Subject, Summary};
use lstm_model::{Engine, Parameters};
use lstm_plot::grouped;
use lstm_train::{Descent, Plan, Run, Schedule, Task};

/// The names and values of the settings of a run, and how far it got.
pub fn settings<S: Subject, R: Engine<Scalar = f32>>(
    run: &Run<S, R>,
    summary: Summary,
) -> Vec<(&'static str, String)> {
    let (header, trainer) = (run.header(), run.trainer());
    let (progress, descent) = (trainer.progress(), &header.state.descent);
    let parameters = counted(trainer.network.parameter_count(), "parameter");
    let clip = descent.max_norm.map(|norm| norm.to_string());
    let of = if <S::Task<R> as Task>::IN_NATS {
        " nats/"
    } else {
        " a "
    };
    let of = of.to_owned() + S::unit(run.description());
    let best = progress.best.map(|best| {
        let step = grouped(best.step);
        format!("{:.4}{of} at step {step}", best.val_loss)
    });
    vec![
        ("text or data", header.data.source.clone()),
        ("size", summary.data),
        ("model", format!("{}, {parameters}", summary.model)),
        ("batches", summary.batches),
        ("optimiser", optimizer(descent)),
        ("learning rate", schedule(descent)),
        (
            "clipped at norm",
            clip.unwrap_or_else(|| "never".to_owned()),
        ),
        ("plan", plan(&header.plan)),
        ("seed", header.settings.seed().to_string()),
        (
            "engine",
            format!("{}, {}", header.engine, counted(header.threads, "thread")),
        ),
        (
            "trained",
            format!(
                "{} steps in {:.0} s",
                grouped(progress.step),
                progress.seconds
            ),
        ),
        (
            "lowest validation loss",
            best.unwrap_or_else(|| "none".to_owned()),
        ),
        ("lstm", env!("CARGO_PKG_VERSION").to_owned()),
    ]
}

/// The name of the optimiser and its constants.
fn optimizer(descent: &Descent) -> String {
    let json = serde_json::to_value(descent.optimizer).expect("constants are JSON");
    let fields = json.as_object().expect("an optimiser has a name");
    let name = fields["name"].as_str().unwrap_or_default();
    let others = fields.iter().filter(|(field, _)| *field != "name");
    let constants = others.map(|(field, value)| format!(", {field} {value}"));
    name.to_owned() + &constants.collect::<String>()
}

fn schedule(descent: &Descent) -> String {
    let rate = descent.learning_rate;
    match descent.schedule {
        Schedule::Constant => rate.to_string(),
        Schedule::Cosine { steps } => {
            format!(
                "{rate}, falling to 0 along a cosine over {} steps",
                grouped(steps)
            )
        }
        Schedule::Plateau { factor, patience } => {
            let evaluations = counted(patience as usize, "evaluation");
            format!("{rate}, times {factor} after {evaluations} without a new minimum")
        }
    }
}

fn plan(plan: &Plan) -> String {
    let end = match (plan.steps, plan.seconds) {
        (Some(steps), _) => format!("{} steps", grouped(steps)),
        (None, seconds) => format!("{} s", seconds.unwrap_or(f64::INFINITY)),
    };
    let every = match plan.eval_seconds {
        Some(seconds) => format!("{seconds:.1} s"),
        None => counted(plan.eval_every as usize, "step"),
    };
    let patience = plan.patience.map_or(String::new(), |n| {
        let evaluations = counted(n as usize, "evaluation");
        format!(", stopped after {evaluations} without a new minimum")
    });
    format!("{end}, evaluated every {every}{patience}")
}
