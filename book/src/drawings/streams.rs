//! Ten tokens cut into windows and into streams, T = 3.

use super::sketch::{Anchor, Colour, Pen, Sketch, THIN};

const CELL: f64 = 34.0;
const LEFT: f64 = 150.0;
const COLOURS: [Colour; 2] = [Colour::Blue, Colour::Green];
const CARRIED: Pen = Pen::new(Colour::Orange, 2.4);

pub fn drawing() -> String {
    let mut sketch = Sketch::new(640.0, 384.0);
    text(&mut sketch);
    windows(&mut sketch);
    streams(&mut sketch);
    sketch.finish("Ten tokens as windows and as streams")
}

fn name(sketch: &mut Sketch, text: &str, y: f64) {
    sketch.letters(15.0);
    sketch.write(text, (8.0, y + 5.0), Anchor::Start, Colour::Ink);
    sketch.letters(17.0);
}

fn cell(sketch: &mut Sketch, text: &str, x: f64, y: f64) {
    sketch.block((x, y - CELL / 2.0), (CELL, CELL), THIN);
    sketch.label(text, (x + CELL / 2.0, y));
}

fn text(sketch: &mut Sketch) {
    name(sketch, "the text", 24.0);
    for n in 0..10 {
        cell(sketch, &n.to_string(), LEFT + CELL * f64::from(n), 24.0);
    }
}

fn windows(sketch: &mut Sketch) {
    name(sketch, "windows", 84.0);
    for window in 0..4_u8 {
        // The last row is the last window, below those that are left out.
        let (first, row) = if window == 3 {
            (6, 3.6)
        } else {
            (window, f64::from(window))
        };
        let y = 84.0 + 40.0 * row;
        for n in first..first + 3 {
            cell(sketch, &n.to_string(), LEFT + CELL * f64::from(n), y);
        }
        let after = LEFT + CELL * f64::from(first + 3) + 12.0;
        sketch.letters(14.0);
        sketch.write(
            "from a zero state",
            (after, y + 5.0),
            Anchor::Start,
            Colour::Quiet,
        );
        sketch.letters(17.0);
    }
    sketch.label("⋮", (LEFT + CELL * 5.2, 195.0));
}

fn streams(sketch: &mut Sketch) {
    let rows = [
        ("0", ["0", "1", "2", "3", "4"]),
        ("1", ["5", "6", "7", "8", "_"]),
    ];
    for (n, (number, tokens)) in rows.into_iter().enumerate() {
        let y = 300.0 + 56.0 * n as f64;
        name(sketch, &format!("stream {number}"), y);
        for (t, token) in tokens.into_iter().enumerate() {
            let gap = if t < 3 { 0.0 } else { 4.0 * CELL };
            let x = LEFT + CELL * t as f64 + gap;
            sketch.shade((x, y - CELL / 2.0), (CELL, CELL), COLOURS[n]);
            cell(sketch, token, x, y);
        }
        let (from, to) = (LEFT + 3.0 * CELL, LEFT + 7.0 * CELL);
        sketch.arrow(&[(from + 6.0, y), (to - 6.0, y)], CARRIED);
        sketch.letters(14.0);
        let above = (f64::midpoint(from, to), y - 9.0);
        sketch.write("the state", above, Anchor::Middle, Colour::Orange);
        sketch.letters(17.0);
    }
    sketch.letters(14.0);
    for (n, x) in [(0, LEFT + 1.5 * CELL), (1, LEFT + 8.0 * CELL)] {
        let chunk = format!("chunk {n}");
        sketch.write(&chunk, (x, 272.0), Anchor::Middle, Colour::Quiet);
    }
    let after = (LEFT + 9.0 * CELL + 8.0, 361.0);
    sketch.write("padding, mask 0", after, Anchor::Start, Colour::Quiet);
    sketch.letters(17.0);
}
