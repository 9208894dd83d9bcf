//! How well a model begins a text, with and without restarts in training.

use crate::figures::{dashed, solid};
use crate::model::{Trained, held_out, train};
use lstm_model::{Reader, log_sum_exp};
use lstm_plot::{Axis, Panel, PlotError, line_charts};
use std::sync::OnceLock;

/// The length of the training text. 1,000 steps are less than an epoch, so without restarts a stream
/// starts from a zero state only once.
const CHARACTERS: usize = 330_000;
const RESTART: f64 = 0.05;
/// The number of characters of a sentence whose loss is shown.
const SHOWN: usize = 20;

/// The loss of the n-th character of a sentence in nats, averaged over the held-out sentences. If `cold`,
/// the model starts each sentence from a zero state and reads only the line end before it; otherwise it has
/// read all sentences before.
fn losses(model: &Trained, cold: bool) -> Vec<f64> {
    let mut sums = vec![(0.0, 0); SHOWN];
    let text = held_out();
    let mut reader = model.network.reader(1);
    for sentence in text.lines() {
        if cold {
            reader = model.network.reader(1);
        }
        let line = format!("\n{sentence}");
        let ids = model.vocabulary.encode(&line).expect("known characters");
        for (n, pair) in ids.windows(2).enumerate() {
            reader.read(&pair[..1]);
            if let Some((sum, count)) = sums.get_mut(n) {
                // −ln p of the character (E21).
                *sum += log_sum_exp(reader.logits()) - reader.logits()[pair[1] as usize];
                *count += 1;
            }
        }
        // The full stop was predicted, but not yet read.
        reader.read(&ids[ids.len() - 1..]);
    }
    let mean = |(sum, count)| sum / f64::from(count);
    sums.into_iter().map(mean).collect()
}

/// The losses from a zero state without restarts in training, with them, and in the middle of a text.
fn measured() -> [&'static [f64]; 3] {
    static LOSSES: OnceLock<[Vec<f64>; 3]> = OnceLock::new();
    let losses = LOSSES.get_or_init(|| {
        let (carried, restarted) = (train(CHARACTERS, 0.0), train(CHARACTERS, RESTART));
        [
            losses(&carried, true),
            losses(&restarted, true),
            losses(&carried, false),
        ]
    });
    losses.each_ref().map(Vec::as_slice)
}

pub fn cold_start() -> Result<String, PlotError> {
    let [carried, restarted, warm] = measured();
    let numbered = |losses: &[f64]| (1..).map(f64::from).zip(losses.iter().copied()).collect();
    let panel = Panel {
        x: Axis::linear("character of the sentence", &[1.0, 5.0, 10.0, 15.0, 20.0]),
        y: Axis::linear("nats", &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5]),
        curves: vec![
            solid(
                "from a zero state, trained without restarts",
                numbered(carried),
            ),
            solid(
                "from a zero state, trained with restarts",
                numbered(restarted),
            ),
            dashed("in the middle of a text", numbered(warm)),
        ],
    };
    line_charts("The loss of each character of a sentence", &[panel])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_in_training_cure_the_cold_start() {
        // The first ten characters have the article, and the adjective or the noun.
        let [carried, restarted, warm] = measured().map(|losses| losses[..10].iter().sum::<f64>());
        let rounded = [carried, restarted, warm].map(|nats| format!("{nats:.1}"));
        assert_eq!(rounded, ["10.9", "3.7", "3.2"]);
    }
}
