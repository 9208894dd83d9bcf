//! Chapter on semantic roles: E32. `cargo test -p exercises roles::`

use nalgebra::{DMatrix, DVector};

/// ln Z of one sentence by the forward algorithm (E32).
///
/// ```text
/// α_1[k] = start[k] + e_1[k]
/// α_t[k] = e_t[k] + ln Σ_j e^{α_{t−1}[j] + A[j, k]}
/// ln Z   = ln Σ_k e^{α_T[k] + end[k]}
/// ```
/// Shapes: K labels, T words; `emissions` is e, K×T, a column for each word; `transitions` is A, K×K,
/// with the previous label as its row; `start` and `end` K.
///
/// Scores of a thousand must not overflow.
pub fn log_partition(
    emissions: &DMatrix<f64>,
    transitions: &DMatrix<f64>,
    start: &DVector<f64>,
    end: &DVector<f64>,
) -> f64 {
    todo!("for each word and label: ln of the sum over all label sequences up to there")
}

/// The sequence of labels with the largest score, by the Viterbi algorithm: the label of each word.
///
/// ```text
/// δ_1[k] = start[k] + e_1[k]
/// δ_t[k] = e_t[k] + max_j (δ_{t−1}[j] + A[j, k])
/// y_T    = the k with the largest δ_T[k] + end[k]
/// y_{t−1} = the j that attained the maximum in δ_t[y_t]
/// ```
/// Shapes: as in [`log_partition`]; T label ids. Every label may follow every other here.
pub fn viterbi(
    emissions: &DMatrix<f64>,
    transitions: &DMatrix<f64>,
    start: &DVector<f64>,
    end: &DVector<f64>,
) -> Vec<u32> {
    todo!(
        "forwards the best score of every label and where it came from, then backwards along these"
    )
}
