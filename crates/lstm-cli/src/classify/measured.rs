//! What a classifier gets right and wrong: tables and a picture.

use super::noun;
use crate::count::counted;
use crate::error::{CliError, say};
use crate::scores::{measures, name, row};
use console::{Alignment, measure_text_width, pad_str};
use lstm_model::Engine;
use lstm_plot::{ConfusionMatrix, PlotError, confusion_matrix, grouped};
use lstm_tasks::TasksError;
use lstm_tasks::classify::{Class, ClassifierDescription, ClassifyModel, best, generated};
use lstm_tasks::data::{Labelled, Sequence};
use lstm_tasks::metrics::Confusion;
use lstm_train::Workers;
use std::cmp::Reverse;

/// More classes than this make no matrix that a person can read.
const MOST_DRAWN: usize = 60;
/// More classes than this make no matrix that a terminal can show.
const MOST_PRINTED: usize = 12;

/// What a method finds of the classes of some sequences.
pub struct Measured {
    name: String,
    pub confusion: Confusion,
    /// −Σ ln p of the true class.
    nats: f64,
}

impl Measured {
    /// `log_p` has ln p of every class for each sequence.
    fn new(name: &str, meant: &[usize], log_p: &[Vec<f64>], classes: usize) -> Self {
        let (mut confusion, mut nats) = (Confusion::new(classes), 0.0);
        for (&meant, log_p) in meant.iter().zip(log_p) {
            confusion.add(meant, best(log_p));
            nats -= log_p[meant];
        }
        let name = name.to_owned();
        Self {
            name,
            confusion,
            nats,
        }
    }
}

/// What the model finds, and what one finds that gives every class its frequency in the training part
/// as probability. Of generated words also what the best possible classifier finds.
pub fn measure<R: Engine<Scalar = f32>>(
    model: &ClassifyModel<R>,
    examples: &[Labelled],
    is_generated: bool,
    workers: &Workers,
) -> Result<Vec<Measured>, TasksError> {
    let (description, k) = (&model.description, model.description.classes.len());
    let meant = examples.iter().map(|one| description.class(&one.label));
    let meant: Vec<usize> = meant.map(|class| class.expect("checked before")).collect();
    let sequences: Vec<&Sequence> = examples.iter().map(|one| &one.sequence).collect();
    let log_p = model.log_probabilities(&sequences, workers)?;
    let examples_of = |class: &Class| class.examples as f64;
    let all: f64 = description.classes.iter().map(examples_of).sum();
    let frequency = |class: &Class| (examples_of(class) / all).ln();
    let frequencies: Vec<f64> = description.classes.iter().map(frequency).collect();
    let constant = vec![frequencies; examples.len()];
    let mut measured = vec![
        Measured::new("LSTM", &meant, &log_p, k),
        Measured::new("frequencies only", &meant, &constant, k),
    ];
    if is_generated {
        let posterior = |sequence: &&Sequence| match sequence {
            Sequence::Text(word) => generated::posterior(word).map(f64::ln).to_vec(),
            Sequence::Series { .. } => unreachable!("words are texts"),
        };
        let log_p: Vec<Vec<f64>> = sequences.iter().map(posterior).collect();
        measured.push(Measured::new("best possible", &meant, &log_p, k));
    }
    Ok(measured)
}

/// Prints the methods, the classes, and the confusion matrix of the model.
pub fn say_measured(
    description: &ClassifierDescription,
    measured: &[Measured],
    part: &str,
) -> Result<(), CliError> {
    let (model, classes) = (&measured[0], description.names().collect::<Vec<_>>());
    let examples = model.confusion.examples();
    let what = match noun(&description.reading) {
        "series" => format!("{} series", grouped(examples as u64)),
        noun => counted(examples, noun),
    };
    let all = classes
        .iter()
        .copied()
        .chain(measured.iter().map(|one| one.name.as_str()));
    let width = all.map(measure_text_width).max().unwrap_or(0).max(16);
    say!("{what} of {part}, {}", counted(classes.len(), "label"));
    say!("\n{} accuracy  macro F1  nats/label", name("", width));
    for Measured {
        name: method,
        confusion,
        nats,
    } in measured
    {
        let [accuracy, f1] = [confusion.accuracy(), confusion.macro_f1()];
        let [accuracy, f1] = [accuracy, f1].map(|part| 100.0 * part.unwrap_or(0.0));
        let nats = nats / examples as f64;
        say!(
            "{} {accuracy:8.2}  {f1:8.2}  {nats:10.4}",
            name(method, width)
        );
    }
    say!("\n{}", measures("class", "count", width));
    for (k, class) in classes.iter().enumerate() {
        say!("{}", row(class, width, &model.confusion.of_class(k)));
    }
    say_confusions(&classes, &model.confusion, width)
}

/// Prints the matrix, or of many classes only who is most often taken for whom.
fn say_confusions(classes: &[&str], confusion: &Confusion, width: usize) -> Result<(), CliError> {
    if classes.len() > MOST_PRINTED {
        let counts = &confusion.counts;
        let pairs = (0..classes.len()).flat_map(|k| (0..classes.len()).map(move |j| (k, j)));
        let mut pairs: Vec<_> = pairs.filter(|&(k, j)| k != j && counts[k][j] > 0).collect();
        pairs.sort_by_key(|&(k, j)| Reverse(counts[k][j]));
        say!("\nmost often taken for another class");
        for (k, j) in pairs.into_iter().take(MOST_PRINTED) {
            let count = grouped(counts[k][j] as u64);
            say!(
                "{} {count:>8}  taken for {}",
                name(classes[k], width),
                classes[j]
            );
        }
        return Ok(());
    }
    let right = |text: &str, width| pad_str(text, width, Alignment::Right, None).into_owned();
    let columns: Vec<String> = classes
        .iter()
        .map(|class| right(&format!(" {class}"), 9))
        .collect();
    say!("\n{}{}", name("true \\ found", width), columns.concat());
    for (class, row) in classes.iter().zip(&confusion.counts) {
        let cells = columns
            .iter()
            .zip(row)
            .map(|(column, &count)| right(&grouped(count as u64), measure_text_width(column)));
        say!("{}{}", name(class, width), cells.collect::<String>());
    }
    Ok(())
}

/// The confusion matrix of the model as SVG; `None` for more classes than a person can read.
pub fn draw(
    description: &ClassifierDescription,
    confusion: &Confusion,
    part: &str,
) -> Option<Result<String, PlotError>> {
    let classes: Vec<String> = description.names().map(str::to_owned).collect();
    (classes.len() <= MOST_DRAWN).then(|| {
        confusion_matrix(&ConfusionMatrix {
            title: format!(
                "{} of {part}: counts, coloured by their part of the row",
                counted(confusion.examples(), "example")
            ),
            classes,
            counts: confusion.counts.clone(),
        })
    })
}
