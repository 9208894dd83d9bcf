//! `lstm classify run`: the most probable label of every sequence, as CSV or JSON lines.

use super::noun;
use crate::args::{ClassifyRunArgs, OutputForm};
use crate::error::{CliError, note};
use crate::forecast::field;
use crate::settings::workers;
use crate::terminal::print_output;
use crate::text::texts;
use lstm_fast::Fast;
use lstm_tasks::classify::{ClassifyModel, Reading, Unread, best};
use lstm_tasks::data::{LabelledFile, Labels, Sequence, read_labelled};
use lstm_train::Workers;
use serde_json::json;
use std::path::Path;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

pub fn run(args: &ClassifyRunArgs) -> Result<(), CliError> {
    let model = ClassifyModel::<Fast>::load(&args.model)?;
    let limit = args.limit.limit();
    let out = Output {
        model: &model,
        form: args.format,
        workers: workers(args.threads)?,
    };
    let of_texts = matches!(model.description.reading, Reading::Tokens { .. });
    let path = match &args.input {
        Some(path) => path.as_path(),
        None if of_texts => return out.lines(texts(&args.texts, limit)),
        None if !args.texts.is_empty() => {
            let expected = "the model reads series: name a table with --input";
            return Err(CliError::option("input", "missing", expected));
        }
        None => Path::new(STANDARD_INPUT),
    };
    let columns = &model.description.columns;
    let LabelledFile { all, warnings, .. } = read_labelled(path, columns, Labels::Ignored, limit)?;
    for warning in warnings.into_iter().chain(model.description.warnings(&all)) {
        note!("{warning}");
    }
    let sequences: Vec<&Sequence> = all.iter().map(|one| &one.sequence).collect();
    out.header()?;
    out.write(&sequences)
}

/// The model, and the form of its answers.
struct Output<'a> {
    model: &'a ClassifyModel<Fast>,
    form: OutputForm,
    workers: Workers,
}

impl Output<'_> {
    /// Prints the header, if there is one.
    fn header(&self) -> Result<(), CliError> {
        let first = match noun(&self.model.description.reading) {
            "series" => "id",
            noun => noun,
        };
        match self.form {
            OutputForm::Csv => Ok(print_output(&format!("{first},label,probability"))?),
            OutputForm::Jsonl => Ok(()),
        }
    }

    /// Classifies texts as they come.
    fn lines(
        &self,
        texts: impl Iterator<Item = Result<Vec<String>, CliError>>,
    ) -> Result<(), CliError> {
        self.header()?;
        let (description, mut unread) = (&self.model.description, Unread::default());
        let mut before = 0;
        for texts in texts {
            let texts = texts?;
            if let Some(n) = texts.iter().position(|text| text.trim().is_empty()) {
                let number = before + n + 1;
                return Err(CliError::EmptyText { number });
            }
            before += texts.len();
            let sequences: Vec<Sequence> = texts.into_iter().map(Sequence::Text).collect();
            sequences
                .iter()
                .for_each(|one| unread.add(description, one));
            self.write(&sequences.iter().collect::<Vec<_>>())?;
        }
        for warning in unread.warnings(description) {
            note!("{warning}");
        }
        Ok(())
    }

    fn write(&self, sequences: &[&Sequence]) -> Result<(), CliError> {
        let found = self.model.log_probabilities(sequences, &self.workers)?;
        let classes = &self.model.description.classes;
        for (sequence, log_p) in sequences.iter().zip(found) {
            let k = best(&log_p);
            let (label, probability) = (&classes[k].name, log_p[k].exp());
            let (name, content) = match sequence {
                Sequence::Text(text) => ("text", text),
                Sequence::Series { id, .. } => ("id", id),
            };
            print_output(&match self.form {
                OutputForm::Csv => {
                    format!("{},{},{probability:.6}", field(content), field(label))
                }
                OutputForm::Jsonl => {
                    let rounded = (1e6 * probability).round() / 1e6;
                    json!({name: content, "label": label, "probability": rounded}).to_string()
                }
            })?;
        }
        Ok(())
    }
}
