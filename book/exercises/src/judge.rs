//! Judges an answer: compares its results with those of the workspace's code.
//!
//! Every judge takes the function to be judged as an argument. It can therefore judge a reader's
//! answer, the workspace's own code, and the mistakes that it must reject (`tests/wrong`). It reports
//! the first number that is wrong, and the mistake, if a known mistake gives the same tensor.

#![allow(
    missing_docs,
    reason = "each function judges the exercise of the same name"
)]
#![allow(clippy::type_complexity, reason = "an answer has the type of its stub")]

mod case;
mod known;
mod relation;
pub mod gates;
pub mod cell;
pub mod bptt;
pub mod truncation;
pub mod text;
pub mod model;
pub mod sampling;
pub mod generation;
pub mod translation;
pub mod summarisation;
pub mod roles;
pub mod forecasting;
pub mod beyond;

use nalgebra::DMatrix;
use relation::relation;
use std::fmt::Debug;

/// Nothing, or a message for the reader that says what is wrong.
pub type Verdict = Result<(), String>;

/// Relative to the largest element of a tensor: far above rounding errors, far below any mistake.
const TOLERANCE: f64 = 1e-9;

/// The sizes with which the answers of a chapter are judged.
pub(crate) fn sizes(chapter: &str) -> &'static str {
    match chapter {
        "translation" => "H = 3 and S = 4",
        _ => "D = 2 and H = 3",
    }
}

/// Arrays with the names that the exercises use.
type Tensors = Vec<(String, DMatrix<f64>)>;

/// A vector or a matrix under its name; `values` column by column.
fn tensor(
    name: impl Into<String>,
    shape: (usize, usize),
    values: &[f64],
) -> (String, DMatrix<f64>) {
    let values = DMatrix::from_column_slice(shape.0, shape.1, values);
    (name.into(), values)
}

/// A plain list of numbers under its name.
fn list(name: impl Into<String>, values: &[f64]) -> (String, DMatrix<f64>) {
    tensor(name, (values.len(), 1), values)
}

/// Compares arrays; `suspects` are the arrays that known mistakes give, under the same names.
fn agree(found: &Tensors, expected: &Tensors, suspects: &[(&str, Tensors)]) -> Verdict {
    for ((name, values), (_, right)) in found.iter().zip(expected) {
        if let Some(difference) = difference(name, values, right) {
            let mistake = culprit(found, name, suspects);
            let related = mistake
                .is_none()
                .then(|| relation(name, values, expected))
                .flatten();
            let verdict = blame(difference, mistake);
            return Err(related.map_or(verdict.clone(), |related| format!("{verdict}\n{related}")));
        }
    }
    Ok(())
}

/// The mistake that gives this array; among several, the one that gives most of the other arrays.
fn culprit<'a>(found: &Tensors, name: &str, suspects: &[(&'a str, Tensors)]) -> Option<&'a str> {
    let explains = |tensors: &Tensors, (name, values): &(String, DMatrix<f64>)| {
        let same =
            |(of, wrong): &(String, _)| of == name && difference(of, values, wrong).is_none();
        tensors.iter().any(same)
    };
    let this = |tensors: &Tensors| found.iter().any(|t| t.0 == name && explains(tensors, t));
    let able = suspects.iter().rev().filter(|(_, tensors)| this(tensors));
    let best =
        able.max_by_key(|(_, tensors)| found.iter().filter(|t| explains(tensors, t)).count());
    best.map(|(mistake, _)| *mistake)
}

/// Compares two values that are not arrays of numbers.
fn equal<T: PartialEq + Debug>(
    name: &str,
    found: &T,
    expected: &T,
    suspects: &[(&str, T)],
) -> Verdict {
    if found == expected {
        return Ok(());
    }
    let suspect = suspects.iter().find(|(_, value)| value == found);
    let difference = format!("{name} is {found:?}, expected {expected:?}.");
    Err(blame(difference, suspect.map(|(mistake, _)| *mistake)))
}

fn blame(difference: String, mistake: Option<&str>) -> String {
    match mistake {
        Some(mistake) => format!("{difference}\nThis is the result when {mistake}."),
        None => difference,
    }
}

/// Adds the cause of a NaN to a verdict that reports one.
fn not_a_number(verdict: Verdict, because: &str) -> Verdict {
    verdict.map_err(|why| {
        if why.contains("NaN") {
            format!("{why}\n{because}")
        } else {
            why
        }
    })
}

/// The first element that is wrong, with its index.
fn difference(name: &str, found: &DMatrix<f64>, expected: &DMatrix<f64>) -> Option<String> {
    let shape = |a: &DMatrix<f64>| match a.shape() {
        (length, 1) => format!("length {length}"),
        (rows, columns) => format!("shape {rows}×{columns}"),
    };
    if found.shape() != expected.shape() {
        let (found, expected) = (shape(found), shape(expected));
        return Some(format!("{name} has {found}, expected {expected}."));
    }
    let bound = TOLERANCE * expected.amax().max(1e-3);
    let near = |at: usize| (found[at] - expected[at]).abs() <= bound; // false for a NaN
    let at = (0..expected.len()).find(|&at| !near(at))?;
    let index = match expected.shape() {
        (1, 1) => String::new(),
        (_, 1) => format!("[{at}]"),
        (rows, _) => format!("[({}, {})]", at % rows, at / rows),
    };
    let (found, expected) = (short(found[at]), short(expected[at]));
    Some(format!("{name}{index} is {found}, expected {expected}."))
}

/// A number with twelve significant digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    match rounded.abs() {
        size if size == 0.0 || (1e-4..1e6).contains(&size) => format!("{rounded}"),
        _ => format!("{rounded:e}"),
    }
}
