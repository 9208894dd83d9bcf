//! Chapter on the model and its training: E19–E21, E23, E25, E26. `cargo test -p exercises model::`

use lstm_gates::LstmParams;
use nalgebra::{DMatrix, DVector};
use rand_chacha::ChaCha8Rng;

/// x_t = E\[:, s_t\] of every token (E19). Shapes: `table` is E, D×V; N ids; the result D×N.
pub fn look_up(table: &DMatrix<f64>, ids: &[u32]) -> DMatrix<f64> {
    todo!("column n of the result is column ids[n] of the table")
}

/// dE\[:, s\] = Σ of dx_t over all t with s_t = s (E19): the backward pass of [`look_up`].
///
/// Shapes: `table` D×V; N ids; `dx` D×N; the result D×V.
pub fn table_gradient(table: &DMatrix<f64>, ids: &[u32], dx: &DMatrix<f64>) -> DMatrix<f64> {
    todo!("add every column of dx to the column that it was looked up from")
}

/// p = softmax(z), p_v = e^{z_v} / Σ_u e^{z_u} (E20), without overflow. Shapes: both V.
pub fn softmax(z: &[f64]) -> Vec<f64> {
    todo!("subtract the maximum, take exponentials, divide by their sum")
}

/// The loss and its gradient on the logits.
///
/// ```text
/// L = −(1/N) Σ_t m_t ln p_t[y_t],  N = Σ_t m_t,  dz_t = m_t (p_t − onehot(y_t)) / N        (E21)
/// ```
/// Shapes: `z` and dz V×T, one column for each token; `targets` and `mask` T. At least one m_t is true.
pub fn loss_and_gradient(z: &DMatrix<f64>, targets: &[u32], mask: &[bool]) -> (f64, DMatrix<f64>) {
    todo!("L and dz")
}

/// One step of Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e−8; n counts the steps from 1.
///
/// ```text
/// m ← β₁ m + (1 − β₁) g
/// v ← β₂ v + (1 − β₂) g²
/// θ ← θ − η · (m / (1 − β₁ⁿ)) / (√(v / (1 − β₂ⁿ)) + ε)        (E23)
/// ```
/// Shapes: `theta`, `g`, `m` and `v` have the same length; η is `learning_rate`.
pub fn adam(
    theta: &mut [f64],
    g: &[f64],
    m: &mut [f64],
    v: &mut [f64],
    n: i32,
    learning_rate: f64,
) {
    todo!("both moments, then the weights, element by element")
}

/// The number of parameters of one layer (E25).
pub fn layer_parameter_count(input_size: usize, hidden_size: usize) -> usize {
    todo!("W_x, W_h and b, four times")
}

/// Layers on top of each other (E26): h of layer l is x of layer l + 1, at every step. Every layer
/// starts from the zero state; the result is h_1 … h_T of the last layer.
///
/// `lstm_cell::sequence` runs a layer.
pub fn stack(layers: &[LstmParams<f64>], xs: &[DVector<f64>]) -> Vec<DVector<f64>> {
    todo!("run each layer over the outputs of the one below")
}

/// Inverted dropout (E26): zeroes each element with probability `rate`, independently, and divides
/// the others by 1 − `rate`.
///
/// `rng.random::<f64>()` (with `use rand::RngExt`) is uniform in [0, 1).
pub fn dropout(x: &mut DVector<f64>, rate: f64, rng: &mut ChaCha8Rng) {
    todo!("a draw for every element")
}
