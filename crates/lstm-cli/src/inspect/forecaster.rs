//! A forecaster.

use super::{Told, all_counts, layer_count};
use crate::count::counted;
use crate::forecast::relative_to;
use lstm_plot::grouped;
use lstm_tasks::forecast::{ForecastSettings, ForecasterDescription, Objective};
use lstm_train::RunHeader;
use serde_json::{Value, json};

impl Told for ForecastSettings {
    /// What is forecast from what.
    fn about(description: &ForecasterDescription) -> Vec<String> {
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
        about
    }

    fn data(run: &RunHeader<Self>) -> String {
        run.data.source.clone()
    }

    fn loss_unit(_description: &ForecasterDescription) -> String {
        " a value".to_owned()
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

    fn json(description: &ForecasterDescription) -> Value {
        json!({
            "columns": description.columns,
            "step": description.step,
            "horizon": description.horizon,
            "season": description.season,
            "reference": description.reference,
            "objective": description.objective,
            "scales": description.scales,
            "network": description.network,
        })
    }
}
