//! What a run looks like: its loss curve, and its gates over a sentence of its own.

use crate::error::CliError;
use crate::generate::as_a_line;
use crate::run_dir::RunDir;
use crate::train::Sample;
use lstm_cell::{Step, Tape};
use lstm_model::{Evaluation, Generator, LanguageModelHeader, Network, Recurrent, Sampler, Stream};
use lstm_plot::{Axis, Curve, HeatMap, Panel, PlotError, Range, Rows, heat_map, line_charts};
use lstm_text::Tokenizer;
use std::fs;

/// How many of the top layer's units the gates are shown for.
const UNITS: usize = 16;

/// What the gates are watched on.
const SENTENCE: Sample = Sample {
    prime: "The ",
    length: 72,
};

/// What a network writes after the prime, the same for the same seed, whatever the threads.
pub fn sample<R: Recurrent<Scalar = f32>>(
    network: &Network<R>,
    vocabulary: &Tokenizer,
    sample: Sample,
    seed: u64,
    threads: usize,
) -> String {
    let prime = vocabulary.known(sample.prime);
    let (mut ids, before) = as_a_line(vocabulary, &prime).expect("only known characters are left");
    let sampler = Sampler::new(0.7, None, None).expect("0.7 is a temperature");
    let mut rng = Stream::Sampling.rng(seed, 0, 0);
    let mut generator = Generator::new(network, &ids, threads);
    ids.extend((0..sample.length).map(|_| generator.next_token(&sampler, &mut rng)));
    let text = vocabulary.decode(&ids);
    text.expect("a network writes its own vocabulary")[before..].to_owned()
}

/// Draws `loss.svg` and `gates.svg` into the run's directory.
pub fn write<R: Recurrent<Scalar = f32>>(
    run: &RunDir,
    network: &Network<R>,
    header: &LanguageModelHeader,
) -> Result<(), CliError> {
    write_loss(run, "nats per character")?;
    save(run, "gates.svg", gates(network, header))
}

/// Draws `loss.svg` into the run's directory.
pub fn write_loss(run: &RunDir, unit: &str) -> Result<(), CliError> {
    save(run, "loss.svg", loss(&run.metrics()?, unit))
}

fn save(run: &RunDir, name: &str, svg: Result<String, PlotError>) -> Result<(), CliError> {
    let path = run.path().join(name);
    let svg = svg.map_err(|source| CliError::Plot {
        path: path.clone(),
        source,
    })?;
    fs::write(&path, svg).map_err(CliError::io("write", &path))
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
        y: Axis::fitted(&format!("loss, {unit}"), points().map(|p| p.1)),
        curves,
    };
    line_charts("Training and validation loss against steps", &[panel])
}

/// The gates of the top layer over a sentence that the network writes: the units whose cells move most.
fn gates<R: Recurrent<Scalar = f32>>(
    network: &Network<R>,
    header: &LanguageModelHeader,
) -> Result<String, PlotError> {
    let (seed, threads) = (header.data.seed, header.threads);
    let vocabulary = &header.vocabulary;
    let length = match vocabulary {
        Tokenizer::Characters(_) => SENTENCE.length,
        Tokenizer::Pieces(_) => SENTENCE.length / 3,
    };
    let sentence = Sample { length, ..SENTENCE };
    let text = sample(network, vocabulary, sentence, seed, threads);
    let own = "a network writes its own vocabulary";
    let (line, before) = as_a_line(vocabulary, &text).expect(own);
    let decoded = |ids: &[u32]| vocabulary.decode(ids).expect(own);
    let hidden = (0..line.len()).find(|&n| decoded(&line[..n]).len() >= before);
    let hidden = hidden.unwrap_or(0);
    let labels = line[hidden..].iter().map(|&id| visible(&decoded(&[id])));
    let columns: Vec<String> = labels.collect();
    let widest = columns.iter().map(|label| label.chars().count()).max();
    let mut tapes = network.record(&line);
    let layer = tapes.len();
    let mut tape = tapes.pop().expect("a network has a layer");
    // What was read before the text itself is not shown.
    tape.steps.drain(..hidden);
    let units = liveliest(&tape);
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
            "Gates of layer {layer} while it writes: {} units, one row each",
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
fn liveliest(tape: &Tape<f32>) -> Vec<usize> {
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
