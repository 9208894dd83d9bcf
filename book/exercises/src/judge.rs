//! Judges an answer: compares what it computes with what the workspace computes.
//!
//! Every judge takes the function to be judged, and so judges a reader's answer, the workspace's own
//! code, and the mistakes that it must reject (`tests/wrong.rs`). It names the first number that is
//! off, and if a well-known mistake gives that tensor, the mistake too.

#![allow(missing_docs, reason = "each judges the exercise of its name")]
#![allow(clippy::type_complexity, reason = "an answer has the type of its stub")]

mod case;
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

use nalgebra::DMatrix;
use std::fmt::Debug;

/// What is wrong, in words for the reader.
pub type Verdict = Result<(), String>;

/// Relative to the largest element of a tensor: far above rounding, far below any mistake.
const TOLERANCE: f64 = 1e-9;

/// The sizes that a layer is judged with.
pub(crate) const SIZES: &str = "D = 2 and H = 3";

/// Arrays by the names that the reader knows them by.
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

/// Whether the arrays agree; `suspects` are what well-known mistakes give under the same names.
fn agree(found: &Tensors, expected: &Tensors, suspects: &[(&str, Tensors)]) -> Verdict {
    for ((name, values), (_, right)) in found.iter().zip(expected) {
        if let Some(difference) = difference(name, values, right) {
            return Err(blame(difference, culprit(found, name, suspects)));
        }
    }
    Ok(())
}

/// The mistake that explains this array, and of several the one that explains most of the others.
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

/// Whether two things that are no arrays of numbers are equal.
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
        Some(mistake) => format!("{difference}\nThis comes out when {mistake}."),
        None => difference,
    }
}

/// Adds to a verdict that speaks of a NaN what makes one here.
fn not_a_number(verdict: Verdict, because: &str) -> Verdict {
    verdict.map_err(|why| match why.contains("NaN") {
        true => format!("{why}\n{because}"),
        false => why,
    })
}

/// The first element that is off, with its index.
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
    let near = |at: usize| (found[at] - expected[at]).abs() <= bound; // and a NaN never is
    let at = (0..expected.len()).find(|&at| !near(at))?;
    let index = match expected.shape() {
        (1, 1) => String::new(),
        (_, 1) => format!("[{at}]"),
        (rows, _) => format!("[({}, {})]", at % rows, at / rows),
    };
    let (found, expected) = (short(found[at]), short(expected[at]));
    Some(format!("{name}{index} is {found}, expected {expected}."))
}

/// A number without the digits that nobody compares.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    match rounded.abs() {
        size if size == 0.0 || (1e-4..1e6).contains(&size) => format!("{rounded}"),
        _ => format!("{rounded:e}"),
    }
}
