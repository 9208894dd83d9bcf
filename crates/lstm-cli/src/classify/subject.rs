//! What sessions need from classifiers.

use super::measured::{draw, measure};
use super::noun;
use crate::count::counted;
use crate::error::CliError;
use crate::report::Picture;
use crate::sample::Sample;
use crate::session::{Drawn, Subject, Summary};
use crate::settings::{Sizes, workers};
use lstm_model::Engine;
use lstm_plot::grouped;
use lstm_tasks::classify::{
    ClassData, Classifier, ClassifierDescription, ClassifyModel, ClassifySettings, Reading, best,
};
use lstm_tasks::data::Sequence;
use lstm_train::{Run, RunHeader, Workers};

/// The characters of a text that a sample shows.
const SHOWN: usize = 160;

impl Subject for ClassifySettings {
    fn command(_: &ClassifierDescription) -> &'static str {
        "lstm classify"
    }

    fn unit(_: &ClassifierDescription) -> &'static str {
        "label"
    }

    fn guess(description: &ClassifierDescription) -> f64 {
        (description.classes.len() as f64).ln()
    }

    fn sizes(description: &ClassifierDescription) -> Sizes {
        let network = &description.network;
        Sizes {
            layers: network.layers,
            hidden_size: network.hidden_size,
            embed_size: network.input_size,
            dropout: network.dropout,
        }
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }

    fn summary(
        run: &RunHeader<Self>,
        description: &ClassifierDescription,
        data: &ClassData,
    ) -> Summary {
        let (network, reading) = (&description.network, &description.reading);
        let [train, val, test] = [&data.train, &data.val, &data.test].map(|part| part.len() as u64);
        let (what, input) = match reading {
            Reading::Tokens { vocabulary, .. } => (
                "texts",
                format!(
                    "embedding {} of {}",
                    network.input_size,
                    counted(vocabulary.len(), reading.step())
                ),
            ),
            Reading::Numbers { scales } => ("series", counted(scales.len(), "column")),
        };
        let (layers, units) = (network.layers, counted(network.hidden_size, "unit"));
        let directions = if network.bidirectional {
            " in both directions"
        } else {
            ""
        };
        Summary {
            data: format!(
                "{} {what} to train, {} to validate and {} to test, {}",
                grouped(train),
                grouped(val),
                grouped(test),
                counted(description.classes.len(), "label")
            ),
            model: format!(
                "{input}, {layers} × {units}{directions}, {} pooling",
                network.pooling.name()
            ),
            batches: format!(
                "{} {what} in a batch",
                grouped(run.settings.batch_size as u64)
            ),
        }
    }

    fn sample<R: Engine<Scalar = f32>>(
        &self,
        description: &ClassifierDescription,
        data: &ClassData,
        network: &Classifier<R>,
    ) -> Option<Sample> {
        let one = data.val.first()?;
        let model = model(description, network);
        let found = model
            .log_probabilities(&[&one.sequence], &Workers::new(1).ok()?)
            .ok()?;
        let k = best(&found[0]);
        let input = match &one.sequence {
            Sequence::Text(text) => text.chars().take(SHOWN).collect(),
            Sequence::Series { id, rows } => {
                format!(
                    "{} {id:?}, {}",
                    noun(&description.reading),
                    counted(rows.len(), "row")
                )
            }
        };
        let (name, percent) = (&description.classes[k].name, 100.0 * found[0][k].exp());
        Some(Sample::Example {
            input,
            expected: one.label.clone(),
            output: format!("{name} ({percent:.1} %)"),
        })
    }

    /// The confusion matrix of the validation part.
    fn draw<R: Engine<Scalar = f32>>(
        run: &Run<Self, R>,
        data: &ClassData,
    ) -> Result<Drawn, CliError> {
        if data.val.is_empty() {
            return Ok(Drawn::default());
        }
        let description = run.description();
        let model = model(description, &run.trainer().network);
        let measured = measure(&model, &data.val, false, &workers(None)?)?;
        let Some(svg) = draw(description, &measured[0].confusion, "the validation part") else {
            return Ok(Drawn::default());
        };
        let title = "Confusion matrix of the validation part".to_owned();
        Ok(Drawn {
            picture: svg.clone().ok().map(|svg| Picture::Plot { title, svg }),
            svg: Some(("confusion.svg", svg)),
        })
    }

    fn next(description: &ClassifierDescription, _: &ClassData, dir: &str) -> Vec<String> {
        let run = match description.reading {
            Reading::Tokens { .. } => format!("echo TEXT | lstm classify run --model {dir}"),
            Reading::Numbers { .. } => format!("lstm classify run --model {dir} --input TABLE"),
        };
        vec![format!("lstm classify eval --model {dir}"), run]
    }
}

fn model<R: Engine<Scalar = f32>>(
    description: &ClassifierDescription,
    network: &Classifier<R>,
) -> ClassifyModel<R> {
    ClassifyModel {
        description: description.clone(),
        network: network.clone(),
    }
}
