//! The legal sequence of labels with the highest score.

use super::Crf;
use crate::batch::length;
use crate::{LabelSet, TasksError};
use lstm_model::Span;
use nalgebra::{ComplexField, DMatrix, RealField};

// ANCHOR: viterbi
/// The legal sequence of labels with the highest score of E32, for each sequence.
///
/// ```text
/// δ_1[k] = start[k] + e_1[k],   δ_t[k] = e_t[k] + max_j (δ_{t−1}[j] + A[j, k])
/// ```
/// over the labels that [`LabelSet`] allows: I-X only after B-X or I-X. `predicates` is a word index for
/// each sequence; that word has the label B-V and no other word has it, as in PropBank. `emissions` is
/// K×(T·B); each result is as long as its sequence. Of two paths with the same score, the one with the
/// lower label id at the last word where they differ is taken.
///
/// # Errors
/// If a predicate is not a word of its sentence, if predicates are given and no label is B-V, or if a score
/// is not finite.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn viterbi<T: RealField + Copy>(
    crf: &Crf<T>,
    emissions: &DMatrix<T>,
    labels: &LabelSet,
    span: Span<'_>,
    predicates: Option<&[usize]>,
) -> Result<Vec<Vec<u32>>, TasksError> {
    crf.assert_fits(emissions, span);
    assert_eq!(labels.len(), crf.labels(), "one name for each label");
    let verb = match predicates {
        None => None,
        Some(_) => Some(labels.id("B-V").ok_or(TasksError::NoVerbLabel)?),
    };
    (0..span.batch_size)
        .map(|b| {
            let len = length(span, b);
            let predicate = predicates.map(|p| p[b]);
            if let Some(predicate) = predicate.filter(|&p| p >= len) {
                return Err(TasksError::Predicate { predicate, len });
            }
            let open = |t: usize, k: usize| match (verb, predicate) {
                (Some(verb), Some(p)) => (k as u32 == verb) == (t == p),
                _ => true,
            };
            let sizes = (b, span.batch_size, len);
            best_path(crf, emissions, labels, sizes, open).ok_or(TasksError::NotFinite)
        })
        .collect()
}

/// The best path of sequence b; `open(t, k)` says whether word t may have label k. `None` if a score is not
/// finite: then no path is the best.
fn best_path<T: RealField + Copy>(
    crf: &Crf<T>,
    emissions: &DMatrix<T>,
    labels: &LabelSet,
    (b, batch_size, len): (usize, usize, usize),
    open: impl Fn(usize, usize) -> bool,
) -> Option<Vec<u32>> {
    if len == 0 {
        return Some(Vec::new());
    }
    let labels_len = crf.labels();
    let mut delta: Vec<Option<T>> = (0..labels_len)
        .map(|k| (labels.may_start(k) && open(0, k)).then(|| crf.start[k] + emissions[(k, b)]))
        .collect();
    let mut is_finite = delta.iter().flatten().all(ComplexField::is_finite);
    let mut back = Vec::with_capacity(len - 1);
    for t in 1..len {
        let column = t * batch_size + b;
        let step = (0..labels_len).map(|k| {
            if !open(t, k) {
                return None;
            }
            let from = (0..labels_len).filter(|&j| labels.may_follow(j, k));
            let (j, best) = best(from.map(|j| (j, delta[j].map(|d| d + crf.transitions[(j, k)]))))?;
            Some((j, best + emissions[(k, column)]))
        });
        let step: Vec<Option<(usize, T)>> = step.collect();
        delta = step.iter().map(|s| s.map(|(_, score)| score)).collect();
        is_finite &= delta.iter().flatten().all(ComplexField::is_finite);
        back.push(step);
    }
    let ends = (0..labels_len).map(|k| (k, delta[k].map(|d| d + crf.end[k])));
    let (mut k, _) = best(ends).expect("O is allowed everywhere, and B-V at the predicate");
    let mut path = vec![k as u32];
    for step in back.iter().rev() {
        (k, _) = step[k].expect("a label on the best path has a predecessor");
        path.push(k as u32);
    }
    path.reverse();
    is_finite.then_some(path)
}
// ANCHOR_END: viterbi

/// The index with the largest score, and this score; of equal ones the first.
fn best<T: RealField + Copy>(of: impl Iterator<Item = (usize, Option<T>)>) -> Option<(usize, T)> {
    of.fold(None, |best: Option<(usize, T)>, (k, score)| {
        match (best, score) {
            (Some((_, high)), Some(score)) if score > high => Some((k, score)),
            (None, Some(score)) => Some((k, score)),
            _ => best,
        }
    })
}
