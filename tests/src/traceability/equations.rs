//! The equations.

/// A numbered equation; the number is its name.
#[derive(Clone, Copy, Debug)]
pub struct Equation {
    /// 6 of E6.
    pub number: usize,
    /// The formula in Unicode.
    pub formula: &'static str,
}

macro_rules! equations {
    ($($number:literal: $formula:literal)*) => {
        /// E1–E26.
        pub const EQUATIONS: &[Equation] = &[$(Equation { number: $number, formula: $formula }),*];
    };
}

equations! {
    1: "a^k_t = W_xk x_t + W_hk h_{t−1} + b_k"
    2: "i_t = σ(a^i_t)"
    3: "f_t = σ(a^f_t)"
    4: "o_t = σ(a^o_t)"
    5: "g_t = tanh(a^g_t)"
    6: "c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t"
    7: "h_t = o_t ⊙ tanh(c_t)"
    8: "h_0 = 0, c_0 = 0 unless carried in"
    9: "dh_t = (∂L/∂h_t)_direct + Σ_k W_hkᵀ da^k_{t+1}"
    10: "da^o_t = dh_t ⊙ tanh(c_t) ⊙ o_t ⊙ (1 − o_t)"
    11: "dc_t = dh_t ⊙ o_t ⊙ (1 − tanh² c_t) + dc_{t+1} ⊙ f_{t+1}"
    12: "da^i_t = dc_t ⊙ g_t ⊙ i_t ⊙ (1 − i_t)"
    13: "da^f_t = dc_t ⊙ c_{t−1} ⊙ f_t ⊙ (1 − f_t)"
    14: "da^g_t = dc_t ⊙ i_t ⊙ (1 − g_t²)"
    15: "dx_t = Σ_k W_xkᵀ da^k_t"
    16: "dW_xk = Σ_t da^k_t x_tᵀ, dW_hk = Σ_t da^k_t h_{t−1}ᵀ, db_k = Σ_t da^k_t"
    17: "dh_0 = Σ_k W_hkᵀ da^k_1, dc_0 = dc_1 ⊙ f_1"
    18: "g ← g · min(1, c / (‖g‖₂ + 1e−6))"
    19: "x_t = E[:, s_t], dE[:, s] = Σ_{t: s_t = s} dx_t"
    20: "z_t = W_y h_t + b_y, p_t = softmax(z_t)"
    21: "L = −(1/N) Σ_t m_t ln p_t[y_t], dz_t = m_t (p_t − onehot(y_t)) / N"
    22: "perplexity = e^L, bits per character = L / ln 2"
    23: "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η · (m/(1−β₁ⁿ)) / (√(v/(1−β₂ⁿ)) + ε)"
    24: "p ∝ exp(z/τ), top-k, top-p"
    25: "parameters of a layer: 4(HD + H² + H)"
    26: "x^{(l+1)}_t = h^{(l)}_t, inverted dropout between layers"
}
