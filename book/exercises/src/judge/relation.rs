//! Simple relations between a wrong array and the right ones, for when no known mistake fits.

use super::{TOLERANCE, Tensors};
use nalgebra::DMatrix;

/// What the wrong array `found` is in terms of the right ones, as a sentence.
pub(super) fn relation(name: &str, found: &DMatrix<f64>, right: &Tensors) -> Option<String> {
    let (_, own) = right.iter().find(|(of, _)| of == name)?;
    if found.iter().all(|x| *x == 0.0) {
        return (found.len() > 1).then(|| "Every element is zero.".into());
    }
    if found.len() < 2 {
        return same(found, &-own).then(|| "The sign is wrong.".into());
    }
    if same(found, &-own) {
        return Some("Every element has the wrong sign.".into());
    }
    if same(found, &own.transpose()) {
        return Some("It is the transpose of what is expected.".into());
    }
    let other = right
        .iter()
        .find(|(of, values)| of != name && same(found, values));
    if let Some((other, _)) = other {
        return Some(format!("These are the numbers expected in {other}."));
    }
    let reversed = DMatrix::from_iterator(own.nrows(), own.ncols(), own.iter().rev().copied());
    if same(found, &reversed) {
        return Some("The elements are in the reverse order.".into());
    }
    if found.shape() != own.shape() {
        return None;
    }
    let factor = found.dot(own) / own.norm_squared(); // of the nearest multiple
    let times = super::short(factor);
    same(found, &(own * factor))
        .then(|| format!("Every element is {times} times what is expected."))
}

/// Whether two arrays have the same shape and the same numbers, up to rounding.
fn same(a: &DMatrix<f64>, b: &DMatrix<f64>) -> bool {
    let bound = TOLERANCE * b.amax().max(1e-3);
    a.shape() == b.shape() && a.iter().zip(b.iter()).all(|(a, b)| (a - b).abs() <= bound)
}
