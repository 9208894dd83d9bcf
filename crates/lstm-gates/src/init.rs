//! The initial weights, from which training starts.

use crate::{Gate, LstmParams};
use nalgebra::{DMatrix, DVector, RealField, convert};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// How the weights of a layer are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Init {
    /// Glorot-uniform W_x, orthogonal W_h, biases 0 except the forget gate's, which are 1.
    ///
    /// Glorot & Bengio (2010); Saxe, McClelland & Ganguli, arXiv 1312.6120; the forget bias of 1
    /// after Gers, Schmidhuber & Cummins (2000) and Jozefowicz, Zaremba & Sutskever (2015).
    #[default]
    GlorotOrthogonal,
    /// Every number uniform in ±1/√H, as PyTorch's `nn.LSTM` draws them. PyTorch keeps two
    /// biases and adds them; b is drawn here as the sum of two such numbers.
    PytorchUniform,
}

impl<T: RealField + Copy> LstmParams<T> {
    /// Fresh weights for one layer, drawn from `rng` in the order i, f, g, o; in each w_x, w_h, b.
    pub fn init(init: Init, input_size: usize, hidden_size: usize, rng: &mut impl Rng) -> Self {
        let mut gate = |forget: bool| match init {
            Init::GlorotOrthogonal => Gate {
                w_x: glorot_uniform(hidden_size, input_size, rng),
                w_h: orthogonal(hidden_size, rng),
                b: DVector::from_element(hidden_size, if forget { T::one() } else { T::zero() }),
            },
            Init::PytorchUniform => {
                let b_x = pytorch_uniform(hidden_size, 1, hidden_size, rng);
                let b_h = pytorch_uniform(hidden_size, 1, hidden_size, rng);
                Gate {
                    w_x: pytorch_uniform(hidden_size, input_size, hidden_size, rng),
                    w_h: pytorch_uniform(hidden_size, hidden_size, hidden_size, rng),
                    b: (b_x + b_h).column(0).into_owned(),
                }
            }
        };
        Self {
            i: gate(false),
            f: gate(true),
            g: gate(false),
            o: gate(false),
        }
    }
}

/// A matrix with entries uniform in ±√(6 / (rows + columns)): signals keep their variance in
/// the forward and in the backward pass. Glorot & Bengio (2010).
pub fn glorot_uniform<T: RealField + Copy>(
    rows: usize,
    columns: usize,
    rng: &mut impl Rng,
) -> DMatrix<T> {
    uniform(rows, columns, (6.0 / (rows + columns) as f64).sqrt(), rng)
}

/// A matrix with entries uniform in ±1/√`fan`, PyTorch's rule; for an LSTM `fan` is H.
pub fn pytorch_uniform<T: RealField + Copy>(
    rows: usize,
    columns: usize,
    fan: usize,
    rng: &mut impl Rng,
) -> DMatrix<T> {
    uniform(rows, columns, 1.0 / (fan as f64).sqrt(), rng)
}

/// A random orthogonal n×n matrix, W Wᵀ = 1: it turns h_{t−1} and neither shrinks nor stretches it.
///
/// The Q of a QR decomposition of a Gaussian matrix, with the signs that make it uniform over all
/// orthogonal matrices. Mezzadri, arXiv math-ph/0609050.
pub fn orthogonal<T: RealField + Copy>(n: usize, rng: &mut impl Rng) -> DMatrix<T> {
    let gaussian = DMatrix::<f64>::from_fn(n, n, |_, _| rng.sample(StandardNormal));
    let (mut q, r) = gaussian.qr().unpack();
    for (mut column, diagonal) in q.column_iter_mut().zip(r.diagonal().iter()) {
        column *= diagonal.signum();
    }
    q.map(convert)
}

fn uniform<T: RealField + Copy>(
    rows: usize,
    columns: usize,
    bound: f64,
    rng: &mut impl Rng,
) -> DMatrix<T> {
    DMatrix::from_fn(rows, columns, |_, _| {
        convert(rng.random_range(-bound..=bound))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    fn rng(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    /// The largest magnitude of a tensor, which for many uniform draws is just below their bound.
    fn reach(slice: &[f64]) -> f64 {
        slice.iter().fold(0.0, |m: f64, v| m.max(v.abs()))
    }

    proptest! {
        #[test]
        fn orthogonal_matrices_keep_every_length(n in 1..20_usize, seed: u64) {
            let q = orthogonal::<f64>(n, &mut rng(seed));
            assert_relative_eq!(&q * q.transpose(), DMatrix::identity(n, n), epsilon = 1e-13);
        }

        #[test]
        fn the_same_seed_draws_the_same_weights_and_another_seed_others(seed: u64) {
            for init in [Init::GlorotOrthogonal, Init::PytorchUniform] {
                let draw = |seed| LstmParams::<f64>::init(init, 3, 5, &mut rng(seed));
                prop_assert_eq!(draw(seed), draw(seed));
                prop_assert_ne!(draw(seed), draw(seed ^ 1));
            }
        }
    }

    #[test]
    fn orthogonal_matrices_have_both_signs_on_the_diagonal() {
        // Without the sign correction, Householder's Q has a one-signed tendency.
        let positive = (0..400)
            .filter(|&seed| orthogonal::<f64>(3, &mut rng(seed))[(0, 0)] > 0.0)
            .count();
        assert!((150..250).contains(&positive), "{positive} of 400");
    }

    #[test]
    fn the_forget_bias_is_one_and_the_others_are_zero() {
        let p = LstmParams::<f64>::init(Init::GlorotOrthogonal, 3, 5, &mut rng(7));
        assert!(p.f.b.iter().all(|&b| b == 1.0));
        for gate in [&p.i, &p.g, &p.o] {
            assert!(gate.b.iter().all(|&b| b == 0.0));
        }
        assert!(p.check().is_ok());
    }

    #[test]
    fn the_bias_of_pytorch_s_rule_is_the_sum_of_its_two() {
        let p = LstmParams::<f64>::init(Init::PytorchUniform, 3, 5, &mut rng(2));
        let mut again = rng(2);
        let b_x = pytorch_uniform::<f64>(5, 1, 5, &mut again);
        let b_h = pytorch_uniform::<f64>(5, 1, 5, &mut again);
        assert_eq!(p.i.b, (b_x + b_h).column(0));
    }

    #[test]
    fn uniform_draws_fill_their_interval_and_do_not_leave_it() {
        let (input_size, hidden_size) = (40, 60);
        let p =
            LstmParams::<f64>::init(Init::GlorotOrthogonal, input_size, hidden_size, &mut rng(1));
        let bound = (6.0_f64 / 100.0).sqrt();
        for gate in p.blocks() {
            assert!((0.99 * bound..=bound).contains(&reach(gate.w_x.as_slice())));
            let mean = gate.w_x.mean();
            assert!(mean.abs() < 0.05 * bound, "mean {mean}");
        }
        let p = LstmParams::<f64>::init(Init::PytorchUniform, input_size, hidden_size, &mut rng(1));
        let bound = 1.0 / 60.0_f64.sqrt();
        for gate in p.blocks() {
            assert!((0.99 * bound..=bound).contains(&reach(gate.w_x.as_slice())));
            assert!((0.99 * bound..=bound).contains(&reach(gate.w_h.as_slice())));
            // The sum of two draws: past one bound, within two.
            assert!((bound..=2.0 * bound).contains(&reach(gate.b.as_slice())));
            // Its variance is 2·bound²/3.
            let ratio = gate.b.variance() / (2.0 * bound * bound / 3.0);
            assert!((0.6..1.5).contains(&ratio), "variance ratio {ratio}");
        }
        assert!(p.check().is_ok());
    }
}
