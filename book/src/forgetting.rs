//! Gradients that vanish: in a plain recurrent network with the distance, and in an LSTM whose backward
//! pass omits the error carousel.

use crate::figures::{dashed, solid};
use crate::plain::Plain;
use lstm_bptt::{LossGradient, accumulate, backward, step_back};
use lstm_cell::{State, sequence};
use lstm_gates::{LstmParams, glorot_uniform, orthogonal};
use lstm_plot::{
    Axis, Curve, HeatMap, Mark, Panel, PlotError, Range, Rows, Tone, heat_map, line_charts,
};
use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::StandardNormal;

const SEEDS: u32 = 20;

/// One unit without input, h ↦ tanh(w h): it stays where the curve meets the diagonal.
pub fn fixed_points() -> Result<String, PlotError> {
    let along = |f: &dyn Fn(f64) -> f64| {
        let h = (-50..=50).map(|n| f64::from(n) / 50.0);
        h.map(|h| (h, f(h))).collect()
    };
    let marked = |curve: Curve, h: f64, text: &str| Curve {
        mark: Some(Mark {
            at: (h, h),
            text: text.to_owned(),
        }),
        ..curve
    };
    // tanh(w · 4/5) = 4/5.
    let w = 1.25 * 3.0_f64.ln();
    let ticks = [-1.0, -0.5, 0.0, 0.5, 1.0];
    let panel = Panel {
        x: Axis::linear("h", &ticks),
        y: Axis::linear("tanh(w h)", &ticks),
        curves: vec![
            marked(solid("w = 1.373", along(&|h| (w * h).tanh())), 0.8, "4/5"),
            marked(solid("w = 0.5", along(&|h| (0.5 * h).tanh())), 0.0, "0"),
            marked(dashed("h", along(&|h| h)), -0.8, "−4/5"),
        ],
    };
    line_charts("h ↦ tanh(w h) and where it meets the diagonal", &[panel])
}

/// The gradient of plain networks, which shrinks or grows with the distance.
pub fn plain_gradient() -> Result<String, PlotError> {
    const STEPS: usize = 50;
    let panel = |y: &str, exponents: &[i32], radii: &[f64], of: &dyn Fn(f64) -> Vec<f64>| Panel {
        x: Axis::linear("distance T − t", &[0.0, 10.0, 20.0, 30.0, 40.0, 50.0]),
        y: Axis::powers_of_ten(y, exponents),
        curves: radii
            .iter()
            .map(|&s| {
                let points = (0..).map(f64::from).zip(of(s)).collect();
                let curve = if s == 1.0 { dashed } else { solid };
                curve(&format!("s = {s}"), points)
            })
            .collect(),
    };
    let radii = [2.0, 1.5, 1.2, 1.0, 0.8];
    line_charts(
        "The gradient of plain recurrent networks against distance",
        &[
            panel(
                "without tanh",
                &[-12, -8, -4, 0, 4, 8, 12, 16],
                &radii,
                &|s| plain_flow(s, STEPS, false),
            ),
            panel("with tanh", &[-12, -8, -4, 0, 4, 8, 12, 16], &radii, &|s| {
                plain_flow(s, STEPS, true)
            }),
        ],
    )
}

/// ‖dh_t‖ at the distances T − t = 0 … `steps`, relative to distance 0, where W_h is `s` times an
/// orthogonal matrix: the geometric mean over the seeds. The loss is a random linear function of h_T.
/// Without `tanh` the network is linear.
fn plain_flow(s: f64, steps: usize, tanh: bool) -> Vec<f64> {
    const INPUT_SIZE: usize = 8;
    const HIDDEN_SIZE: usize = 32;
    let mut sum = vec![0.0; steps + 1];
    for seed in 0..SEEDS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed.into());
        let w_x: DMatrix<f64> = glorot_uniform(HIDDEN_SIZE, INPUT_SIZE, &mut rng);
        let w_h: DMatrix<f64> = orthogonal(HIDDEN_SIZE, &mut rng);
        let rnn = Plain {
            w_x,
            w_h: w_h * s,
            b: DVector::zeros(HIDDEN_SIZE),
        };
        // The first steps are not measured, so that h is far from h_0 = 0.
        let xs: Vec<_> = (0..2 * steps)
            .map(|_| gaussian(INPUT_SIZE, &mut rng))
            .collect();
        let mut hs = rnn
            .forward(&xs, DVector::zeros(HIDDEN_SIZE))
            .split_off(steps);
        if !tanh {
            hs.iter_mut().for_each(|h_t| h_t.fill(0.0)); // a slope of 1 everywhere
        }
        let dhs = rnn.backward(&hs, gaussian(HIDDEN_SIZE, &mut rng));
        for (sum, dh) in sum.iter_mut().zip(&dhs) {
            *sum += (dh.norm() / dhs[0].norm()).ln() / f64::from(SEEDS);
        }
    }
    sum.into_iter().map(f64::exp).collect()
}

/// The error that a gradient check finds in each of the twelve tensors if the backward pass omits the
/// carousel.
pub fn missing_carousel() -> Result<String, PlotError> {
    let cases: Vec<_> = [0.0, 1.0]
        .into_iter()
        .flat_map(|state| (1..=6).map(move |seq_len| (seq_len, state)))
        .collect();
    let errors: Vec<_> = cases
        .iter()
        .map(|&(seq_len, state)| without_carousel(seq_len, state))
        .collect();
    let row = |n: usize, name: &str| Rows {
        name: name.to_owned(),
        range: Range::Unit(Tone::Blue),
        values: vec![errors.iter().map(|e| e[n]).collect()],
    };
    const NAMES: [&str; 12] = [
        "W_xi", "W_hi", "b_i", "W_xf", "W_hf", "b_f", "W_xg", "W_hg", "b_g", "W_xo", "W_ho", "b_o",
    ];
    heat_map(&HeatMap {
        title: "The error of a gradient without the carousel".to_owned(),
        columns: cases
            .iter()
            .map(|(seq_len, state)| format!("{seq_len}{}", if *state > 0.0 { "*" } else { "" }))
            .collect(),
        groups: (0..).zip(NAMES).map(|(n, name)| row(n, name)).collect(),
        cell_width: 44.0,
        cell_height: 22.0,
    })
}

/// The largest error of each of the twelve tensors, relative to its largest element, if the second
/// term of E11 is left out: the median over the seeds. D = 2, H = 3; weights, inputs and, scaled by
/// `state`, the initial state are normally distributed; the loss is the sum of h_T.
fn without_carousel(seq_len: usize, state: f64) -> [f64; 12] {
    const INPUT_SIZE: usize = 2;
    const HIDDEN_SIZE: usize = 3;
    let mut errors = [const { Vec::new() }; 12];
    for seed in 0..SEEDS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed.into());
        let mut p = LstmParams::<f64>::zeros(INPUT_SIZE, HIDDEN_SIZE);
        for w in p.slices_mut().into_iter().flatten() {
            *w = rng.sample(StandardNormal);
        }
        let initial = State {
            h: gaussian(HIDDEN_SIZE, &mut rng).map(|h| state * h.tanh()),
            c: gaussian(HIDDEN_SIZE, &mut rng) * state,
        };
        let xs: Vec<_> = (0..seq_len)
            .map(|_| gaussian(INPUT_SIZE, &mut rng))
            .collect();
        let tape = sequence(&p, &xs, initial).expect("shapes that fit");
        let ones = DVector::from_element(HIDDEN_SIZE, 1.0);

        let mut right = LstmParams::zeros(INPUT_SIZE, HIDDEN_SIZE);
        let mut dh = vec![DVector::zeros(HIDDEN_SIZE); seq_len];
        dh[seq_len - 1].copy_from(&ones);
        let last = State::zeros(HIDDEN_SIZE);
        backward(&p, &tape, &LossGradient { dh, last }, &mut right).expect("shapes that fit");

        let mut wrong = LstmParams::zeros(INPUT_SIZE, HIDDEN_SIZE);
        let (mut dh_t, nothing) = (ones, DVector::zeros(HIDDEN_SIZE));
        for t in (0..seq_len).rev() {
            let back = step_back(&p, &tape.steps[t], tape.c_prev(t), &dh_t, &nothing);
            accumulate(&mut wrong, &back.gates, &tape.steps[t].x_t, tape.h_prev(t));
            dh_t = back.dh_prev;
        }

        let largest = |v: &mut dyn Iterator<Item = f64>| v.fold(0.0, |m: f64, v| m.max(v.abs()));
        for ((error, wrong), right) in errors.iter_mut().zip(wrong.slices()).zip(right.slices()) {
            let off = largest(&mut wrong.iter().zip(right).map(|(a, b)| a - b));
            let size = largest(&mut right.iter().copied());
            // At T = 1 from a zero state some gradients are zero.
            error.push(if size > 0.0 { off / size } else { 0.0 });
        }
    }
    errors.map(|mut of_seeds: Vec<f64>| {
        of_seeds.sort_by(f64::total_cmp);
        of_seeds[of_seeds.len() / 2]
    })
}

fn gaussian(n: usize, rng: &mut impl Rng) -> DVector<f64> {
    DVector::from_fn(n, |_, _| rng.sample(StandardNormal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_of_a_plain_network_is_its_derivative() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let rnn = Plain {
            w_x: DMatrix::from_fn(3, 2, |_, _| rng.sample(StandardNormal)),
            w_h: DMatrix::from_fn(3, 3, |_, _| rng.sample(StandardNormal)),
            b: gaussian(3, &mut rng),
        };
        let xs: Vec<_> = (0..4).map(|_| gaussian(2, &mut rng)).collect();
        let (h_0, dh_last) = (gaussian(3, &mut rng), gaussian(3, &mut rng));
        let loss = |h_0| rnn.forward(&xs, h_0).last().unwrap().dot(&dh_last);
        let dhs = rnn.backward(&rnn.forward(&xs, h_0.clone()), dh_last.clone());
        for j in 0..3 {
            let nudge = |by: f64| {
                let mut h_0 = h_0.clone();
                h_0[j] += by;
                loss(h_0)
            };
            let expected = (nudge(1e-5) - nudge(-1e-5)) / 2e-5;
            let found = dhs[4][j];
            assert!(
                (found - expected).abs() < 1e-8,
                "dh_0[{j}]: {found} against {expected}"
            );
        }
    }

    #[test]
    fn the_missing_carousel_shows_from_two_steps_on_and_in_every_tensor_at_three() {
        let seen = |seq_len, state| {
            let errors = without_carousel(seq_len, state);
            errors.iter().filter(|&&e| e > 1e-6).count()
        };
        assert_eq!([1, 2, 3].map(|t| seen(t, 0.0)), [0, 4, 11]);
        assert_eq!([1, 2, 3].map(|t| seen(t, 1.0)), [0, 9, 12]);
    }
}
