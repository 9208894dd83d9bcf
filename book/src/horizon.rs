//! The effect of truncation on learning: an LSTM must repeat its input of four steps before, and is
//! trained through windows of different lengths.

use crate::figures::solid;
use lstm_bptt::{LossGradient, backward, clip_global_norm};
use lstm_cell::{State, Tape, sequence};
use lstm_gates::{Init, LstmParams};
use lstm_plot::{Axis, Panel, PlotError, line_charts};
use nalgebra::DVector;
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

const DELAY: usize = 4;
const HIDDEN_SIZE: usize = 8;
/// The steps of training, for every window, and of the held-out stream.
const STEPS: [usize; 2] = [30_000, 1_000];
const SEEDS: u64 = 3;

/// The error on a held-out stream against the window in training.
pub fn horizon() -> Result<String, PlotError> {
    const WINDOWS: [usize; 8] = [1, 2, 3, 4, 5, 8, 16, 32];
    let windows = WINDOWS.map(|w| w as f64);
    let curve = |name, carry| {
        let errors = WINDOWS.map(|window| {
            let train = |seed| train(window, carry, HIDDEN_SIZE, seed);
            let mut errors: Vec<_> = (0..SEEDS).map(train).collect();
            errors.sort_by(f64::total_cmp);
            errors[errors.len() / 2]
        });
        solid(name, windows.into_iter().zip(errors).collect())
    };
    let panel = Panel {
        x: Axis::logarithmic("window", &windows),
        y: Axis::powers_of_ten("error, relative to the answer 0", &[-4, -3, -2, -1, 0, 1]),
        curves: vec![
            curve("from zero at every edge", false),
            curve("state carried over the edge", true),
        ],
    };
    line_charts(
        "The error in repeating the input of four steps before, against the window",
        &[panel],
    )
}

/// The held-out error of a network whose first `cells` cells are trained, relative to the error of the
/// answer 0. The input is a random sign at every step, and the target of h_t\[0\] is half the sign of
/// four steps before.
fn train(window: usize, carry: bool, cells: usize, seed: u64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut p = LstmParams::<f64>::init(Init::GlorotOrthogonal, 1, HIDDEN_SIZE, &mut rng);
    p.f.b.fill(1.0);
    let mut adam = Adam::new(&p);
    let signs: Vec<f64> = (0..STEPS[0] + STEPS[1])
        .map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 })
        .collect();
    let mut state = State::zeros(HIDDEN_SIZE);
    for first in (DELAY..=STEPS[0] - window).step_by(window) {
        if !carry {
            state = State::zeros(HIDDEN_SIZE);
        }
        let tape = run(&p, &signs[first..first + window], state);
        let dh = (0..window)
            .map(|n| {
                let mut dh_t = DVector::zeros(HIDDEN_SIZE);
                dh_t[0] = 2.0 * error(&tape, n, signs[first + n - DELAY]) / window as f64;
                dh_t
            })
            .collect();
        let last = State::zeros(HIDDEN_SIZE);
        let mut grad = LstmParams::zeros(1, HIDDEN_SIZE);
        backward(&p, &tape, &LossGradient { dh, last }, &mut grad).expect("shapes that fit");
        freeze(&mut grad, cells);
        clip_global_norm(&mut grad.slices_mut(), 1.0);
        adam.step(&mut p, &grad);
        state = tape.last();
    }
    let held_out = &signs[STEPS[0]..];
    let tape = run(&p, held_out, State::zeros(HIDDEN_SIZE));
    let squares = (DELAY..STEPS[1]).map(|t| error(&tape, t, held_out[t - DELAY]).powi(2));
    squares.sum::<f64>() / (0.25 * (STEPS[1] - DELAY) as f64)
}

/// Sets the gradient of all cells but the first `cells` to zero.
fn freeze(grad: &mut LstmParams<f64>, cells: usize) {
    for gate in [&mut grad.i, &mut grad.f, &mut grad.g, &mut grad.o] {
        gate.w_x.rows_range_mut(cells..).fill(0.0);
        gate.w_h.rows_range_mut(cells..).fill(0.0);
        gate.b.rows_range_mut(cells..).fill(0.0);
    }
}

fn error(tape: &Tape<f64>, t: usize, sign: f64) -> f64 {
    tape.steps[t].h_t[0] - 0.5 * sign
}

fn run(p: &LstmParams<f64>, signs: &[f64], initial: State<f64>) -> Tape<f64> {
    let xs: Vec<_> = signs.iter().map(|&x| DVector::from_element(1, x)).collect();
    sequence(p, &xs, initial).expect("shapes that fit")
}

/// Adam (E23) with its usual constants and a learning rate of 0.01.
struct Adam {
    m: LstmParams<f64>,
    v: LstmParams<f64>,
    updates: i32,
}

impl Adam {
    fn new(p: &LstmParams<f64>) -> Self {
        let zeros = LstmParams::zeros(p.input_size(), p.hidden_size());
        Self {
            m: zeros.clone(),
            v: zeros,
            updates: 0,
        }
    }

    fn step(&mut self, p: &mut LstmParams<f64>, grad: &LstmParams<f64>) {
        self.updates += 1;
        let correction = |beta: f64| 1.0 - beta.powi(self.updates);
        let (m_size, v_size) = (correction(0.9), correction(0.999));
        let moments = self.m.slices_mut().into_iter().zip(self.v.slices_mut());
        let tensors = p.slices_mut().into_iter().zip(grad.slices()).zip(moments);
        for ((p, grad), (m, v)) in tensors {
            for (n, g) in grad.iter().enumerate() {
                m[n] = 0.9 * m[n] + 0.1 * g;
                v[n] = 0.999 * v[n] + 0.001 * g * g;
                p[n] -= 0.01 * (m[n] / m_size) / ((v[n] / v_size).sqrt() + 1e-8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_learnt_as_soon_as_it_fits_into_the_window() {
        assert!(train(DELAY, true, HIDDEN_SIZE, 0) > 0.8);
        assert!(train(DELAY + 1, true, HIDDEN_SIZE, 0) < 0.1);
    }

    /// Untrained cells still echo the input of some steps before, and cell 0 can learn to read the echo.
    /// Training all cells in a window that is too short overwrites it.
    #[test]
    fn an_echo_outlives_a_short_window_only_in_cells_that_are_not_trained() {
        assert!(train(DELAY - 1, true, 1, 0) < 0.8);
        assert!(train(DELAY - 1, true, HIDDEN_SIZE, 0) > 0.8);
    }
}
