//! The forward and the backward algorithm over a batch, in log space.

use super::Crf;
use crate::batch::length;
use lstm_model::{Span, log_sum_exp};
use nalgebra::{DMatrix, RealField};

/// If a sum of e^{a + v − max} is below this, terms that matter may have underflowed, so it is computed
/// again with the maximum of its own terms subtracted. Above it, a term that underflows in `f32`
/// (below 1e−38) is smaller than the rounding error of the sum.
const FLOOR: f64 = 1e-20;

/// The forward and backward scores of every label at every word.
///
/// ```text
/// α_1 = start + e_1,  α_t[k] = e_t[k] + ln Σ_j e^{α_{t−1}[j] + A[j, k]}
/// β_T = end,          β_t[j] = ln Σ_k e^{A[j, k] + e_{t+1}[k] + β_{t+1}[k]}
/// ln Z = ln Σ_k e^{α_T[k] + end[k]}
/// p(y_t = k) = e^{α_t[k] + β_t[k] − ln Z}
/// ```
/// α and β are K×(T·B); step t of sequence b is column t·B + b. At padding, α is a copy of the step
/// before and β is `end`.
pub(super) struct Lattice<T> {
    alpha: DMatrix<T>,
    beta: DMatrix<T>,
    /// B
    pub(super) log_z: Vec<T>,
}

impl<T: RealField + Copy> Lattice<T> {
    // ANCHOR: forward
    /// Computes α and ln Z.
    pub(super) fn forward(crf: &Crf<T>, emissions: &DMatrix<T>, span: Span<'_>) -> Self {
        let batch = span.batch_size;
        let follow = LogMatrix::new(crf.transitions.transpose());
        let mut alpha = emissions.clone();
        if span.seq_len > 0 {
            for mut alpha_1 in alpha.columns_mut(0, batch).column_iter_mut() {
                alpha_1 += &crf.start;
            }
        }
        for t in 1..span.seq_len {
            let prev = alpha.columns((t - 1) * batch, batch).into_owned();
            let arrived = follow.times(&prev);
            for b in 0..batch {
                let mut alpha_t = alpha.column_mut(t * batch + b);
                if span.is_real(t, b) {
                    alpha_t += arrived.column(b);
                } else {
                    alpha_t.copy_from(&prev.column(b));
                }
            }
        }
        let log_z = (0..batch)
            .map(|b| match length(span, b) {
                0 => T::zero(),
                len => {
                    let last = alpha.column((len - 1) * batch + b) + &crf.end;
                    log_sum_exp(last.as_slice())
                }
            })
            .collect();
        let beta = DMatrix::zeros(0, 0);
        Self { alpha, beta, log_z }
    }
    // ANCHOR_END: forward

    /// Computes β.
    pub(super) fn backward(&mut self, crf: &Crf<T>, emissions: &DMatrix<T>, span: Span<'_>) {
        let batch = span.batch_size;
        let precede = LogMatrix::new(crf.transitions.clone());
        let mut beta = DMatrix::from_fn(crf.labels(), emissions.ncols(), |k, _| crf.end[k]);
        for t in (1..span.seq_len).rev() {
            let next = beta.columns(t * batch, batch) + emissions.columns(t * batch, batch);
            let arrived = precede.times(&next);
            for b in (0..batch).filter(|&b| span.is_real(t, b)) {
                beta.set_column((t - 1) * batch + b, &arrived.column(b));
            }
        }
        self.beta = beta;
    }

    /// p(y_t = k) at column n of sequence b.
    pub(super) fn marginal(&self, k: usize, n: usize, b: usize) -> T {
        (self.alpha[(k, n)] + self.beta[(k, n)] - self.log_z[b]).exp()
    }

    /// Adds Σ_{t≥2} p(y_{t−1} = j, y_t = k) times `scale` to `sum`, K×K.
    ///
    /// ```text
    /// p(j, k) = e^{α_{t−1}[j] + A[j, k] + e_t[k] + β_t[k] − ln Z}
    /// ```
    /// is a product of a column, the matrix e^A and a row, so a step takes one product of K×B by B×K.
    pub(super) fn add_pair_marginals(
        &self,
        crf: &Crf<T>,
        emissions: &DMatrix<T>,
        span: Span<'_>,
        scale: T,
        sum: &mut DMatrix<T>,
    ) {
        let batch = span.batch_size;
        let a = LogMatrix::new(crf.transitions.clone());
        // If the product of the other factors exceeds e^40, an exponential that underflowed could have
        // mattered.
        let ceiling: T = nalgebra::convert(40.0);
        let mut outer = DMatrix::zeros(crf.labels(), crf.labels());
        for t in 1..span.seq_len {
            let (mut before, before_max) =
                exponentials(self.alpha.columns((t - 1) * batch, batch).into_owned());
            let next = self.beta.columns(t * batch, batch) + emissions.columns(t * batch, batch);
            let (mut after, after_max) = exponentials(next.clone());
            for b in 0..batch {
                let size = before_max[b] + a.max + after_max[b] - self.log_z[b];
                let mut column = before.column_mut(b);
                if !span.is_real(t, b) {
                    column.fill(T::zero());
                    after.column_mut(b).fill(T::zero());
                } else if size < ceiling {
                    column *= size.exp() * scale;
                } else {
                    column.fill(T::zero());
                    let alpha = self.alpha.column((t - 1) * batch + b);
                    for k in 0..crf.labels() {
                        for j in 0..crf.labels() {
                            let log_p = alpha[j] + a.log[(j, k)] + next[(k, b)] - self.log_z[b];
                            sum[(j, k)] += log_p.exp() * scale;
                        }
                    }
                }
            }
            outer.gemm(T::one(), &before, &after.transpose(), T::one());
        }
        *sum += outer.component_mul(&a.exp);
    }
}

/// A matrix of logarithms; multiplies vectors of logarithms.
struct LogMatrix<T> {
    log: DMatrix<T>,
    /// e^{log − max}
    exp: DMatrix<T>,
    max: T,
}

impl<T: RealField + Copy> LogMatrix<T> {
    fn new(log: DMatrix<T>) -> Self {
        let max = log.iter().fold(log[0], |m, &a| if a > m { a } else { m });
        let exp = log.map(|a| (a - max).exp());
        Self { log, exp, max }
    }

    /// ln Σ_j e^{a[k, j] + v[j]} for every row k and every column v, by one matrix product instead of K²
    /// exponentials for each column.
    fn times(&self, v: &DMatrix<T>) -> DMatrix<T> {
        let floor = nalgebra::convert(FLOOR);
        let (x, max) = exponentials(v.clone());
        let mut out = &self.exp * x;
        for (b, mut out) in out.column_iter_mut().enumerate() {
            for k in 0..out.len() {
                out[k] = if out[k] > floor {
                    out[k].ln() + self.max + max[b]
                } else {
                    let terms = self.log.row(k).transpose() + v.column(b);
                    log_sum_exp(terms.as_slice())
                };
            }
        }
        out
    }
}

/// e^{v − max} of every column, and the maxima.
fn exponentials<T: RealField + Copy>(mut v: DMatrix<T>) -> (DMatrix<T>, Vec<T>) {
    let maxima = v
        .column_iter_mut()
        .map(|mut v| {
            let max = v.iter().fold(v[0], |m, &v| if v > m { v } else { m });
            v.apply(|v| *v = (*v - max).exp());
            max
        })
        .collect();
    (v, maxima)
}
