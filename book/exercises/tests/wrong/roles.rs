//! Mistakes in semantic roles.

use crate::rejects;
use exercises::judge::roles as judge;
use exercises::solutions::roles as right;
use nalgebra::{DMatrix, DVector};

#[test]
fn log_partition() {
    rejects(
        judge::log_partition(|e, a, start, end| {
            right::log_partition(e, &a.transpose(), start, end)
        }),
        "row and column exchanged",
    );
    rejects(
        judge::log_partition(|e, a, start, end| right::log_partition(e, a, start, &(end * 0.0))),
        "the end are left out",
    );
    rejects(
        judge::log_partition(|e, a, start, end| right::log_partition(e, a, &(start * 0.0), end)),
        "the beginning are left out",
    );
    rejects(
        judge::log_partition(|e, a, start, end| {
            let nothing = DVector::zeros(start.len());
            right::log_partition(e, &(a * 0.0), &nothing, &(end * 0.0))
        }),
        "the transitions between labels are left out",
    );
    // Without logarithms the sum of such exponentials is infinite, or infinity minus infinity.
    rejects(
        judge::log_partition(|e, a, start, end| {
            let mut z: DVector<f64> = (start + e.column(0)).map(f64::exp);
            for e_t in e.column_iter().skip(1) {
                z = (a.map(f64::exp).transpose() * z).component_mul(&e_t.map(f64::exp));
            }
            z.dot(&end.map(f64::exp)).ln()
        }),
        "3 words and 2 labels is NaN",
    );
}

/// For each word the best score of every label, and the label before it.
fn lattice(
    e: &DMatrix<f64>,
    a: &DMatrix<f64>,
    start: &DVector<f64>,
) -> (Vec<DVector<f64>>, Vec<Vec<usize>>) {
    let mut delta = vec![start + e.column(0)];
    let mut back = Vec::new();
    for t in 1..e.ncols() {
        let arrived = |k: usize| &delta[t - 1] + a.column(k);
        back.push((0..start.len()).map(|k| arrived(k).argmax().0).collect());
        delta.push(DVector::from_fn(start.len(), |k, _| {
            arrived(k).max() + e[(k, t)]
        }));
    }
    (delta, back)
}

#[test]
fn viterbi() {
    // The algorithm of this file without a mistake.
    judge::viterbi(|e, a, start, end| {
        let (delta, back) = lattice(e, a, start);
        let last = delta[e.ncols() - 1].clone() + end;
        let mut path = vec![last.argmax().0];
        for from in back.iter().rev() {
            path.push(from[path[path.len() - 1]]);
        }
        path.iter().rev().map(|&k| k as u32).collect()
    })
    .unwrap();
    rejects(
        judge::viterbi(|e, a, start, end| {
            let (mut delta, _) = lattice(e, a, start);
            delta[e.ncols() - 1] += end;
            delta
                .iter()
                .map(|delta_t| delta_t.argmax().0 as u32)
                .collect()
        }),
        "the labels are not followed backwards",
    );
    rejects(
        judge::viterbi(|e, a, start, end| right::viterbi(e, &a.transpose(), start, end)),
        "row and column exchanged",
    );
    rejects(
        judge::viterbi(|e, a, start, end| right::viterbi(e, a, start, &(end * 0.0))),
        "the end are left out",
    );
    rejects(
        judge::viterbi(|e, a, start, end| right::viterbi(e, a, &(start * 0.0), end)),
        "the beginning are left out",
    );
    rejects(
        judge::viterbi(|e, a, start, end| right::viterbi(e, &(a * 0.0), start, end)),
        "the transitions between labels are left out",
    );
}

#[test]
fn a_path_of_labels_that_is_not_the_best() {
    rejects(
        judge::viterbi(|e, _, _, _| e.column_iter().map(|e_t| e_t.argmax().0 as u32).collect()),
        "the largest emission",
    );
    rejects(
        judge::viterbi(|e, a, start, end| {
            let mut path: Vec<usize> = Vec::new();
            for t in 0..e.ncols() {
                let mut score: DVector<f64> = e.column(t).into_owned();
                score += path.last().map_or(start.clone(), |&j| a.row(j).transpose());
                if t + 1 == e.ncols() {
                    score += end;
                }
                path.push(score.argmax().0);
            }
            path.iter().map(|&k| k as u32).collect()
        }),
        "greedily",
    );
    rejects(
        judge::viterbi(|e, a, start, end| {
            let mut path = right::viterbi(e, a, start, end);
            path.reverse();
            path
        }),
        "in the reverse order",
    );
}
