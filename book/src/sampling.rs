//! The text that a small model generates, and its cells in the meantime.

use crate::figures::{dashed, solid};
use crate::model::{NOUNS, Trained, is_sentence, trained};
use lstm_cell::{Step, Tape};
use lstm_model::{Purpose, Reader, Sampler};
use lstm_plot::{
    Axis, ColouredText, HeatMap, Panel, PlotError, Range, Rows, coloured_text, heat_map,
    line_charts,
};
use lstm_tasks::Generator;
use nalgebra::DVector;

const LENGTH: usize = 4_000;

/// The mean entropy of the distributions that a sampler drew from, in bits, and the fraction of its
/// sentences that the grammar accepts.
fn measure(model: &Trained, sampler: &Sampler) -> (f64, f64) {
    let newline = model.vocabulary.encode("\n").expect("texts have lines");
    let mut reader = model.network.reader(1);
    reader.read(&newline);
    let mut rng = Purpose::Sampling.rng(1, 0, 0);
    let (mut bits, mut ids) = (0.0, Vec::new());
    for _ in 0..LENGTH {
        let distribution = sampler.distribution(reader.logits());
        bits -= distribution
            .iter()
            .filter(|(_, p)| *p > 0.0)
            .map(|(_, p)| p * p.log2())
            .sum::<f64>();
        let token = sampler.sample(reader.logits(), &mut rng);
        ids.push(token);
        reader.read(&[token]);
    }
    let text = model.vocabulary.decode(&ids).expect("its own characters");
    // The text after the last line end is not a complete sentence.
    let (whole, _) = text.rsplit_once('\n').unwrap_or((&text, ""));
    let lines: Vec<&str> = whole.split('\n').collect();
    let right = lines.iter().filter(|line| is_sentence(line)).count();
    (bits / LENGTH as f64, right as f64 / lines.len() as f64)
}

/// Entropy and correctness of the generated text, against temperature.
pub fn temperature() -> Result<String, PlotError> {
    let model = trained();
    let taus: Vec<f64> = (1..=10).map(|n| f64::from(n) / 5.0).collect();
    let along = |top_p| -> Vec<(f64, (f64, f64))> {
        let sampler = |tau| Sampler::new(tau, None, top_p).expect("settings in range");
        taus.iter()
            .map(|&tau| (tau, measure(model, &sampler(tau))))
            .collect()
    };
    let (all, nucleus) = (along(None), along(Some(0.9)));
    let ticks = [0.0, 0.5, 1.0, 1.5, 2.0];
    let panel = |label: &str, of: fn((f64, f64)) -> f64, y: &[f64]| {
        let points = |run: &[(f64, (f64, f64))]| run.iter().map(|&(t, m)| (t, of(m))).collect();
        Panel {
            x: Axis::linear("temperature τ", &ticks),
            y: Axis::linear(label, y),
            curves: vec![
                solid("all characters", points(&all)),
                dashed("top-p 0.9", points(&nucleus)),
            ],
        }
    };
    line_charts(
        "Temperature against entropy, and against the grammar",
        &[
            panel(
                "entropy, bits per character",
                |m| m.0,
                &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5],
            ),
            panel(
                "fraction of correct sentences",
                |m| m.1,
                &[0.0, 0.25, 0.5, 0.75, 1.0],
            ),
        ],
    )
}

/// The tape of the model over a text that starts a line.
fn tape(model: &Trained, text: &str) -> Tape<f64> {
    let line = format!("\n{text}");
    let ids = model.vocabulary.encode(&line).expect("known characters");
    let mut tape = model.network.record(&ids).remove(0);
    tape.steps.remove(0);
    tape
}

/// The unit whose cell shows best, after the stem of a verb, whether the noun was plural: the one whose
/// mean differs most between singular and plural.
fn number_unit(model: &Trained) -> usize {
    let mean = |s: &str| -> DVector<f64> {
        let mut sum = DVector::zeros(model.network.config().hidden_size);
        for noun in NOUNS {
            for verb in ["wait", "run", "often sing", "never wait"] {
                let tape = tape(model, &format!("the {noun}{s} {verb}"));
                sum += &tape.steps[tape.seq_len() - 1].tanh_c_t;
            }
        }
        sum / (4 * NOUNS.len()) as f64
    };
    (mean("s") - mean("")).iamax()
}

const SENTENCE: &str = "the old cats run and the dog often sings.";

/// All gates over a sentence, for the unit that keeps the number and the five others that vary most.
pub fn sentence() -> Result<String, PlotError> {
    let model = trained();
    let tape = tape(model, SENTENCE);
    let number = number_unit(model);
    let variance = |j: usize| {
        let values = tape.steps.iter().map(|s| s.tanh_c_t[j]);
        let mean = values.clone().sum::<f64>() / tape.steps.len() as f64;
        values.map(|v| (v - mean).powi(2)).sum::<f64>()
    };
    let mut others: Vec<usize> = (0..tape.initial.c.len()).filter(|&j| j != number).collect();
    others.sort_by(|&a, &b| variance(b).total_cmp(&variance(a)));
    let units: Vec<usize> = std::iter::once(number).chain(others).take(6).collect();
    let rows = |name: &str, range, of: fn(&Step<f64>, usize) -> f64| Rows {
        name: name.to_owned(),
        range,
        values: units
            .iter()
            .map(|&j| tape.steps.iter().map(|s| of(s, j)).collect())
            .collect(),
    };
    heat_map(&HeatMap {
        title: "The gates of six units over a sentence, one row each".to_owned(),
        columns: SENTENCE.chars().map(visible).collect(),
        groups: vec![
            rows("i", Range::INPUT_GATE, |s, j| s.gates.i_t[j]),
            rows("f", Range::FORGET_GATE, |s, j| s.gates.f_t[j]),
            rows("g", Range::CANDIDATE, |s, j| s.gates.g_t[j]),
            rows("o", Range::OUTPUT_GATE, |s, j| s.gates.o_t[j]),
            rows("tanh c", Range::Signed, |s, j| s.tanh_c_t[j]),
        ],
        cell_width: 19.0,
        cell_height: 10.0,
    })
}

fn visible(c: char) -> String {
    if c == ' ' {
        "␣".to_owned()
    } else {
        c.to_string()
    }
}

/// Text of the model at τ = 0.7, each character on the colour of one cell after reading it.
pub fn writer() -> Result<String, PlotError> {
    let model = trained();
    let sampler = Sampler::new(0.7, None, None).expect("0.7 is a temperature");
    let newline = model.vocabulary.encode("\n").expect("texts have lines");
    let mut generator = Generator::new(&model.network, &newline, 1);
    let mut rng = Purpose::Sampling.rng(2, 0, 0);
    let mut lines = vec![String::new()];
    while lines.len() <= 8 {
        let id = generator.next_token(&sampler, &mut rng);
        match model.vocabulary.char(id).expect("its own character") {
            '\n' if lines.last().is_some_and(String::is_empty) => {}
            '\n' => lines.push(String::new()),
            c => lines.last_mut().expect("a line").push(c),
        }
    }
    lines.pop();
    let number = number_unit(model);
    let tape = tape(model, &lines.join("\n"));
    let mut values = tape.steps.iter().map(|s| s.tanh_c_t[number]);
    let mut coloured = Vec::new();
    for line in &lines {
        coloured.push(line.chars().zip(&mut values).collect());
        // The model reads the end of the line too.
        values.next();
    }
    coloured_text(&ColouredText {
        title: "Sentences of the model, coloured by one cell".to_owned(),
        caption: format!(
            "tanh c of unit {number} after each character: blue below 0, orange above"
        ),
        lines: coloured,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements of the page about its figure.
    #[test]
    fn low_temperatures_give_correct_sentences_and_high_ones_varied_text() {
        let at = |tau| measure(trained(), &Sampler::new(tau, None, None).unwrap());
        let (cold, warm, hot) = (at(0.2), at(1.0), at(2.0));
        assert!(cold.0 < warm.0 && warm.0 < hot.0);
        assert!(cold.1 > 0.95 && cold.1 > warm.1 && warm.1 > hot.1 && hot.1 < 0.1);
        let nucleus = measure(trained(), &Sampler::new(1.0, None, Some(0.9)).unwrap());
        assert!(nucleus.1 > warm.1 + 0.1 && nucleus.0 < warm.0);
    }
}
