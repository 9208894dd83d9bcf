//! Every gradient of the GRU and the minLSTM against dual numbers and central differences, and the scan
//! against the steps one by one. Weights of order 1, an initial state that is not zero, a random loss
//! weight on every h_t.

use super::gru::{self, GruParams};
use super::min_lstm::{self, MinLstmParams, MinTape};
use super::scan::{one_by_one, scan};
use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use nalgebra::{DVector, RealField, convert, dvector};
use proptest::prelude::*;
use std::fmt::Debug;

/// A network to be differentiated: L = Σ_t weights_t · h_t, a function of all weights, inputs and h_0.
trait Recurrent: ScalarFunction + Debug {
    /// The tensors of weights: name and length.
    fn weights(d: usize, h: usize) -> Vec<(String, usize)>;
    fn new(sizes: Sizes) -> Self;
    /// The gradients that were written out: of the weights, x_1 … x_T and h_0.
    fn gradient(&self, theta: &[f64]) -> Vec<f64>;
}

#[derive(Clone, Debug)]
struct Sizes {
    d: usize,
    h: usize,
    /// The loss's gradient on h_1 … h_T.
    loss: Vec<DVector<f64>>,
}

impl Sizes {
    /// Fills the weights, and returns x_1 … x_T and h_0.
    fn read<T: RealField + Copy>(
        &self,
        theta: &[T],
        weights: Vec<&mut [T]>,
    ) -> (Vec<DVector<T>>, DVector<T>) {
        let mut rest = theta.iter().copied();
        for slice in weights {
            slice.fill_with(|| rest.next().unwrap());
        }
        let mut vector = |n| DVector::from_iterator(n, rest.by_ref().take(n));
        let xs = self.loss.iter().map(|_| vector(self.d)).collect();
        (xs, vector(self.h))
    }

    fn loss<'a, T: RealField + Copy>(&self, hs: impl Iterator<Item = &'a DVector<T>>) -> T {
        self.loss
            .iter()
            .zip(hs)
            .map(|(w, h_t)| w.map(convert::<f64, T>).dot(h_t))
            .fold(T::zero(), |a, b| a + b)
    }
}

fn flatten(weights: &[&[f64]], dx: &[DVector<f64>], dh_0: &DVector<f64>) -> Vec<f64> {
    let mut all = weights.concat();
    all.extend(dx.iter().flat_map(|dx_t| dx_t.iter()).chain(dh_0));
    all
}

#[derive(Debug)]
struct Gru(Sizes);

impl ScalarFunction for Gru {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let mut p = GruParams::zeros(self.0.d, self.0.h);
        let (xs, h_0) = self.0.read(theta, p.slices_mut());
        let steps = gru::sequence(&p, &xs, &h_0);
        self.0.loss(steps.iter().map(|s| &s.h_t))
    }
}

impl Recurrent for Gru {
    fn weights(d: usize, h: usize) -> Vec<(String, usize)> {
        let block = |k| {
            [("w_x", h * d), ("w_h", h * h), ("b", h)].map(|(name, n)| (format!("{k}.{name}"), n))
        };
        ["r", "f", "g"].into_iter().flat_map(block).collect()
    }

    fn new(sizes: Sizes) -> Self {
        Self(sizes)
    }

    fn gradient(&self, theta: &[f64]) -> Vec<f64> {
        let mut p = GruParams::zeros(self.0.d, self.0.h);
        let (xs, h_0) = self.0.read(theta, p.slices_mut());
        let mut grad = GruParams::zeros(self.0.d, self.0.h);
        let steps = gru::sequence(&p, &xs, &h_0);
        let (dx, dh_0) = gru::backward(&p, &steps, &h_0, &self.0.loss, &mut grad);
        flatten(&grad.slices(), &dx, &dh_0)
    }
}

#[derive(Debug)]
struct MinLstm(Sizes);

impl ScalarFunction for MinLstm {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let mut p = MinLstmParams::zeros(self.0.d, self.0.h);
        let (xs, h_0) = self.0.read(theta, p.slices_mut());
        self.0.loss(min_lstm::sequence(&p, &xs, &h_0).hs.iter())
    }
}

impl Recurrent for MinLstm {
    fn weights(d: usize, h: usize) -> Vec<(String, usize)> {
        let block = |k| [("w_x", h * d), ("b", h)].map(|(name, n)| (format!("{k}.{name}"), n));
        ["i", "f", "g"].into_iter().flat_map(block).collect()
    }

    fn new(sizes: Sizes) -> Self {
        Self(sizes)
    }

    fn gradient(&self, theta: &[f64]) -> Vec<f64> {
        let (tape, p) = self.run(theta);
        let mut grad = MinLstmParams::zeros(self.0.d, self.0.h);
        let (dx, dh_0) = min_lstm::backward(&p, &tape, &self.0.loss, &mut grad);
        flatten(&grad.slices(), &dx, &dh_0)
    }
}

impl MinLstm {
    fn run(&self, theta: &[f64]) -> (MinTape<f64>, MinLstmParams<f64>) {
        let mut p = MinLstmParams::zeros(self.0.d, self.0.h);
        let (xs, h_0) = self.0.read(theta, p.slices_mut());
        (min_lstm::sequence(&p, &xs, &h_0), p)
    }
}

/// A network, its arguments, and the names and lengths of the tensors in them.
type Case<N> = (N, Vec<f64>, Vec<(String, usize)>);

fn case<N: Recurrent>(steps: usize) -> impl Strategy<Value = Case<N>> {
    (1..=5_usize, 1..=6_usize, 1..=steps)
        .prop_flat_map(|(d, h, t)| {
            let mut tensors = N::weights(d, h);
            tensors.extend((1..=t).map(|t| (format!("x_{t}"), d)));
            tensors.push(("h_0".into(), h));
            let len = tensors.iter().map(|(_, n)| n).sum::<usize>();
            let numbers = |n| prop::collection::vec(-1.5..1.5_f64, n);
            (Just((d, h, tensors)), numbers(len), numbers(t * h))
        })
        .prop_map(|((d, h, tensors), theta, loss)| {
            let loss = loss.chunks(h).map(DVector::from_column_slice).collect();
            (N::new(Sizes { d, h, loss }), theta, tensors)
        })
}

/// A failure names the tensor, the index and both values.
fn agree<N: Recurrent>(
    (network, theta, tensors): &Case<N>,
    oracle: &[f64],
    tolerance: f64,
) -> Result<(), TestCaseError> {
    let analytic = network.gradient(theta);
    let mut start = 0;
    for (name, len) in tensors {
        let range = start..start + len;
        let worst = disagreement(&analytic[range.clone()], &oracle[range]);
        prop_assert!(worst.relative <= tolerance, "{}: {:?}", name, worst);
        start += len;
    }
    prop_assert_eq!(start, analytic.len());
    Ok(())
}

proptest! {
    // A wrong gradient is wrong nearly everywhere: a little shrinking finds a small case.
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_gradient_of_the_gru_agrees_with_dual_numbers(case in case::<Gru>(9)) {
        agree(&case, &dual_gradient(&case.0, &case.1), 1e-12)?;
    }

    #[test]
    fn every_gradient_of_the_gru_agrees_with_central_differences(case in case::<Gru>(9)) {
        agree(&case, &central_gradient(&case.0, &case.1), 1e-6)?;
    }

    #[test]
    fn every_gradient_of_the_minlstm_agrees_with_dual_numbers(case in case::<MinLstm>(9)) {
        agree(&case, &dual_gradient(&case.0, &case.1), 1e-12)?;
    }

    #[test]
    fn every_gradient_of_the_minlstm_agrees_with_central_differences(case in case::<MinLstm>(9)) {
        agree(&case, &central_gradient(&case.0, &case.1), 1e-6)?;
    }

    #[test]
    fn the_scan_is_the_steps_one_by_one_forwards_and_backwards(case in case::<MinLstm>(200)) {
        let (network, theta, _) = &case;
        let (tape, _) = network.run(theta);
        let updates: Vec<_> = tape.gates.iter().map(min_lstm::update).collect();
        let back = min_lstm::backward_updates(&tape.gates, &network.0.loss);
        let nothing = DVector::zeros(network.0.h);
        for (start, updates) in [(&tape.h_0, updates), (&nothing, back)] {
            let (steps, scanned) = (one_by_one(start, &updates), scan(start, &updates));
            for (t, (a, b)) in steps.iter().zip(&scanned).enumerate() {
                let off = (a - b).amax() / a.amax().max(1.0);
                prop_assert!(off <= 1e-13, "step {}: {:e}", t + 1, off);
            }
        }
    }
}

/// By hand, H = D = 1 and x_t = 0: σ(ln 3) = 3/4, tanh(ln 3) = 4/5.
#[test]
fn a_step_of_the_gru_is_the_worked_example() {
    let ln_3 = 3.0_f64.ln();
    let mut p = GruParams::<f64>::zeros(1, 1);
    p.r.b[0] = -ln_3; // r = 1/4
    p.f.b[0] = ln_3; // f = 3/4
    p.g.w_h[0] = 4.0 * ln_3; // reads r h = 1/4
    let s = gru::step(&p, &dvector![0.0], &dvector![1.0]);
    assert!((s.g_t[0] - 0.8).abs() < 1e-15);
    assert!((s.h_t[0] - 0.95).abs() < 1e-15); // 3/4 · 1 + 1/4 · 4/5
}

/// By hand, H = D = 1 and x_t = 0: f = 3/4 and i = 1/4 are shares already.
#[test]
fn a_step_of_the_minlstm_is_the_worked_example() {
    let ln_3 = 3.0_f64.ln();
    let mut p = MinLstmParams::<f64>::zeros(1, 1);
    (p.f.b[0], p.i.b[0], p.g.b[0]) = (ln_3, -ln_3, 5.0);
    let tape = min_lstm::sequence(&p, &[dvector![0.0]], &dvector![1.0]);
    assert!((tape.hs[0][0] - 2.0).abs() < 1e-15); // 3/4 · 1 + 1/4 · 5
    (p.f.b[0], p.i.b[0]) = (0.0, ln_3); // f = 1/2, i = 3/4: shares 2/5 and 3/5
    let tape = min_lstm::sequence(&p, &[dvector![0.0]], &dvector![1.0]);
    assert!((tape.hs[0][0] - 3.4).abs() < 1e-15);
}
