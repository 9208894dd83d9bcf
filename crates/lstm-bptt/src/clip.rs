//! A bound on the gradient's length.

use nalgebra::{RealField, convert};

// ANCHOR: clip_global_norm
/// Clips by the global norm of all gradients together and returns the norm before clipping.
///
/// ```text
/// g ← g · min(1, c / (‖g‖₂ + 1e−6))        (E18)
/// ```
/// `gradients` are all parameters' gradients as flat slices, c is `max_norm`. The direction stays;
/// only the length changes. Pascanu, Mikolov & Bengio (2013), arXiv 1211.5063; the 1e−6 is PyTorch's.
///
/// ```
/// let (mut a, mut b) = ([3.0_f64], [0.0, 4.0]);
/// let norm = lstm_bptt::clip_global_norm(&mut [&mut a, &mut b], 1.0);
/// assert_eq!(norm, 5.0);
/// assert!((a[0] - 0.6).abs() < 1e-6 && (b[1] - 0.8).abs() < 1e-6);
/// ```
pub fn clip_global_norm<T: RealField + Copy>(gradients: &mut [&mut [T]], max_norm: T) -> T {
    // Partial sums: in f32 one long sum would lose the small terms at its end.
    let square = |part: &[T]| part.iter().fold(T::zero(), |sum, &g| sum + g * g);
    let norm = gradients
        .iter()
        .flat_map(|slice| slice.chunks(1024))
        .fold(T::zero(), |sum, part| sum + square(part))
        .sqrt();
    let scale = T::one().min(max_norm / (norm + convert(1e-6)));
    for g in gradients.iter_mut().flat_map(|slice| slice.iter_mut()) {
        *g *= scale;
    }
    norm
}
// ANCHOR_END: clip_global_norm

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn norm(slices: &[&[f64]]) -> f64 {
        slices.concat().iter().map(|g| g * g).sum::<f64>().sqrt()
    }

    proptest! {
        #[test]
        fn clipping_keeps_the_direction_and_bounds_the_length(
            mut a in prop::collection::vec(-9.0..9.0_f64, 1..9),
            mut b in prop::collection::vec(-9.0..9.0_f64, 1..9),
            max_norm in 0.1..5.0_f64,
        ) {
            let before = [a.clone(), b.clone()].concat();
            let length = norm(&[&a, &b]);
            let reported = clip_global_norm(&mut [&mut a, &mut b], max_norm);
            prop_assert!((reported - length).abs() < 1e-12);
            let scale = (max_norm / (length + 1e-6)).min(1.0);
            for (after, before) in [a, b].concat().into_iter().zip(before) {
                prop_assert!((after - scale * before).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_gradient_within_the_bound_is_left_to_the_bit() {
        let mut g = [0.3, -0.4];
        assert_eq!(clip_global_norm(&mut [&mut g], 0.6), 0.5);
        assert_eq!(g, [0.3, -0.4]);
    }

    #[test]
    fn a_gradient_of_exactly_the_bound_is_scaled_as_pytorch_scales_it() {
        // (E18)
        let mut g = [3.0, 4.0];
        clip_global_norm(&mut [&mut g], 5.0);
        assert_eq!(g[0], 3.0 * (5.0 / (5.0 + 1e-6)));
    }
}
