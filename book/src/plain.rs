//! A plain recurrent network with its backward pass, for the first chapter and its live figure.

use nalgebra::{DMatrix, DVector};

// ANCHOR: plain
/// A plain recurrent network: h_t = tanh(W_x x_t + W_h h_{t−1} + b).
///
/// Shapes: `w_x` H×D; `w_h` H×H; `b` H.
pub struct Plain {
    pub w_x: DMatrix<f64>,
    pub w_h: DMatrix<f64>,
    pub b: DVector<f64>,
}

impl Plain {
    /// h_1 … h_T, starting from h_0.
    pub fn forward(&self, xs: &[DVector<f64>], h_0: DVector<f64>) -> Vec<DVector<f64>> {
        let mut h = h_0;
        let mut hs = Vec::with_capacity(xs.len());
        for x_t in xs {
            h = (&self.w_x * x_t + &self.w_h * &h + &self.b).map(f64::tanh);
            hs.push(h.clone());
        }
        hs
    }

    /// dh_T, dh_{T−1} … dh_0 of a loss that reads h_T alone, from its gradient there:
    /// dh_{t−1} = W_hᵀ (dh_t ⊙ (1 − h_t²)).
    pub fn backward(&self, hs: &[DVector<f64>], dh_last: DVector<f64>) -> Vec<DVector<f64>> {
        let mut dhs = vec![dh_last];
        for (n, h_t) in hs.iter().rev().enumerate() {
            let da_t = dhs[n].component_mul(&h_t.map(|h| 1.0 - h * h));
            dhs.push(self.w_h.tr_mul(&da_t));
        }
        dhs
    }
}
// ANCHOR_END: plain
