//! The backward flow of two steps, over the graph that the chapter draws for the forward pass.

use super::sketch::{Anchor, Colour, Pen, Place, Sketch, THIN};

const RADIUS: f64 = 25.0;
const CAROUSEL: Pen = Pen::new(Colour::Blue, 4.4);
const ROAD: Pen = Pen::new(Colour::Orange, 1.2);

/// The columns of steps t − 1, t and t + 1.
const COLUMNS: [(f64, &str); 3] = [(70.0, "t−1"), (360.0, "t"), (650.0, "t+1")];
const CELLS: f64 = 70.0;
const HIDDEN: f64 = 240.0;
const LOSS: f64 = 370.0;

pub fn drawing() -> String {
    let mut sketch = Sketch::new(800.0, 400.0);
    for (x, t) in COLUMNS {
        sketch.circle((x, CELLS), RADIUS, THIN);
        sketch.circle((x, HIDDEN), RADIUS, THIN);
        sketch.label(&format!("dc_{{{t}}}"), (x, CELLS));
        sketch.label(&format!("dh_{{{t}}}"), (x, HIDDEN));
        sketch.arrow(&[(x, HIDDEN - RADIUS), (x, CELLS + RADIUS)], THIN);
    }
    for (x, t) in &COLUMNS[1..] {
        step(&mut sketch, *x, t);
    }
    // What comes from the steps after.
    sketch.arrow(&[(790.0, CELLS), (650.0 + RADIUS, CELLS)], CAROUSEL);
    sketch.arrow(
        &[(790.0, 198.0), rim((650.0, HIDDEN), (790.0, 198.0))],
        ROAD,
    );
    notes(&mut sketch);
    sketch.finish("The backward pass of an LSTM, two steps")
}

/// The block of pre-activations before the states at `x`, and what flows into it and out of it.
fn step(sketch: &mut Sketch, x: f64, t: &str) {
    let (left, right) = (x - 185.0, x - 105.0);
    let middle = x - 145.0;
    sketch.block((left, 138.0), (80.0, 46.0), THIN);
    sketch.label(&format!("da_{{{t}}}"), (middle, 161.0));
    sketch.label(&format!("dx_{{{t}}}"), (middle, 322.0));
    let before = x - 290.0;
    sketch.arrow(&[(x - RADIUS, CELLS), (before + RADIUS, CELLS)], CAROUSEL);
    let (cell, hidden) = ((x, CELLS), (x, HIDDEN));
    sketch.arrow(&[rim(cell, (right, 148.0)), (right, 148.0)], THIN);
    sketch.arrow(&[rim(hidden, (right, 174.0)), (right, 174.0)], THIN);
    let out = (left, 174.0);
    sketch.arrow(&[out, rim((before, HIDDEN), out)], ROAD);
    sketch.arrow(&[(middle, 184.0), (middle, 302.0)], THIN);
    sketch.label("loss", (x, LOSS));
    sketch.arrow(&[(x, LOSS - 14.0), (x, HIDDEN + RADIUS)], THIN);
    sketch.letters(14.0);
    sketch.label(&format!("× f_{{{t}}}"), (middle, CELLS - 22.0));
    sketch.letters(17.0);
}

/// The equation of every arrow, at the later step.
fn notes(sketch: &mut Sketch) {
    sketch.letters(14.0);
    for x in [360.0, 650.0] {
        let mut note = |text: &str, at: Place, colour| {
            sketch.write(text, at, Anchor::Middle, colour);
        };
        note("E11", (x - 145.0, CELLS + 24.0), Colour::Blue);
        note("E12–E14", (x - 94.0, 112.0), Colour::Ink);
        note("E10", (x - 54.0, 230.0), Colour::Ink);
        note("E9", (x - 214.0, 224.0), Colour::Orange);
        note("E15", (x - 124.0, 252.0), Colour::Ink);
        note("E11", (x + 20.0, 160.0), Colour::Ink);
        note("E9", (x + 16.0, 320.0), Colour::Ink);
    }
    sketch.letters(17.0);
}

/// The point of a circle that is nearest to `from`.
fn rim(centre: Place, from: Place) -> Place {
    let (dx, dy) = (from.0 - centre.0, from.1 - centre.1);
    let length = dx.hypot(dy);
    (
        centre.0 + RADIUS * dx / length,
        centre.1 + RADIUS * dy / length,
    )
}
