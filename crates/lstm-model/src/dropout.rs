//! Inverted dropout with masks that are a function of seed, step, layer and sequence.

use crate::seed::Purpose;
use nalgebra::{DMatrix, RealField, convert};
use rand::RngExt;

/// Dropout for one batch of one training step (E26).
///
/// Each number is zeroed with probability `rate` and otherwise divided by 1 − `rate`, which keeps its
/// expectation. Srivastava et al. (2014), jmlr.org/papers/v15/srivastava14a.html; between
/// layers only, after Zaremba, Sutskever & Vinyals, arXiv 1409.2329.
///
/// Both passes draw the mask from (seed, step, layer, sequence). So nothing is stored between them, a
/// resumed run has the masks of an uninterrupted run, and the masks do not depend on how a batch is
/// shared out among threads.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// The run's seed.
    pub seed: u64,
    /// The training step.
    pub step: u64,
    /// The number of this part's first sequence in the whole batch.
    pub first_sequence: usize,
}

// ANCHOR: dropout
impl Dropout {
    /// Multiplies `x` (one column for each token, token (t, b) in column t·B + b) by the mask of
    /// `layer`. The backward pass makes the same call with the gradient.
    pub fn apply<T: RealField + Copy>(
        &self,
        layer: usize,
        rate: f64,
        x: &mut DMatrix<T>,
        batch_size: usize,
    ) {
        if rate == 0.0 {
            return;
        }
        let keep: T = convert(1.0 / (1.0 - rate));
        let threshold = (rate * 65_536.0).round() as u32;
        let scale = |bits: u32| if bits < threshold { T::zero() } else { keep };
        let (rows, tokens) = x.shape();
        // Two draws of 16 bits from each word.
        let mut words = vec![0_u32; rows.div_ceil(2)];
        for b in 0..batch_size {
            let sequence = (self.first_sequence + b) as u64;
            let mut rng = Purpose::Dropout.rng(self.seed, self.step, sequence << 8 | layer as u64);
            for column in (b..tokens).step_by(batch_size) {
                rng.fill(&mut words[..]);
                let column = &mut x.as_mut_slice()[column * rows..][..rows];
                let (pairs, rest) = column.as_chunks_mut::<2>();
                for ([first, second], word) in pairs.iter_mut().zip(&words) {
                    *first *= scale(word & 0xffff);
                    *second *= scale(word >> 16);
                }
                for (last, word) in rest.iter_mut().zip(&words[pairs.len()..]) {
                    *last *= scale(word & 0xffff);
                }
            }
        }
    }
}
// ANCHOR_END: dropout

/// Dropout on the outputs of a stack's layers, or on another matrix of the network. Each matrix that is
/// masked has a number, so that no two matrices have the same masks.
#[derive(Clone, Copy, Debug)]
pub struct LayerDropout {
    /// The masks of this step.
    pub masks: Dropout,
    /// The dropout rate of every layer.
    pub rate: f64,
    /// The number of the first layer's output among all masked matrices.
    pub first_layer: usize,
}

impl LayerDropout {
    /// Multiplies the output of layer `l`, or its gradient, by the mask.
    pub fn apply<T: RealField + Copy>(&self, l: usize, x: &mut DMatrix<T>, batch_size: usize) {
        self.masks
            .apply(self.first_layer + l, self.rate, x, batch_size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DROPOUT: Dropout = Dropout {
        seed: 1,
        step: 5,
        first_sequence: 0,
    };

    fn masked(dropout: Dropout, layer: usize, batch_size: usize) -> DMatrix<f64> {
        let mut x = DMatrix::from_element(31, 40 * batch_size, 1.0);
        dropout.apply(layer, 0.2, &mut x, batch_size);
        x
    }

    #[test]
    fn the_expectation_stays_and_a_fifth_is_zeroed() {
        let x = masked(DROPOUT, 0, 8);
        assert!((x.mean() - 1.0).abs() < 0.02, "mean {}", x.mean());
        let zeros = x.iter().filter(|&&v| v == 0.0).count() as f64 / x.len() as f64;
        assert!((zeros - 0.2).abs() < 0.02, "zeros {zeros}");
        assert!(x.iter().all(|&v| v == 0.0 || v == 1.25));
    }

    #[test]
    fn the_layers_of_a_stack_have_the_masks_from_its_first_number_on() {
        let layers = LayerDropout {
            masks: DROPOUT,
            rate: 0.2,
            first_layer: 3,
        };
        for l in 0..3 {
            let mut x = DMatrix::from_element(31, 80, 1.0);
            layers.apply(l, &mut x, 2);
            assert_eq!(x, masked(DROPOUT, 3 + l, 2), "layer {l}");
        }
    }

    #[test]
    fn every_row_is_zeroed_as_often_as_the_others_the_odd_last_one_too() {
        let x = masked(DROPOUT, 0, 8);
        for (r, row) in x.row_iter().enumerate() {
            let zeros = row.iter().filter(|&&v| v == 0.0).count() as f64 / row.len() as f64;
            assert!((zeros - 0.2).abs() < 0.1, "row {r}: {zeros}");
        }
    }

    #[test]
    fn a_rate_of_one_in_65536_zeroes_that_many() {
        let mut x = DMatrix::from_element(1 << 10, 1 << 12, 1.0_f32);
        DROPOUT.apply(0, 1.0 / 65_536.0, &mut x, 1);
        let zeros = x.iter().filter(|&&v| v == 0.0).count();
        // 64 are expected, with a standard deviation of 8.
        assert!((32..=96).contains(&zeros), "{zeros}");
    }

    #[test]
    fn masks_differ_by_step_layer_and_sequence_and_repeat_for_the_same() {
        let x = masked(DROPOUT, 0, 2);
        assert_eq!(x, masked(DROPOUT, 0, 2));
        assert_ne!(x, masked(DROPOUT, 1, 2));
        assert_ne!(x, masked(Dropout { step: 6, ..DROPOUT }, 0, 2));
        assert_ne!(x, masked(Dropout { seed: 2, ..DROPOUT }, 0, 2));
        assert_ne!(x.column(0), x.column(1));
        assert_ne!(x.column(0), x.column(2));
    }

    #[test]
    fn a_part_of_the_batch_draws_what_the_whole_batch_draws_there() {
        let whole = masked(DROPOUT, 0, 3);
        let part = masked(
            Dropout {
                first_sequence: 2,
                ..DROPOUT
            },
            0,
            1,
        );
        for t in 0..40 {
            assert_eq!(whole.column(3 * t + 2), part.column(t));
        }
    }
}
