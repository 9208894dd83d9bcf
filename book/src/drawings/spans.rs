//! A sentence with its spans above and its labels below.

use super::sketch::{Anchor, Colour, Pen, Sketch};

const WORDS: [(&str, &str); 11] = [
    ("The", "B-A1"),
    ("old", "I-A1"),
    ("book", "I-A1"),
    ("was", "O"),
    ("given", "B-V"),
    ("to", "B-A2"),
    ("the", "I-A2"),
    ("girl", "I-A2"),
    ("by", "B-A0"),
    ("Anna", "I-A0"),
    (".", "O"),
];

/// The first and the last word of each span, with its role and what the role means.
const SPANS: [(&str, usize, usize, Colour); 4] = [
    ("A1: what was given", 0, 2, Colour::Green),
    ("V", 4, 4, Colour::Ink),
    ("A2: to whom", 5, 7, Colour::Purple),
    ("A0: who gave", 8, 9, Colour::Blue),
];

const STEP: f64 = 71.0;

pub fn drawing() -> String {
    let mut sketch = Sketch::new(800.0, 150.0);
    let x = |n: usize| 42.0 + STEP * n as f64;
    for (role, first, last, colour) in SPANS {
        let (left, right) = (x(first) - 30.0, x(last) + 30.0);
        sketch.shade((left, 46.0), (right - left, 96.0), colour);
        let pen = Pen::new(colour, 2.0);
        sketch.line(
            &[(left, 44.0), (left, 36.0), (right, 36.0), (right, 44.0)],
            pen,
        );
        let middle = f64::midpoint(left, right);
        sketch.letters(15.0);
        sketch.write(role, (middle, 26.0), Anchor::Middle, colour);
        sketch.letters(17.0);
    }
    for (n, (word, label)) in WORDS.into_iter().enumerate() {
        sketch.label(word, (x(n), 72.0));
        sketch.letters(14.0);
        sketch.label(label, (x(n), 120.0));
        sketch.letters(17.0);
    }
    sketch.finish("The spans of a sentence and the label of each word")
}
