//! `report.html`: a run on one page, which needs no network and no script.

mod html;
mod map;
mod settings;

pub use map::{Group, Map, Row};
pub use settings::settings;

use crate::error::CliError;
use crate::sample::{Sample, SampleAt};
use html::{escaped, filled};
use lstm_plot::grouped;
use lstm_train::replace_marked_file;
use std::path::Path;

/// The name of the report in a run's directory.
pub const REPORT: &str = "report.html";

/// The beginning of every report. A file that begins otherwise is not replaced.
const MARK: &str = "<!doctype html>\n<!-- The report of a run, written by lstm. -->\n";

const TEMPLATE: &str = include_str!("report/page.html");

/// The samples that a report shows at most, evenly spaced.
const SAMPLES: usize = 15;

/// What a report says about one run.
pub struct Report<'a> {
    pub title: String,
    pub dir: String,
    pub settings: Vec<(&'static str, String)>,
    /// The loss curve, as SVG.
    pub loss: Option<String>,
    pub overfitting: Option<&'a str>,
    pub samples: &'a [SampleAt],
    pub picture: Option<Picture>,
    pub next: &'a [String],
}

/// The inside of a model, or its answer to an example.
pub enum Picture {
    /// Numbers over a sequence: gates or attention.
    Map(Map),
    /// The words of a sentence with their roles.
    Labels(Vec<Labelled>),
    /// Curves, as SVG.
    Plot { title: String, svg: String },
}

/// A word, its role in the data, and the role that the model finds.
pub struct Labelled {
    pub word: String,
    pub expected: String,
    pub found: String,
}

impl Report<'_> {
    /// Writes the page into the directory of the run.
    pub fn write(&self, dir: &Path) -> Result<(), CliError> {
        let page = MARK.to_owned() + &self.html();
        Ok(replace_marked_file(
            &dir.join(REPORT),
            MARK,
            page.as_bytes(),
        )?)
    }

    fn html(&self) -> String {
        let overfitting = self
            .overfitting
            .map(|text| format!("<p>{}</p>", escaped(text)));
        let loss = self.loss.as_deref().map(|svg| {
            let note = overfitting.unwrap_or_default();
            section("Loss", &format!("<div class=\"plot\">{svg}</div>{note}"))
        });
        let picture = self.picture.as_ref().map(|picture| match picture {
            Picture::Map(map) => section(&map.title, &map.html()),
            Picture::Labels(words) => section("Roles in a sentence", &labels(words)),
            Picture::Plot { title, svg } => {
                section(title, &format!("<div class=\"plot\">{svg}</div>"))
            }
        });
        let row = |(name, value): &(&str, String)| {
            format!("<tr><th>{name}</th><td>{}</td></tr>\n", escaped(value))
        };
        let command = |command: &String| format!("{}\n", escaped(command));
        filled(
            TEMPLATE,
            &[
                ("title", escaped(&self.title)),
                ("dir", escaped(&self.dir)),
                ("loss", loss.unwrap_or_default()),
                ("samples", samples(self.samples)),
                ("picture", picture.unwrap_or_default()),
                ("settings", self.settings.iter().map(row).collect()),
                ("next", self.next.iter().map(command).collect()),
            ],
        )
    }
}

fn section(title: &str, body: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{body}\n</section>", escaped(title))
}

/// The samples over time: at most [`SAMPLES`], the first and the last included.
fn samples(all: &[SampleAt]) -> String {
    let count = all.len().min(SAMPLES);
    let place = |n: usize| n * (all.len() - 1) / (count - 1).max(1);
    let shown = |n: usize| sample(&all[place(n)]);
    match count {
        0 => String::new(),
        _ => section(
            "Samples over time",
            &(0..count).map(shown).collect::<String>(),
        ),
    }
}

fn sample(SampleAt { step, sample }: &SampleAt) -> String {
    let body = match sample {
        Sample::Text { text } => format!("<pre>{}</pre>", escaped(text)),
        Sample::Example {
            input,
            expected,
            output,
        } => {
            let parts = [("input", input), ("expected", expected), ("output", output)];
            let parts =
                parts.map(|(name, text)| format!("<dt>{name}</dt><dd>{}</dd>", escaped(text)));
            format!("<dl>{}</dl>", parts.concat())
        }
    };
    format!("<h3>step {}</h3>\n{body}\n", grouped(*step))
}

fn labels(words: &[Labelled]) -> String {
    let line = |name: &str, role: fn(&Labelled) -> &str| {
        let word = |labelled: &Labelled| {
            let (word, role) = (escaped(&labelled.word), escaped(role(labelled)));
            match role.as_str() {
                "" => format!("<span>{word}</span> "),
                role => {
                    format!("<span class=\"role\" title=\"{role}\">{word}<sub>{role}</sub></span> ")
                }
            }
        };
        let words: String = words.iter().map(word).collect();
        format!("<dt>{name}</dt><dd>{words}</dd>")
    };
    let expected = line("expected", |labelled| &labelled.expected);
    let found = line("output", |labelled| &labelled.found);
    format!("<dl>{expected}{found}</dl>")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that would change a page, or fill one of its placeholders.
    const HOSTILE: &str = "<script>alert('x')</script>{{next}}\"&\u{202e}\u{1b}]0;x";

    fn page(samples: &[SampleAt], picture: Picture) -> String {
        let report = Report {
            title: HOSTILE.into(),
            dir: HOSTILE.into(),
            settings: vec![("data", HOSTILE.into())],
            loss: Some("<svg></svg>".into()),
            overfitting: Some(HOSTILE),
            samples,
            picture: Some(picture),
            next: &["only once".to_owned()],
        };
        report.html()
    }

    fn map() -> Map {
        Map {
            title: HOSTILE.into(),
            columns: vec![HOSTILE.into(), "b".into()],
            groups: vec![Group {
                name: HOSTILE.into(),
                tone: "i",
                rows: vec![Row {
                    name: HOSTILE.into(),
                    values: vec![0.25, f64::NAN],
                }],
            }],
        }
    }

    #[test]
    fn text_of_the_data_and_of_the_model_cannot_change_the_page() {
        let text = || HOSTILE.to_owned();
        let samples = [
            Sample::Text { text: text() },
            Sample::Example {
                input: text(),
                expected: text(),
                output: text(),
            },
        ];
        let samples = samples.map(|sample| SampleAt { step: 7, sample });
        let labelled = || Labelled {
            word: text(),
            expected: text(),
            found: text(),
        };
        for picture in [Picture::Map(map()), Picture::Labels(vec![labelled()])] {
            let page = page(&samples, picture);
            assert!(
                !page.contains("<script") && !page.contains("alert('"),
                "{page}"
            );
            assert!(!page.contains(['\u{202e}', '\u{1b}']), "{page}");
            assert_eq!(page.matches("only once").count(), 1);
            assert!(
                page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;{{next}}&quot;&amp;")
            );
        }
    }

    #[test]
    fn the_page_forbids_itself_every_connection_and_every_script() {
        let page = page(&[], Picture::Map(map()));
        let policy = "content=\"default-src 'none'; style-src 'unsafe-inline'\"";
        assert!(page.contains(policy), "{page}");
        for loading in ["http:", "https:", "src=", "href=", "url(", "@import"] {
            assert!(
                !page.replace("http-equiv", "").contains(loading),
                "{loading}"
            );
        }
    }

    #[test]
    fn at_most_fifteen_samples_are_shown_from_the_first_to_the_last() {
        let sample_at = |step| SampleAt {
            step,
            sample: Sample::Text {
                text: String::new(),
            },
        };
        for (count, expected) in [(0, 0), (1, 1), (2, 2), (15, 15), (16, 15), (500, 15)] {
            let all: Vec<SampleAt> = (1..=count).map(sample_at).collect();
            let shown = samples(&all);
            assert_eq!(shown.matches("<h3>").count(), expected, "{count}");
            if count > 0 {
                assert!(shown.contains("<h3>step 1</h3>"), "{count}");
                assert!(shown.contains(&format!("<h3>step {count}</h3>")), "{count}");
            }
        }
    }
}
