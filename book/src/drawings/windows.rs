//! Twelve steps in three windows: what crosses an edge, forward and back.

use super::sketch::{Anchor, Colour, Pen, Sketch, THIN};

const FORWARD: f64 = 66.0;
const BACK: f64 = 176.0;
const LEFT: f64 = 92.0;
const STEP: f64 = 58.0;
/// Half of a step's box.
const HALF: f64 = 15.0;
const WINDOW: usize = 4;
const BACKWARD: Pen = Pen::new(Colour::Orange, 2.4);
const EDGE: Pen = Pen::new(Colour::Quiet, 1.4).dashed();

pub fn drawing() -> String {
    let mut sketch = Sketch::new(800.0, 270.0);
    let x = |t: usize| LEFT + STEP * t as f64;
    for (n, colour) in [Colour::Blue, Colour::Green, Colour::Purple]
        .into_iter()
        .enumerate()
    {
        let start = x(n * WINDOW) - STEP / 2.0;
        sketch.shade((start, 30.0), (STEP * WINDOW as f64, 186.0), colour);
        sketch.letters(15.0);
        sketch.label(&format!("window {}", n + 1), (start + STEP * 2.0, 16.0));
        sketch.letters(17.0);
    }
    for t in 0..3 * WINDOW {
        for y in [FORWARD, BACK] {
            sketch.block((x(t) - HALF, y - HALF), (2.0 * HALF, 2.0 * HALF), THIN);
            sketch.letters(14.0);
            sketch.label(&(t + 1).to_string(), (x(t), y));
            sketch.letters(17.0);
        }
        let next = x(t) + STEP;
        let forward = [(x(t) + HALF, FORWARD), (next - HALF, FORWARD)];
        let back = [(next - HALF, BACK), (x(t) + HALF, BACK)];
        if t + 1 < 3 * WINDOW {
            sketch.arrow(&forward, THIN);
            if (t + 1) % WINDOW == 0 {
                // The gradient stops at the edge.
                let edge = next - STEP / 2.0;
                sketch.line(&[(edge, 30.0), (edge, 216.0)], EDGE);
            } else {
                sketch.arrow(&back, BACKWARD);
            }
        }
    }
    captions(&mut sketch);
    sketch.finish(
        "Truncated back-propagation: the state crosses the edges of windows, gradients do not",
    )
}

fn captions(sketch: &mut Sketch) {
    sketch.letters(15.0);
    sketch.write("h, c", (6.0, FORWARD + 5.0), Anchor::Start, Colour::Ink);
    sketch.write("dh, dc", (6.0, BACK + 5.0), Anchor::Start, Colour::Orange);
    let update = "an update of the weights";
    for n in 1..=3 {
        let x = LEFT + STEP * (WINDOW * n) as f64 - STEP / 2.0;
        sketch.write(update, (x - 6.0, 246.0), Anchor::End, Colour::Quiet);
        sketch.arrow(&[(x, 262.0), (x, 220.0)], Pen::new(Colour::Quiet, 1.4));
    }
}
