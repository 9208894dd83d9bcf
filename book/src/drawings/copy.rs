//! The mixture of the worked example: the vocabulary's distribution, the attention's, and their sum.

use super::sketch::{Anchor, Colour, Sketch, THIN};

/// Pixels of a probability of 1.
const SCALE: f64 = 220.0;
const VOCABULARY: [f64; 3] = [0.1, 0.5, 0.4];
/// The words of the source with their weights of attention.
const ATTENTION: [(usize, f64); 3] = [(0, 0.4), (1, 0.4), (0, 0.2)];
const GATE: f64 = 0.5;
const BASE: f64 = 190.0;

pub fn drawing() -> String {
    let mut sketch = Sketch::new(800.0, 250.0);
    let word = |n: usize| format!("word {n}");
    heading(&mut sketch, "p_{vocab}", 120.0, Colour::Blue);
    for (n, p) in VOCABULARY.into_iter().enumerate() {
        bar(
            &mut sketch,
            45.0 + 75.0 * n as f64,
            &[(p, Colour::Blue)],
            &word(n),
        );
    }
    heading(
        &mut sketch,
        "attention α over the source",
        390.0,
        Colour::Orange,
    );
    for (n, (source, p)) in ATTENTION.into_iter().enumerate() {
        bar(
            &mut sketch,
            315.0 + 75.0 * n as f64,
            &[(p, Colour::Orange)],
            &word(source),
        );
    }
    heading(&mut sketch, "p = ½ p_{vocab} + ½ α", 670.0, Colour::Ink);
    for (n, p) in VOCABULARY.into_iter().enumerate() {
        let copied = ATTENTION.iter().filter(|(source, _)| *source == n);
        let copied: f64 = copied.map(|(_, weight)| weight).sum();
        let shares = [
            (GATE * p, Colour::Blue),
            ((1.0 - GATE) * copied, Colour::Orange),
        ];
        bar(&mut sketch, 595.0 + 75.0 * n as f64, &shares, &word(n));
    }
    sketch.letters(26.0);
    sketch.label("+", (255.0, 120.0));
    sketch.label("→", (532.0, 120.0));
    sketch.finish("The mixture of writing and copying")
}

fn heading(sketch: &mut Sketch, text: &str, x: f64, colour: Colour) {
    sketch.letters(16.0);
    sketch.write(text, (x, 24.0), Anchor::Middle, colour);
}

/// A bar of one or two shares, with their sum above and the word below.
fn bar(sketch: &mut Sketch, x: f64, shares: &[(f64, Colour)], word: &str) {
    let mut top = BASE;
    for (p, colour) in shares {
        let height = SCALE * p;
        top -= height;
        sketch.fill((x - 22.0, top), (44.0, height), *colour);
    }
    sketch.line(&[(x - 30.0, BASE), (x + 30.0, BASE)], THIN);
    let sum: f64 = shares.iter().map(|(p, _)| p).sum();
    sketch.letters(15.0);
    let sum = format!("{sum:.2}");
    let sum = sum.strip_suffix('0').unwrap_or(&sum);
    sketch.write(sum, (x, top - 7.0), Anchor::Middle, Colour::Ink);
    sketch.write(word, (x, BASE + 22.0), Anchor::Middle, Colour::Ink);
}
