//! The four paths of the worked example of the CRF, with the factor of every step.

use super::sketch::{Anchor, Colour, Pen, Place, Sketch, THIN};

const RADIUS: f64 = 24.0;
const BEST: Pen = Pen::new(Colour::Blue, 3.6);
/// Start, word 1, word 2, end.
const COLUMNS: [f64; 4] = [70.0, 280.0, 520.0, 730.0];
const ROWS: [f64; 2] = [80.0, 200.0];
const MIDDLE: f64 = 140.0;

pub fn drawing() -> String {
    let mut sketch = Sketch::new(800.0, 270.0);
    let [start, first, second, end] = COLUMNS;
    for (n, y) in ROWS.into_iter().enumerate() {
        let pen = |on_best: bool| if on_best && n == 0 { BEST } else { THIN };
        // start[k] and e_1[k] as factors.
        let (from, into) = [("1", "2"), ("2", "1")][n];
        edge(&mut sketch, (start, MIDDLE), (first, y), pen(true), from);
        edge(&mut sketch, (second, y), (end, MIDDLE), pen(true), "1");
        for (m, other) in ROWS.into_iter().enumerate() {
            let is_best = (n, m) == (0, 0);
            let pen = if is_best { BEST } else { THIN };
            let factor = if is_best { "3" } else { "" };
            edge(&mut sketch, (first, y), (second, other), pen, factor);
        }
        for (x, factor) in [(first, into), (second, "1")] {
            sketch.circle((x, y), RADIUS, THIN);
            sketch.label(&n.to_string(), (x, y));
            let below = y + if n == 0 { -38.0 } else { 38.0 };
            sketch.letters(14.0);
            sketch.label(&format!("× {factor}"), (x, below));
            sketch.letters(17.0);
        }
    }
    names(&mut sketch);
    sketch.finish("The paths through two words with two labels")
}

fn names(sketch: &mut Sketch) {
    let [start, first, second, end] = COLUMNS;
    sketch.letters(15.0);
    sketch.label("start", (start - 30.0, MIDDLE));
    sketch.label("end", (end + 26.0, MIDDLE));
    for (x, name) in [(first, "word 1"), (second, "word 2")] {
        sketch.write(name, (x, 18.0), Anchor::Middle, Colour::Quiet);
    }
    let best = "the path 0 0: 1 · 2 · 3 · 1 · 1 = 6 of Z = 12";
    sketch.write(best, (400.0, 264.0), Anchor::Middle, Colour::Blue);
    sketch.letters(17.0);
}

/// An arrow between two labels, with its factor at the middle, on the outer side.
fn edge(sketch: &mut Sketch, from: Place, to: Place, pen: Pen, factor: &str) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    let (ux, uy) = (dx / length, dy / length);
    let (near, far) = (
        (from.0 + RADIUS * ux, from.1 + RADIUS * uy),
        (to.0 - RADIUS * ux, to.1 - RADIUS * uy),
    );
    let [is_start, is_end] = [from.0 == COLUMNS[0], to.0 == COLUMNS[3]];
    let near = if is_start { from } else { near };
    // Two arrows reach the end, side by side.
    let far = if is_end {
        (to.0, to.1 + 6.0 * (from.1 - MIDDLE).signum())
    } else {
        far
    };
    sketch.arrow(&[near, far], pen);
    if factor.is_empty() {
        return;
    }
    sketch.letters(14.0);
    let is_upper = from.1 < MIDDLE || to.1 < MIDDLE;
    let outwards = if is_upper { -15.0 } else { 15.0 };
    let at = (
        f64::midpoint(from.0, to.0),
        f64::midpoint(from.1, to.1) + outwards,
    );
    sketch.label(&format!("× {factor}"), at);
    sketch.letters(17.0);
}
