//! A classifier.

use super::{Told, all_counts, layer_count};
use crate::count::counted;
use lstm_model::layer_parameter_count;
use lstm_plot::grouped;
use lstm_tasks::classify::{Class, ClassifierDescription, ClassifySettings, Reading};
use lstm_train::RunHeader;
use serde_json::{Value, json};

impl Told for ClassifySettings {
    /// What is told apart, and by what.
    fn about(description: &ClassifierDescription) -> Vec<String> {
        let class =
            |class: &Class| format!("{:?} ({})", class.name, grouped(class.examples as u64));
        let classes: Vec<String> = description.classes.iter().map(class).collect();
        let (network, step) = (&description.network, description.reading.step());
        let what = match &description.reading {
            Reading::Tokens { vocabulary, .. } => {
                format!("texts, by {}", counted(vocabulary.len(), step))
            }
            Reading::Numbers { scales } => format!("series of {}", counted(scales.len(), "column")),
        };
        let most = counted(description.max_length, step);
        let directions = if network.bidirectional {
            "both directions"
        } else {
            "one direction"
        };
        vec![
            format!("a classifier of {what}, at most {most} of each"),
            format!(
                "classes, with their examples in training: {}",
                classes.join(", ")
            ),
            format!("reads in {directions}, {} pooling", network.pooling.name()),
        ]
    }

    fn data(run: &RunHeader<Self>) -> String {
        run.data.source.clone()
    }

    fn loss_unit(_description: &ClassifierDescription) -> String {
        " nats/label".to_owned()
    }

    fn parameters(description: &ClassifierDescription, all: usize) -> Vec<String> {
        let network = &description.network;
        let (v, d, h, k) = (
            network.vocab_size,
            network.input_size,
            network.hidden_size,
            network.classes,
        );
        let mut lines = Vec::new();
        if v > 0 {
            lines.push(format!(
                "  embedding  VD = {v}·{d} = {}",
                grouped((v * d) as u64)
            ));
        }
        for l in 0..network.layers {
            let d = if l == 0 { d } else { h };
            lines.push(if network.bidirectional {
                let both = grouped(2 * layer_parameter_count(d, h / 2) as u64);
                format!(
                    "{} in each direction, {both} in both",
                    layer_count(l, d, h / 2)
                )
            } else {
                layer_count(l, d, h)
            });
        }
        let head = grouped((k * (h + 1)) as u64);
        lines.push(format!("  head       KH + K = {k}·{h} + {k} = {head}"));
        // The second biases of both directions together are 4H, too.
        lines.extend(all_counts(all, network.layers, h));
        lines
    }

    fn json(description: &ClassifierDescription) -> Value {
        json!({
            "classes": description.classes,
            "columns": description.columns,
            "reading": description.reading,
            "max_length": description.max_length,
            "network": description.network,
        })
    }
}
