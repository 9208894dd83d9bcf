//! The beginning of a session.

use super::{Subject, Summary};
use crate::count::counted;
use crate::error::say;
use lstm_model::{Engine, Parameters};
use lstm_plot::grouped;
use lstm_train::Run;

/// Prints what is trained on what, and until when.
pub fn announce<S: Subject, R: Engine<Scalar = f32>>(
    run: &Run<S, R>,
    summary: &Summary,
) -> std::io::Result<()> {
    let (header, trainer) = (run.header(), run.trainer());
    say!("{}: {}", header.data.source, summary.data);
    say!(
        "model: {}, {}; seed {}, engine {}, {}",
        summary.model,
        counted(trainer.network.parameter_count(), "parameter"),
        header.settings.seed(),
        header.engine,
        counted(header.threads, "thread"),
    );
    let end = match (header.plan.steps, header.plan.seconds) {
        (Some(steps), _) => format!("to step {}", grouped(steps)),
        (None, seconds) => format!("for {} s", seconds.unwrap_or(f64::INFINITY)),
    };
    let step = grouped(trainer.progress().step);
    say!("training: {}, {end} from step {step}", summary.batches);
    Ok(())
}
