//! A forecaster.

use super::{Inspected, all_counts, header, layer_count, run_json};
use crate::count::counted;
use crate::error::CliError;
use crate::forecast::relative_to;
use lstm_fast::Fast;
use lstm_model::{Canonical, Parameters, Tensors};
use lstm_plot::grouped;
use lstm_tasks::forecast::{ForecastSettings, Forecaster, ForecasterDescription, Objective};
use lstm_train::{RunHeader, StoredModel};
use serde_json::json;
use std::path::Path;

pub fn inspect(path: &Path) -> Result<Inspected, CliError> {
    let stored = StoredModel::<ForecasterDescription>::read(path)?;
    let file = stored.path.clone();
    let (description, network): (_, Forecaster<Fast>) = stored.network()?;
    let run = header::<ForecastSettings>(path)?;
    let mut tensors = Tensors::new();
    network.export("", &mut tensors);
    let all = network.parameter_count();
    Ok(Inspected {
        file,
        about: about(&description, run.as_ref()),
        tensors,
        parameters: parameters(&description, all),
        json: json!({
            "columns": description.columns,
            "step": description.step,
            "horizon": description.horizon,
            "season": description.season,
            "reference": description.reference,
            "objective": description.objective,
            "scales": description.scales,
            "network": description.network,
            "parameters": all,
            "run": run.as_ref().map(run_json),
        }),
    })
}

/// What is forecast from what, and how the model was trained.
fn about(
    description: &ForecasterDescription,
    run: Option<&RunHeader<ForecastSettings>>,
) -> Vec<String> {
    let names = |names: &[String]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        quoted.join(", ")
    };
    let (columns, horizon) = (&description.columns, counted(description.horizon, "row"));
    let what = match &description.objective {
        Objective::Quantiles(quantiles) => format!("the quantiles {quantiles:?}"),
        Objective::Gaussian => "a normal distribution".to_owned(),
    };
    let mut about = vec![format!(
        "a forecaster of {what} of {}, {horizon} ahead",
        names(&columns.values)
    )];
    if !columns.known.is_empty() {
        about.push(format!("knows {} in advance", names(&columns.known)));
    }
    about.push(format!(
        "relative to {}; scaled for {} series",
        relative_to(description),
        description.scales.len()
    ));
    let Some(run) = run else {
        return about;
    };
    let progress = run.state.progress;
    about.push(format!(
        "at step {}, trained on {} for {:.0} s, seed {}",
        grouped(progress.step),
        run.data.source,
        progress.seconds,
        run.settings.seed
    ));
    about.extend(progress.best.map(|best| {
        let (loss, step) = (best.val_loss, grouped(best.step));
        format!("best validation loss {loss:.4} a value, at step {step}")
    }));
    about
}

fn parameters(description: &ForecasterDescription, all: usize) -> Vec<String> {
    let network = &description.network;
    let (h, outputs) = (network.hidden_size, network.outputs);
    let input_size = |l| if l == 0 { network.input_size } else { h };
    let layers = (0..network.layers).map(|l| layer_count(l, input_size(l), h));
    let mut lines: Vec<String> = layers.collect();
    let head = grouped((outputs * (h + 1)) as u64);
    let of = "horizon · columns · numbers for each target";
    lines.push(format!(
        "  head       RH + R = {outputs}·{h} + {outputs} = {head}, R = {of}"
    ));
    lines.extend(all_counts(all, network.layers, h));
    lines
}
