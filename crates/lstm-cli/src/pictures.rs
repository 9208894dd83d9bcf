//! The pictures of a run: its loss curve, and its gates over a sentence that it generates.

use crate::error::CliError;
use lstm_cell::{Step, Tape};
use lstm_model::{Engine, Network, Sampler};
use lstm_plot::{Axis, Curve, HeatMap, Panel, PlotError, Range, Rows, heat_map, line_charts};
use lstm_tasks::{LanguageDescription, LanguageModel, TextSettings, prime_line};
use lstm_text::Tokenizer;
use lstm_train::{Evaluation, Run, RunDir, replace_file};

/// The number of units of the top layer in the picture of the gates.
const UNITS: usize = 16;

/// `length` tokens that a network generates after "The ", of which characters it does not know are left
/// out.
pub fn sample<R: Engine<Scalar = f32>>(
    network: &Network<R>,
    description: &LanguageDescription,
    length: usize,
    seed: u64,
) -> String {
    let model = LanguageModel {
        description: description.clone(),
        network: network.clone(),
    };
    let prime = description.vocabulary.known("The ");
    let sampler = Sampler::new(0.7, None, None).expect("0.7 is a temperature");
    let text = model.generate(&prime, length, &sampler, seed);
    // All characters are known, but the model may compute no numbers.
    text.unwrap_or_else(|error| format!("({error})"))
}

/// Draws `loss.svg` into the run's directory, in nats per `unit`.
pub fn write_loss(dir: &RunDir, unit: &str) -> Result<(), CliError> {
    let unit = if unit == "char" { "character" } else { unit };
    save(dir, "loss.svg", loss(&dir.metrics(), unit))
}

/// Draws `gates.svg` into the run's directory.
pub fn write_gates<R: Engine<Scalar = f32>>(run: &Run<TextSettings, R>) -> Result<(), CliError> {
    let seed = run.header().settings.seed;
    let svg = gates(&run.trainer().network, run.description(), seed);
    save(run.dir(), "gates.svg", svg)
}

fn save(dir: &RunDir, name: &str, svg: Result<String, PlotError>) -> Result<(), CliError> {
    let path = dir.path().join(name);
    let svg = svg.map_err(CliError::plot(&path))?;
    Ok(replace_file(&path, svg.as_bytes())?)
}

/// Training and validation loss against steps.
fn loss(metrics: &[Evaluation], unit: &str) -> Result<String, PlotError> {
    let curve = |name: &str, dashed, of: fn(&Evaluation) -> Option<f64>| Curve {
        name: name.to_owned(),
        points: metrics
            .iter()
            .filter_map(|e| Some((e.step as f64, of(e)?)))
            .collect(),
        dashed,
    };
    let curves: Vec<Curve> = [
        curve("training", false, |e| Some(e.train_loss)),
        curve("validation", true, |e| e.val_loss),
    ]
    .into_iter()
    .filter(|curve| !curve.points.is_empty())
    .collect();
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let panel = Panel {
        x: Axis::fitted("step", points().map(|p| p.0).chain([0.0])),
        y: Axis::fitted(&format!("loss, nats per {unit}"), points().map(|p| p.1)),
        curves,
    };
    line_charts("Training and validation loss against steps", &[panel])
}

/// The gates of the top layer over a sentence that the network generates, for the units whose cell
/// states vary most.
fn gates<R: Engine<Scalar = f32>>(
    network: &Network<R>,
    description: &LanguageDescription,
    seed: u64,
) -> Result<String, PlotError> {
    let vocabulary = &description.vocabulary;
    let length = match vocabulary {
        Tokenizer::Characters(_) => 72,
        Tokenizer::Subwords(_) => 24,
        Tokenizer::Words(_) => 16,
    };
    let text = sample(network, description, length, seed);
    let own = "the network's ids are in its vocabulary";
    let line = prime_line(vocabulary, &text).expect(own);
    let decoded = |ids: &[u32]| vocabulary.decode(ids).expect(own);
    let hidden = (0..line.ids.len()).find(|&n| decoded(&line.ids[..n]).len() >= line.hidden);
    let hidden = hidden.unwrap_or(0);
    let labels = line.ids[hidden..]
        .iter()
        .map(|&id| visible(&decoded(&[id])));
    let columns: Vec<String> = labels.collect();
    let widest = columns.iter().map(|label| label.chars().count()).max();
    let mut tapes = network.record(&line.ids);
    let layer = tapes.len();
    let mut tape = tapes.pop().expect("a network has a layer");
    // The start of the line is read but not shown.
    tape.steps.drain(..hidden);
    let units = most_varied(&tape);
    let rows = |name: &str, range, of: fn(&Step<f32>, usize) -> f32| Rows {
        name: name.to_owned(),
        range,
        values: units
            .iter()
            .map(|&j| tape.steps.iter().map(|s| f64::from(of(s, j))).collect())
            .collect(),
    };
    heat_map(&HeatMap {
        title: format!(
            "Gates of layer {layer} while it generates: {} units, one row each",
            units.len()
        ),
        columns,
        groups: vec![
            rows("i", Range::Unit, |s, j| s.gates.i_t[j]),
            rows("f", Range::Unit, |s, j| s.gates.f_t[j]),
            rows("g", Range::Signed, |s, j| s.gates.g_t[j]),
            rows("o", Range::Unit, |s, j| s.gates.o_t[j]),
            rows("tanh c", Range::Signed, |s, j| s.tanh_c_t[j]),
        ],
        cell_width: 8.0 * widest.unwrap_or(1) as f64 + 5.0,
        cell_height: 7.0,
    })
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
