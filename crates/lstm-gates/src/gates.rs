//! The four gates at one step, each a function of the same x_t and h_{t−1}.

use crate::{LstmParams, preactivation, sigmoid, tanh};
use nalgebra::{DVector, RealField};

// ANCHOR: gate_values
/// The values of the four gates at one step; each of length H.
#[derive(Clone, Debug, PartialEq)]
pub struct GateValues<T> {
    /// Input gate, in (0, 1).
    pub i_t: DVector<T>,
    /// Forget gate, in (0, 1).
    pub f_t: DVector<T>,
    /// Candidate, in (−1, 1).
    pub g_t: DVector<T>,
    /// Output gate, in (0, 1).
    pub o_t: DVector<T>,
}
// ANCHOR_END: gate_values

// ANCHOR: input_gate
/// The input gate i_t = σ(a^i_t) (E2): how much of the candidate is written into the cell.
pub fn input_gate<T: RealField + Copy>(
    p: &LstmParams<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) -> DVector<T> {
    preactivation(&p.i, x_t, h_prev).map(sigmoid)
}
// ANCHOR_END: input_gate

// ANCHOR: forget_gate
/// The forget gate f_t = σ(a^f_t) (E3): how much of the old cell is kept.
/// Gers, Schmidhuber & Cummins (2000), doi 10.1162/089976600300015015.
pub fn forget_gate<T: RealField + Copy>(
    p: &LstmParams<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) -> DVector<T> {
    preactivation(&p.f, x_t, h_prev).map(sigmoid)
}
// ANCHOR_END: forget_gate

// ANCHOR: output_gate
/// The output gate o_t = σ(a^o_t) (E4): how much of the cell is output as h_t.
pub fn output_gate<T: RealField + Copy>(
    p: &LstmParams<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) -> DVector<T> {
    preactivation(&p.o, x_t, h_prev).map(sigmoid)
}
// ANCHOR_END: output_gate

// ANCHOR: candidate
/// The candidate g_t = tanh(a^g_t) (E5): what would be written if the input gate were open.
pub fn candidate<T: RealField + Copy>(
    p: &LstmParams<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) -> DVector<T> {
    preactivation(&p.g, x_t, h_prev).map(tanh)
}
// ANCHOR_END: candidate

// ANCHOR: gates
/// All four gates (E1–E5) at one step.
///
/// Shapes: `x_t` D; `h_prev` and every field of the result H.
///
/// ```
/// use lstm_gates::{LstmParams, gates};
/// use nalgebra::dvector;
///
/// // H = D = 1, all weights 0, so each gate sees its bias alone.
/// let mut p = LstmParams::<f64>::zeros(1, 1);
/// p.i.b[0] = 3.0_f64.ln(); // σ(ln 3) = 3/4
/// p.f.b[0] = -(3.0_f64.ln()); // σ(−ln 3) = 1/4
/// p.g.b[0] = 3.0_f64.ln(); // tanh(ln 3) = 4/5
/// let k = gates(&p, &dvector![7.0], &dvector![-7.0]);
/// assert_eq!((k.i_t[0], k.g_t[0], k.o_t[0]), (0.75, 0.8, 0.5));
/// assert!((k.f_t[0] - 0.25).abs() < 1e-16);
/// ```
pub fn gates<T: RealField + Copy>(
    p: &LstmParams<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) -> GateValues<T> {
    GateValues {
        i_t: input_gate(p, x_t, h_prev),
        f_t: forget_gate(p, x_t, h_prev),
        g_t: candidate(p, x_t, h_prev),
        o_t: output_gate(p, x_t, h_prev),
    }
}
// ANCHOR_END: gates

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gate;
    use approx::assert_relative_eq;
    use nalgebra::{dmatrix, dvector};
    use proptest::prelude::*;

    /// H = 2, D = 3; the four gates have nothing in common.
    fn params() -> LstmParams<f64> {
        let gate = |s: f64| Gate {
            w_x: dmatrix![0.1 * s, -0.2, 0.3; 0.4, 0.5 * s, -0.6],
            w_h: dmatrix![0.7, -0.8 * s; 0.9 * s, 0.15],
            b: dvector![0.25 * s, -0.35],
        };
        LstmParams::new(gate(1.0), gate(-0.5), gate(2.0), gate(0.75)).unwrap()
    }

    #[test]
    fn each_gate_reads_its_own_weights_and_no_others() {
        // (E1), (E2), (E3), (E4), (E5)
        let (x_t, h_prev) = (dvector![0.5, -1.0, 2.0], dvector![-0.3, 0.6]);
        // Gate i, by hand: row 1: 0.05 + 0.2 + 0.6 − 0.21 − 0.48 + 0.25 = 0.41,
        //                  row 2: 0.2 − 0.5 − 1.2 − 0.27 + 0.09 − 0.35 = −2.03.
        let p = params();
        assert_relative_eq!(
            preactivation(&p.i, &x_t, &h_prev),
            dvector![0.41, -2.03],
            epsilon = 1e-15
        );
        let k = gates(&p, &x_t, &h_prev);
        assert_relative_eq!(
            k.i_t,
            dvector![sigmoid(0.41), sigmoid(-2.03)],
            epsilon = 1e-15
        );
        // f (s = −1/2): 0.775 − 0.21 + 0.24 − 0.125 = 0.68; −1.00 + 0.25 + 0.135 + 0.09 − 0.35 = −0.875.
        assert_relative_eq!(
            k.f_t,
            dvector![sigmoid(0.68), sigmoid(-0.875)],
            epsilon = 1e-15
        );
        // g (s = 2): 0.9 − 0.21 − 0.96 + 0.5 = 0.23; −1 − 1 − 0.54 + 0.09 − 0.35 = −2.8.
        assert_relative_eq!(k.g_t, dvector![tanh(0.23), tanh(-2.8)], epsilon = 1e-15);
        // o (s = 3/4): 0.8375 − 0.21 − 0.36 + 0.1875 = 0.455; −1.375 − 0.2025 + 0.09 − 0.35 = −1.8375.
        assert_relative_eq!(
            k.o_t,
            dvector![sigmoid(0.455), sigmoid(-1.8375)],
            epsilon = 1e-15
        );
    }

    fn numbers(n: usize) -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-2.0..2.0_f64, n)
    }

    proptest! {
        #[test]
        fn gates_stay_between_zero_and_one_and_the_candidate_between_minus_one_and_one(
            x in numbers(3), h in numbers(2),
        ) {
            let k = gates(&params(), &DVector::from_vec(x), &DVector::from_vec(h));
            for gate in [&k.i_t, &k.f_t, &k.o_t] {
                prop_assert!(gate.iter().all(|&v| 0.0 < v && v < 1.0));
            }
            prop_assert!(k.g_t.iter().all(|&v| -1.0 < v && v < 1.0));
        }

        #[test]
        fn raising_a_bias_opens_that_gate_alone(
            x in numbers(3), h in numbers(2), block in 0..4_usize, unit in 0..2_usize,
        ) {
            let (x, h) = (DVector::from_vec(x), DVector::from_vec(h));
            let before = gates(&params(), &x, &h);
            let mut p = params();
            p.blocks_mut()[block].b[unit] += 0.5;
            let after = gates(&p, &x, &h);
            let pairs = [
                (before.i_t, after.i_t), (before.f_t, after.f_t),
                (before.g_t, after.g_t), (before.o_t, after.o_t),
            ];
            for (k, (before, after)) in pairs.into_iter().enumerate() {
                for j in 0..2 {
                    if (k, j) == (block, unit) {
                        prop_assert!(after[j] > before[j]);
                    } else {
                        prop_assert_eq!(after[j], before[j]);
                    }
                }
            }
        }
    }
}
