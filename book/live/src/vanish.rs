//! How much of a gradient is left at each distance, in a plain recurrent network.

use crate::mailbox::answer;
use crate::plain::Plain;
use lstm_gates::{glorot_uniform, orthogonal};
use lstm_model::Purpose;
use nalgebra::{DMatrix, DVector};
use rand::RngExt;

/// The farthest distance.
pub const STEPS: usize = 50;
const INPUT_SIZE: usize = 8;
const HIDDEN_SIZE: usize = 32;

/// ‖dh_{T−n}‖ / ‖dh_T‖ for n = 0 … 50, of a loss that reads h_T. `kind` is 0 for one unit without input,
/// h_t = tanh(w h_{t−1}); in: w, h_0. It is 1 for 32 units with random inputs, whose W_h is s times an
/// orthogonal matrix; in: s. Out: the 51 numbers as if every slope of tanh were 1, then with the true
/// slopes; then, for one unit, h_0 … h_50.
pub fn vanish(mailbox: &mut [f64], kind: usize) -> Option<usize> {
    let (factor, start) = (mailbox[0], mailbox[1]);
    let (plain, hs) = match kind {
        0 => one_unit(factor, start),
        1 => many_units(factor),
        _ => return None,
    };
    let dh_last = DVector::from_element(plain.b.len(), 1.0).normalize();
    // Where h = 0, the slope of tanh is 1.
    let flat = vec![DVector::zeros(plain.b.len()); STEPS];
    let mut out = Vec::new();
    for states in [&flat, &hs] {
        let dhs = plain.backward(&states[states.len() - STEPS..], dh_last.clone());
        out.extend(dhs.iter().map(DVector::norm));
    }
    if kind == 0 {
        out.push(start);
        out.extend(hs.iter().map(|h| h[0]));
    }
    answer(mailbox, &out)
}

fn one_unit(w: f64, h_0: f64) -> (Plain, Vec<DVector<f64>>) {
    let plain = Plain {
        w_x: DMatrix::zeros(1, 1),
        w_h: DMatrix::from_element(1, 1, w),
        b: DVector::zeros(1),
    };
    let hs = plain.forward(
        &vec![DVector::zeros(1); STEPS],
        DVector::from_element(1, h_0),
    );
    (plain, hs)
}

fn many_units(s: f64) -> (Plain, Vec<DVector<f64>>) {
    let mut rng = Purpose::Check.rng(1, 0, 0);
    let plain = Plain {
        w_x: glorot_uniform(HIDDEN_SIZE, INPUT_SIZE, &mut rng),
        w_h: orthogonal::<f64>(HIDDEN_SIZE, &mut rng) * s,
        b: DVector::zeros(HIDDEN_SIZE),
    };
    // The variance of these inputs is 1. The first steps are not measured, so that h is far from 0.
    let bound = 3.0_f64.sqrt();
    let xs: Vec<_> = (0..2 * STEPS)
        .map(|_| DVector::from_fn(INPUT_SIZE, |_, _| rng.random_range(-bound..bound)))
        .collect();
    let hs = plain.forward(&xs, DVector::zeros(HIDDEN_SIZE));
    (plain, hs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_keeps_its_bit_and_loses_its_gradient() {
        let mut mailbox = vec![0.0; 200];
        mailbox[0] = 1.25 * 3.0_f64.ln();
        mailbox[1] = 0.8;
        assert_eq!(vanish(&mut mailbox, 0), Some(3 * 51));
        let (linear, real, h) = (&mailbox[..51], &mailbox[51..102], &mailbox[102..153]);
        assert!((linear[20] / 569.0 - 1.0).abs() < 0.01, "{}", linear[20]);
        assert!((real[20] / 7.6e-7 - 1.0).abs() < 0.01, "{}", real[20]);
        assert!(h.iter().all(|h| (h - 0.8).abs() < 1e-12));
    }

    #[test]
    fn with_true_slopes_less_is_left_than_without() {
        let mut mailbox = vec![0.0; 200];
        mailbox[0] = 1.5;
        assert_eq!(vanish(&mut mailbox, 1), Some(2 * 51));
        assert!((mailbox[50] / 1.5_f64.powi(50) - 1.0).abs() < 1e-9);
        assert!(mailbox[101] < 1.0, "{}", mailbox[101]);
        assert_eq!(vanish(&mut mailbox, 2), None);
    }
}
