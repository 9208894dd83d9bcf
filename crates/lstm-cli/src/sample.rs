//! What a model says at an evaluation, so that one can see it learn.

use crate::terminal::escaped;
use crate::wrap::wrapped;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The samples of a run, one JSON object a line.
pub const SAMPLES: &str = "samples.jsonl";

/// What a model says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sample {
    /// A text that a language model generates.
    Text { text: String },
    /// The answer to an example from the validation data.
    Example {
        input: String,
        expected: String,
        output: String,
    },
}

/// A sample and the number of steps before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleAt {
    pub step: u64,
    #[serde(flatten)]
    pub sample: Sample,
}

const INDENT: &str = "    ";

impl Sample {
    /// Indented lines, wrapped if `width` names the columns of a terminal.
    pub fn lines(&self, width: Option<usize>) -> String {
        let labelled =
            |label: &str, text: &str| block(&format!("{INDENT}{label:<10}"), text, width);
        match self {
            Self::Text { text } => block(INDENT, text, width),
            Self::Example {
                input,
                expected,
                output,
            } => {
                let parts = [("input", input), ("expected", expected), ("output", output)];
                let lines = parts.map(|(label, text)| labelled(label, text));
                lines.join("\n")
            }
        }
    }
}

/// The lines of a text, the first after `label`, the others as far to the right.
fn block(label: &str, text: &str, width: Option<usize>) -> String {
    let margin = label.chars().count();
    let lines = match width {
        Some(width) => wrapped(&escaped(text), width.saturating_sub(margin).max(20)),
        None => text.split('\n').map(str::to_owned).collect(),
    };
    let lines = lines.join(&format!("\n{}", " ".repeat(margin)));
    format!("{label}{lines}")
}

/// The samples up to `step` that earlier sessions left in a run's directory.
pub fn read(dir: &Path, step: u64) -> Vec<SampleAt> {
    let path = dir.join(SAMPLES);
    let text = lstm_train::expect_readable(&path).ok();
    let text = text.and_then(|()| std::fs::read_to_string(&path).ok());
    let text = text.unwrap_or_default();
    let parsed = text.lines().map(serde_json::from_str::<SampleAt>);
    let samples = parsed.filter_map(Result::ok);
    samples.filter(|sample| sample.step <= step).collect()
}

/// The content of [`SAMPLES`].
pub fn to_lines(samples: &[SampleAt]) -> String {
    let line = |sample| serde_json::to_string(sample).expect("texts are JSON") + "\n";
    samples.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Sample {
        Sample::Example {
            input: "the cat is in the garden".into(),
            expected: "le chat est dans le jardin".into(),
            output: String::new(),
        }
    }

    #[test]
    fn an_example_has_three_labelled_parts_that_wrap_below_themselves() {
        let lines = "    input     the cat is in the garden\n    \
                     expected  le chat est dans le jardin\n    output    ";
        assert_eq!(example().lines(None), lines);
        let lines = "    input     the cat is in the\n              garden\n    \
                     expected  le chat est dans le\n              jardin\n    output    ";
        assert_eq!(example().lines(Some(35)), lines);
    }

    #[test]
    fn samples_are_read_as_they_were_written_up_to_a_step() {
        let text = Sample::Text {
            text: "a\n\"b\"".into(),
        };
        let samples = [(3, text), (5, example())];
        let samples = samples.map(|(step, sample)| SampleAt { step, sample });
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(SAMPLES), to_lines(&samples)).unwrap();
        assert_eq!(read(dir.path(), 5), samples);
        assert_eq!(read(dir.path(), 4), samples[..1]);
        assert_eq!(read(&dir.path().join("no"), 4), []);
    }
}
