//! From the outputs of all steps to one vector, and its gradient.

use crate::batch::{columns_of, columns_of_mut, length};
use lstm_model::Span;
use nalgebra::{DMatrix, RealField, convert};
use serde::{Deserialize, Serialize};

/// How the outputs of a sequence become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// The output after the last step that a direction reads: h_T forward, h_1 backward.
    Last,
    /// The mean over all steps.
    Mean,
}

// ANCHOR: pooling
impl Pooling {
    /// s of every sequence, H×B, from h_t of every token, H×(T·B). The first `forward` units read
    /// forward, the others backward.
    ///
    /// ```text
    /// last:  s = h_T   (h_1 of the units that read backward)
    /// mean:  s = (1/T) Σ_t h_t
    /// ```
    pub fn pool<T: RealField + Copy>(
        self,
        h: &DMatrix<T>,
        span: Span<'_>,
        forward: usize,
    ) -> DMatrix<T> {
        let mut s = DMatrix::zeros(h.nrows(), span.batch_size);
        for (b, mut s_b) in s.column_iter_mut().enumerate() {
            let h_b = columns_of(h, span, b);
            let last = length(span, b) - 1;
            match self {
                Self::Last => {
                    let (up, down) = (forward, h.nrows() - forward);
                    s_b.rows_mut(0, up).copy_from(&h_b.column(last).rows(0, up));
                    s_b.rows_mut(up, down)
                        .copy_from(&h_b.column(0).rows(up, down));
                }
                Self::Mean => {
                    h_b.column_iter().for_each(|h_t| s_b += h_t);
                    s_b /= convert::<f64, T>((last + 1) as f64);
                }
            }
        }
        s
    }

    /// The gradient of every h_t, H×(T·B), from ds, H×B. It is written to `dh`, and is 0 at
    /// padded steps.
    ///
    /// ```text
    /// last:  ∂L/∂h_T = ∂L/∂s, and 0 at every other step
    /// mean:  ∂L/∂h_t = (1/T) ∂L/∂s
    /// ```
    pub fn spread<T: RealField + Copy>(
        self,
        ds: &DMatrix<T>,
        span: Span<'_>,
        forward: usize,
        dh: &mut DMatrix<T>,
    ) {
        dh.fill(T::zero());
        for (b, ds_b) in ds.column_iter().enumerate() {
            let mut dh_b = columns_of_mut(dh, span, b);
            let last = length(span, b) - 1;
            match self {
                Self::Last => {
                    let (up, down) = (forward, ds.nrows() - forward);
                    dh_b.column_mut(last)
                        .rows_mut(0, up)
                        .copy_from(&ds_b.rows(0, up));
                    dh_b.column_mut(0)
                        .rows_mut(up, down)
                        .copy_from(&ds_b.rows(up, down));
                }
                Self::Mean => {
                    let share = ds_b / convert::<f64, T>((last + 1) as f64);
                    dh_b.column_iter_mut()
                        .for_each(|mut dh_t| dh_t.copy_from(&share));
                }
            }
        }
    }
}
// ANCHOR_END: pooling
