//! The numbers in the figures: runs of the crates with fixed seeds.

use lstm_bptt::{LossGradient, SequenceGradient, backward, backward_truncated};
use lstm_cell::{State, Tape, sequence};
use lstm_gates::{Init, LstmParams, glorot_uniform, orthogonal};
use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::StandardNormal;

const INPUT_SIZE: usize = 8;
const HIDDEN_SIZE: usize = 32;
const SEEDS: u32 = 20;

/// The cell after 0 … `steps` steps from c_0 = 1, with the input gate at 0 and the forget gate at `f`.
pub fn memory(f: f64, steps: usize) -> Vec<f64> {
    let mut p = LstmParams::<f64>::zeros(1, 1);
    p.i.b[0] = -1e3;
    p.f.b[0] = if f < 1.0 { (f / (1.0 - f)).ln() } else { 1e3 };
    let initial = State {
        h: DVector::zeros(1),
        c: DVector::from_element(1, 1.0),
    };
    let tape = run(&p, &vec![DVector::zeros(1); steps], initial);
    let cells = tape.steps.iter().map(|s| s.c_t[0]);
    std::iter::once(1.0).chain(cells).collect()
}

/// The cell with hand-set weights of the chapter on the cell. It stores the input at the steps in
/// `writes` (counted from 1) and ignores it at all others.
pub fn latch(steps: usize, writes: &[usize]) -> Tape<f64> {
    let mut p = LstmParams::<f64>::zeros(2, 1);
    (p.i.w_x[(0, 1)], p.i.b[0]) = (40.0, -20.0);
    (p.f.w_x[(0, 1)], p.f.b[0]) = (-40.0, 20.0);
    p.g.w_x[(0, 0)] = 1.0;
    p.o.b[0] = 20.0;
    let xs: Vec<_> = (1..=steps)
        .map(|t| {
            let write = f64::from(u8::from(writes.contains(&t)));
            DVector::from_vec(vec![1.5 * (0.8 * t as f64).sin(), write])
        })
        .collect();
    run(&p, &xs, State::zeros(1))
}

/// ‖∂L/∂c_t‖ at the distances T − t = 0 … `seq_len` − 1, relative to distance 0, for an untrained LSTM
/// with this forget bias: the geometric mean over the seeds. The loss is a random linear function of
/// h_T.
pub fn lstm_flow(forget_bias: f64, seq_len: usize) -> Vec<f64> {
    geometric_mean((0..SEEDS).map(|seed| {
        let (p, xs, mut rng) = random_lstm(seed, forget_bias, seq_len);
        let tape = run(&p, &xs, State::zeros(HIDDEN_SIZE));
        let mut dh = vec![DVector::zeros(HIDDEN_SIZE); seq_len];
        dh[seq_len - 1] = gaussian(HIDDEN_SIZE, &mut rng);
        let loss = LossGradient {
            dh,
            last: State::zeros(HIDDEN_SIZE),
        };
        let mut norms = back(&p, &tape, &loss, &mut zeros()).flow.dc;
        norms.reverse();
        norms
    }))
}

/// ‖∂L/∂h_t‖ at the same distances for a plain recurrent network h_t = tanh(W_x x_t + W_h h_{t−1}),
/// whose W_x and W_h are initialised as those of the LSTM; otherwise as [`lstm_flow`].
pub fn rnn_flow(seq_len: usize) -> Vec<f64> {
    geometric_mean((0..SEEDS).map(|seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed.into());
        let w_x: DMatrix<f64> = glorot_uniform(HIDDEN_SIZE, INPUT_SIZE, &mut rng);
        let w_h: DMatrix<f64> = orthogonal(HIDDEN_SIZE, &mut rng);
        let mut h = DVector::zeros(HIDDEN_SIZE);
        let hs: Vec<_> = (0..seq_len)
            .map(|_| {
                h = (&w_x * gaussian(INPUT_SIZE, &mut rng) + &w_h * &h).map(f64::tanh);
                h.clone()
            })
            .collect();
        let mut dh = gaussian(HIDDEN_SIZE, &mut rng);
        hs.iter()
            .rev()
            .map(|h_t| {
                let norm = dh.norm();
                dh = w_h.tr_mul(&dh.component_mul(&h_t.map(|h| 1.0 - h * h)));
                norm
            })
            .collect()
    }))
}

/// ‖g_window − g‖ / ‖g‖ over all weights, where g is the full gradient and g_window the truncated
/// one: the mean over the seeds. The loss is a random linear function of every h_t.
pub fn truncation_error(forget_bias: f64, seq_len: usize, windows: &[usize]) -> Vec<f64> {
    let mut errors = vec![0.0; windows.len()];
    for seed in 0..SEEDS {
        let (p, xs, mut rng) = random_lstm(seed, forget_bias, seq_len);
        let tape = run(&p, &xs, State::zeros(HIDDEN_SIZE));
        let loss = LossGradient {
            dh: (0..seq_len)
                .map(|_| gaussian(HIDDEN_SIZE, &mut rng))
                .collect(),
            last: State::zeros(HIDDEN_SIZE),
        };
        let mut full = zeros();
        back(&p, &tape, &loss, &mut full);
        let full = DVector::from_vec(full.slices().concat());
        for (error, &window) in errors.iter_mut().zip(windows) {
            let mut cut = zeros();
            backward_truncated(&p, &tape, &loss, window, &mut cut).expect("shapes that fit");
            let cut = DVector::from_vec(cut.slices().concat());
            *error += (cut - &full).norm() / full.norm() / f64::from(SEEDS);
        }
    }
    errors
}

fn random_lstm(
    seed: u32,
    forget_bias: f64,
    seq_len: usize,
) -> (LstmParams<f64>, Vec<DVector<f64>>, ChaCha8Rng) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed.into());
    let mut p = LstmParams::init(Init::GlorotOrthogonal, INPUT_SIZE, HIDDEN_SIZE, &mut rng);
    p.f.b.fill(forget_bias);
    let xs = (0..seq_len)
        .map(|_| gaussian(INPUT_SIZE, &mut rng))
        .collect();
    (p, xs, rng)
}

fn gaussian(n: usize, rng: &mut impl Rng) -> DVector<f64> {
    DVector::from_fn(n, |_, _| rng.sample(StandardNormal))
}

fn zeros() -> LstmParams<f64> {
    LstmParams::zeros(INPUT_SIZE, HIDDEN_SIZE)
}

fn run(p: &LstmParams<f64>, xs: &[DVector<f64>], initial: State<f64>) -> Tape<f64> {
    sequence(p, xs, initial).expect("shapes that fit")
}

fn back(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    grad: &mut LstmParams<f64>,
) -> SequenceGradient<f64> {
    backward(p, tape, loss, grad).expect("shapes that fit")
}

/// The geometric mean over the runs, each relative to its first number.
fn geometric_mean(runs: impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
    let n = f64::from(SEEDS);
    let mut sum = Vec::new();
    for run in runs {
        sum.resize(run.len(), 0.0);
        for (s, v) in sum.iter_mut().zip(&run) {
            *s += (v / run[0]).ln() / n;
        }
    }
    sum.into_iter().map(f64::exp).collect()
}
