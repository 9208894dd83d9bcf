//! Encoder, attention and decoder at one step, with the symbols of E27 to E29.

use super::sketch::{Anchor, Colour, Pen, Sketch, THIN};

const SOURCE: [f64; 4] = [90.0, 190.0, 290.0, 390.0];
const DECODER: [f64; 3] = [530.0, 630.0, 730.0];
const LAYER: f64 = 260.0;
const MEAN: f64 = 96.0;
const HALF: f64 = 26.0;
/// The weights of the sources at the step that is drawn, as widths of arrows.
const WEIGHTS: [f64; 4] = [1.0, 4.4, 1.6, 0.8];

pub fn drawing() -> String {
    let mut sketch = Sketch::new(800.0, 404.0);
    encoder(&mut sketch);
    decoder(&mut sketch);
    attention(&mut sketch);
    sketch.finish("A decoder that attends to the words of the source")
}

fn cell(sketch: &mut Sketch, text: &str, x: f64) {
    sketch.block((x - HALF, LAYER - 22.0), (2.0 * HALF, 44.0), THIN);
    sketch.label(text, (x, LAYER));
}

fn encoder(sketch: &mut Sketch) {
    for (n, x) in SOURCE.into_iter().enumerate() {
        cell(sketch, &format!("h_{}", n + 1), x);
        // Not every typeface has its own h with a bar.
        let bar = LAYER - 10.5;
        sketch.line(&[(x - 8.0, bar), (x + 1.0, bar)], THIN);
        sketch.label(&format!("x_{}", n + 1), (x, 340.0));
        sketch.arrow(&[(x, 326.0), (x, LAYER + 22.0)], THIN);
    }
    // Both directions.
    for pair in SOURCE.windows(2) {
        let [left, right] = [pair[0] + HALF, pair[1] - HALF];
        sketch.arrow(&[(left, LAYER - 8.0), (right, LAYER - 8.0)], THIN);
        sketch.arrow(&[(right, LAYER + 8.0), (left, LAYER + 8.0)], THIN);
    }
    sketch.letters(15.0);
    let encoder = "encoder, both directions (E27)";
    sketch.write(encoder, (240.0, 372.0), Anchor::Middle, Colour::Quiet);
    sketch.letters(17.0);
}

fn decoder(sketch: &mut Sketch) {
    for (n, x) in DECODER.into_iter().enumerate() {
        cell(sketch, &format!("h_{}", n + 1), x);
        sketch.label(&format!("y_{n}"), (x, 340.0));
        sketch.arrow(&[(x, 326.0), (x, LAYER + 22.0)], THIN);
    }
    for pair in DECODER.windows(2) {
        sketch.arrow(&[(pair[0] + HALF, LAYER), (pair[1] - HALF, LAYER)], THIN);
    }
    bridge(sketch);
    sketch.letters(15.0);
    sketch.write("decoder", (630.0, 372.0), Anchor::Middle, Colour::Quiet);
    sketch.letters(17.0);
}

/// Each direction hands over its last state: at word 4 from left to right, at word 1 from right to left.
fn bridge(sketch: &mut Sketch) {
    let pen = Pen::new(Colour::Green, 3.2);
    let (from, to) = (SOURCE[3] + HALF, DECODER[0] - HALF);
    let middle = f64::midpoint(SOURCE[3], DECODER[0]);
    sketch.arrow(&[(from, LAYER - 8.0), (to, LAYER - 8.0)], pen);
    let (first, margin, below) = (SOURCE[0] - HALF, 36.0, 392.0);
    sketch.arrow(
        &[
            (first, LAYER + 8.0),
            (margin, LAYER + 8.0),
            (margin, below),
            (middle, below),
            (middle, LAYER + 8.0),
            (to, LAYER + 8.0),
        ],
        pen,
    );
    sketch.letters(15.0);
    sketch.write("E28", (middle, LAYER - 18.0), Anchor::Middle, Colour::Green);
    sketch.write(
        "E28",
        (middle + 9.0, below - 12.0),
        Anchor::Start,
        Colour::Green,
    );
    sketch.letters(17.0);
}

/// At the decoder's second step.
fn attention(sketch: &mut Sketch) {
    let mean = (300.0, MEAN);
    sketch.circle(mean, 24.0, THIN);
    sketch.label("m_2", mean);
    for (n, (x, weight)) in SOURCE.into_iter().zip(WEIGHTS).enumerate() {
        let pen = Pen::new(Colour::Orange, weight);
        let (dx, dy) = (x - mean.0, LAYER - 22.0 - mean.1);
        let length = dx.hypot(dy);
        let end = (mean.0 + 24.0 * dx / length, mean.1 + 24.0 * dy / length);
        sketch.arrow(&[(x, LAYER - 22.0), end], pen);
        sketch.letters(15.0);
        let (anchor, gap) = if x < mean.0 {
            (Anchor::End, -9.0)
        } else {
            (Anchor::Start, 9.0)
        };
        let at = (x + 0.25 * (mean.0 - x) + gap, LAYER - 28.0 - 0.25 * dy);
        sketch.write(&format!("α_{{2{}}}", n + 1), at, anchor, Colour::Orange);
        sketch.letters(17.0);
    }
    let (x, out) = (DECODER[1], 96.0);
    sketch.block((x - 30.0, out - 22.0), (60.0, 44.0), THIN);
    sketch.label("h_2", (x, out));
    sketch.write("~", (x - 3.5, out - 6.0), Anchor::Middle, Colour::Ink);
    sketch.arrow(&[(x, LAYER - 22.0), (x, out + 22.0)], THIN);
    sketch.arrow(&[(mean.0 + 24.0, MEAN), (x - 30.0, out)], THIN);
    sketch.arrow(&[(x, out - 22.0), (x, 38.0)], THIN);
    sketch.label("p(y_2)", (x, 22.0));
    sketch.letters(15.0);
    let scores = "weights and weighted mean (E29)";
    sketch.write(scores, (300.0, 40.0), Anchor::Middle, Colour::Quiet);
    sketch.letters(17.0);
}
