//! The pictures of a run: its loss curve, and its gates over a sentence that it generates.

use crate::error::CliError;
use crate::report::{Group, Map, Row};
use lstm_cell::{Step, Tape};
use lstm_model::{Engine, Network, Sampler};
use lstm_plot::{
    Axis, Curve, HeatMap, Mark, Panel, PlotError, Range, Rows, grouped, heat_map, line_charts,
};
use lstm_tasks::{LanguageDescription, LanguageModel, TextSettings, prime_line};
use lstm_text::Tokenizer;
use lstm_train::{
    Application, Evaluation, LossHistory, Run, RunDir, Task, TrainError, replace_file,
};

/// The number of units of the top layer in the picture of the gates.
const UNITS: usize = 16;

/// `length` tokens that a network generates after "The ", of which characters it does not know are left
/// out.
pub fn sample<R: Engine<Scalar = f32>>(
    network: &Network<R>,
    description: &LanguageDescription,
    length: usize,
    seed: u64,
) -> Result<String, TrainError> {
    let model = LanguageModel {
        description: description.clone(),
        network: network.clone(),
    };
    let prime = description.vocabulary.known("The ");
    let sampler = Sampler::new(0.7, None, None).expect("0.7 is a temperature");
    model.generate(&prime, length, &sampler, seed)
}

/// The loss curve of a run as SVG; models of tokens have it in nats per `unit`.
pub fn loss_of<A: Application, R: Engine<Scalar = f32>>(
    run: &Run<A, R>,
    unit: &str,
) -> Result<String, PlotError> {
    let unit = if unit == "char" { "character" } else { unit };
    let nats = if <A::Task<R> as Task>::IN_NATS {
        ", nats"
    } else {
        ""
    };
    let label = format!("loss{nats} per {unit}");
    loss(run.trainer().history(), &run.dir().metrics(), &label)
}

/// Writes a picture into the run's directory.
pub fn save(dir: &RunDir, name: &str, svg: Result<String, PlotError>) -> Result<(), CliError> {
    let path = dir.path().join(name);
    let svg = svg.map_err(CliError::plot(&path))?;
    Ok(replace_file(&path, svg.as_bytes())?)
}

/// Training and validation loss against steps, with the minimum of the validation loss.
fn loss(history: &LossHistory, metrics: &[Evaluation], label: &str) -> Result<String, PlotError> {
    let validation: Vec<(f64, f64)> = metrics
        .iter()
        .filter_map(|e| Some((e.step as f64, e.val_loss?)))
        .collect();
    let lowest = validation.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let mark = lowest.map(|&at| Mark {
        at,
        text: format!("lowest: {:.4} at step {}", at.1, grouped(at.0 as u64)),
    });
    let curves: Vec<Curve> = [
        ("training", training(history, metrics), false, None),
        ("validation", validation, true, mark),
    ]
    .into_iter()
    .filter(|(_, points, ..)| !points.is_empty())
    .map(|(name, points, dashed, mark)| Curve {
        name: name.to_owned(),
        points,
        dashed,
        mark,
    })
    .collect();
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let panel = Panel {
        x: Axis::fitted("step", points().map(|p| p.0).chain([0.0])),
        y: Axis::fitted(label, points().map(|p| p.1)),
        curves,
    };
    line_charts("Training and validation loss against steps", &[panel])
}

/// The points of the training loss: the first batch, then means of neighbouring batches. A run that began
/// before runs kept a history has the mean losses between its evaluations there.
fn training(history: &LossHistory, metrics: &[Evaluation]) -> Vec<(f64, f64)> {
    const POINTS: usize = 150;
    let losses: Vec<(f64, f64)> = history.losses().map(|(n, loss)| (n as f64, loss)).collect();
    let begin = losses.first().map_or(f64::INFINITY, |first| first.0);
    let earlier = metrics.iter().map(|e| (e.step as f64, e.train_loss));
    let earlier = earlier.take_while(|point| point.0 <= begin);
    let (first, others) = losses.split_at(losses.len().min(1));
    let mean = |chunk: &[(f64, f64)]| {
        let sum = chunk
            .iter()
            .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
        (sum.0 / chunk.len() as f64, sum.1 / chunk.len() as f64)
    };
    let means = others
        .chunks(others.len().div_ceil(POINTS).max(1))
        .map(mean);
    earlier.chain(first.iter().copied()).chain(means).collect()
}

/// The gates of the top layer over a sentence that the network generates, for the units whose cell
/// states vary most.
pub struct Gates {
    layer: usize,
    columns: Vec<String>,
    tape: Tape<f32>,
    units: Vec<usize>,
}

/// A quantity of the picture: its name, its class in the report, its colours, and its value.
type Quantity = (
    &'static str,
    &'static str,
    Range,
    fn(&Step<f32>, usize) -> f32,
);

/// In the order of the book.
const QUANTITIES: [Quantity; 5] = [
    ("i: input gate", "i", Range::INPUT_GATE, |s, j| {
        s.gates.i_t[j]
    }),
    ("f: forget gate", "f", Range::FORGET_GATE, |s, j| {
        s.gates.f_t[j]
    }),
    ("g: candidate", "g", Range::CANDIDATE, |s, j| s.gates.g_t[j]),
    ("o: output gate", "o", Range::OUTPUT_GATE, |s, j| {
        s.gates.o_t[j]
    }),
    ("tanh c: cell state", "c", Range::Signed, |s, j| {
        s.tanh_c_t[j]
    }),
];

impl Gates {
    /// Generates the sentence with the network of a run.
    pub fn of_run<R: Engine<Scalar = f32>>(run: &Run<TextSettings, R>) -> Result<Self, TrainError> {
        let (network, description) = (&run.trainer().network, run.description());
        let vocabulary = &description.vocabulary;
        let length = match vocabulary {
            Tokenizer::Characters(_) => 72,
            Tokenizer::Subwords(_) => 24,
            Tokenizer::Words(_) => 16,
        };
        let text = sample(network, description, length, run.header().settings.seed)?;
        let own = "the network's ids are in its vocabulary";
        let line = prime_line(vocabulary, &text).expect(own);
        let decoded = |ids: &[u32]| vocabulary.decode(ids).expect(own);
        let hidden = (0..line.ids.len()).find(|&n| decoded(&line.ids[..n]).len() >= line.hidden);
        let hidden = hidden.unwrap_or(0);
        let label = |&id: &u32| visible(&decoded(&[id]));
        let mut tapes = network.record(&line.ids);
        let layer = tapes.len();
        let mut tape = tapes.pop().expect("a network has a layer");
        // The start of the line is read but not shown.
        tape.steps.drain(..hidden);
        Ok(Self {
            layer,
            columns: line.ids[hidden..].iter().map(label).collect(),
            units: most_varied(&tape),
            tape,
        })
    }

    /// The values of a unit along the tape.
    fn values(&self, of: fn(&Step<f32>, usize) -> f32, unit: usize) -> Vec<f64> {
        let steps = self.tape.steps.iter();
        steps.map(|step| f64::from(of(step, unit))).collect()
    }

    /// The picture for `gates.svg`.
    pub fn svg(&self) -> Result<String, PlotError> {
        let widest = self.columns.iter().map(|label| label.chars().count()).max();
        let group = |(name, _, range, of): Quantity| Rows {
            name: name.to_owned(),
            range,
            values: self.units.iter().map(|&j| self.values(of, j)).collect(),
        };
        heat_map(&HeatMap {
            title: format!(
                "{}: a row for each of {} units",
                self.title(),
                self.units.len()
            ),
            columns: self.columns.clone(),
            groups: QUANTITIES.map(group).into(),
            cell_width: 8.0 * widest.unwrap_or(1) as f64 + 5.0,
            cell_height: 7.0,
        })
    }

    /// The picture for the report.
    pub fn map(&self) -> Map {
        let group = |(name, tone, _, of): Quantity| Group {
            name: name.to_owned(),
            tone,
            rows: self
                .units
                .iter()
                .map(|&j| Row {
                    name: format!("unit {j}"),
                    values: self.values(of, j),
                })
                .collect(),
        };
        Map {
            title: self.title(),
            columns: self.columns.clone(),
            groups: QUANTITIES.map(group).into(),
        }
    }

    fn title(&self) -> String {
        format!("Gates of layer {} while it generates", self.layer)
    }
}

/// The units whose tanh c varies most along the tape, in their own order.
fn most_varied(tape: &Tape<f32>) -> Vec<usize> {
    let hidden_size = tape.initial.c.len();
    let variance = |j: usize| {
        let values = tape.steps.iter().map(|s| s.tanh_c_t[j]);
        let mean = values.clone().sum::<f32>() / tape.steps.len() as f32;
        values.map(|v| (v - mean).powi(2)).sum::<f32>()
    };
    let mut units: Vec<usize> = (0..hidden_size).collect();
    units.sort_by(|&a, &b| variance(b).total_cmp(&variance(a)));
    units.truncate(UNITS);
    units.sort_unstable();
    units
}

fn visible(token: &str) -> String {
    let character = |c| match c {
        ' ' => '␣',
        '\n' => '⏎',
        c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => '·',
        c => c,
    };
    match token {
        "" => "␣".to_owned(),
        token => token.chars().map(character).collect(),
    }
}
