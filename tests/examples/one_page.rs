//! The LSTM on one page: forward pass, backward pass, gradient check, training and sampling, on
//! vectors of plain numbers, without any crate.
//!
//! ```text
//! cargo run --release -p lstm-tests --example one_page
//! ```

// ANCHOR: forward
/// Row k·H + j belongs to unit j of block k; the blocks i, f, g, o are 0 to 3. It has a weight for each
/// of H hidden units, a bias, and a weight for each character. Row 4H + r scores character r.
type Weights = Vec<Vec<f64>>;

/// What a step read and computed. A tape is the list of all steps; its first entry holds only the
/// initial state.
#[derive(Clone)]
struct Step {
    x: usize,
    blocks: Vec<[f64; 4]>,
    c: Vec<f64>,
    h: Vec<f64>,
    p: Vec<f64>,
}

fn starting_from(h: Vec<f64>, c: Vec<f64>) -> Step {
    let (x, blocks, p) = (0, vec![], vec![]);
    Step { x, blocks, c, h, p }
}

fn sigmoid(a: f64) -> f64 {
    1.0 / (1.0 + (-a).exp())
}

/// The weighted sum of h, plus the bias, which is stored after those weights.
fn sum(row: &[f64], h: &[f64]) -> f64 {
    row.iter().zip(h).map(|(w, h)| w * h).sum::<f64>() + row[h.len()]
}

fn step(w: &Weights, x: usize, before: &Step) -> Step {
    let units = before.h.len();
    let mut s = starting_from(vec![], vec![]);
    s.x = x;
    for j in 0..units {
        let a = |k: usize| sum(&w[k * units + j], &before.h) + w[k * units + j][units + 1 + x]; // E1
        let (i, f) = (sigmoid(a(0)), sigmoid(a(1))); // E2, E3
        let (g, o) = (a(2).tanh(), sigmoid(a(3))); // E5, E4
        s.c.push(f * before.c[j] + i * g); // E6
        s.h.push(o * s.c[j].tanh()); // E7
        s.blocks.push([i, f, g, o]);
    }
    let scores = w[4 * units..].iter().map(|row| sum(row, &s.h));
    let e: Vec<f64> = scores.map(f64::exp).collect();
    s.p = e.iter().map(|one| one / e.iter().sum::<f64>()).collect(); // softmax
    s
}

/// All steps over a text, and the loss: the mean of −ln p of the character that came next.
fn forward(w: &Weights, text: &[usize], first: &Step) -> (Vec<Step>, f64) {
    let (mut tape, mut loss) = (vec![first.clone()], 0.0);
    for t in 1..text.len() {
        tape.push(step(w, text[t - 1], &tape[t - 1]));
        loss -= tape[t].p[text[t]].ln() / (text.len() - 1) as f64;
    }
    (tape, loss)
}
// ANCHOR_END: forward

// ANCHOR: backward
/// The gradient of the loss with respect to every weight, from the last step to the first.
fn backward(w: &Weights, text: &[usize], tape: &[Step]) -> Weights {
    let units = tape[0].h.len();
    let mut grad: Weights = w.iter().map(|row| vec![0.0; row.len()]).collect();
    let (mut dh, mut dc) = (vec![0.0; units], vec![0.0; units]); // what step t + 1 sends back
    for t in (1..tape.len()).rev() {
        let (s, before) = (&tape[t], &tape[t - 1]);
        for (r, p) in s.p.iter().enumerate() {
            let right = if r == text[t] { 1.0 } else { 0.0 };
            // The gradient of −ln softmax: the probabilities minus the one-hot right answer.
            let (dz, row) = ((p - right) / (tape.len() - 1) as f64, 4 * units + r);
            for j in 0..units {
                grad[row][j] += dz * s.h[j];
                dh[j] += dz * w[row][j]; // E9: the loss reads h
            }
            grad[row][units] += dz;
        }
        let mut dh_before = vec![0.0; units];
        for j in 0..units {
            let ([i, f, g, o], tanh_c) = (s.blocks[j], s.c[j].tanh());
            dc[j] += dh[j] * o * (1.0 - tanh_c * tanh_c); // E11: h and the next c read c
            let da_i = dc[j] * g * i * (1.0 - i); // E12
            let da_f = dc[j] * before.c[j] * f * (1.0 - f); // E13
            let da_g = dc[j] * i * (1.0 - g * g); // E14
            let da_o = dh[j] * tanh_c * o * (1.0 - o); // E10
            for (k, da) in [da_i, da_f, da_g, da_o].into_iter().enumerate() {
                let row = k * units + j;
                for m in 0..units {
                    grad[row][m] += da * before.h[m]; // E16
                    dh_before[m] += da * w[row][m]; // E9: the next step reads h
                }
                grad[row][units] += da; // E16
                grad[row][units + 1 + s.x] += da; // E16
            }
            dc[j] *= f; // E11: what the step before receives
        }
        dh = dh_before;
    }
    grad
}
// ANCHOR_END: backward

// ANCHOR: rest
/// The largest difference between the gradient and (L(w + ε) − L(w − ε)) / 2ε, relative to the sum of
/// their sizes.
fn gradient_error(mut w: Weights, text: &[usize], first: &Step) -> f64 {
    let grad = backward(&w, text, &forward(&w, text, first).0);
    let mut worst = 0.0_f64;
    for (r, row) in grad.iter().enumerate() {
        for (n, analytic) in row.iter().enumerate() {
            let mut loss = |by: f64| {
                w[r][n] += by;
                forward(&w, text, first).1
            };
            let numeric = (loss(1e-5) - loss(-2e-5)) / 2e-5;
            w[r][n] += 1e-5;
            let size = analytic.abs() + numeric.abs() + 1e-4;
            worst = worst.max((analytic - numeric).abs() / size);
        }
    }
    worst
}

/// One update of Adam, the n-th. Returns the loss before it.
fn update(w: &mut Weights, moments: &mut [[f64; 2]], n: i32, text: &[usize], first: &Step) -> f64 {
    let (tape, loss) = forward(w, text, first);
    let grad = backward(w, text, &tape);
    let all = w.iter_mut().flatten().zip(grad.iter().flatten());
    for ((w, g), [m, v]) in all.zip(moments) {
        *m += 0.1 * (g - *m);
        *v += 0.001 * (g * g - *v);
        let (m, v) = (*m / (1.0 - 0.9_f64.powi(n)), *v / (1.0 - 0.999_f64.powi(n)));
        *w -= 0.01 * m / (v.sqrt() + 1e-8);
    }
    loss
}

/// A pseudo-random number from 0 to 1.
fn random(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005);
    *seed = seed.wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 11) as f64 / (1_u64 << 53) as f64
}

fn draw(units: usize, kinds: usize, size: f64, seed: &mut u64) -> Weights {
    let lengths = [units + 1 + kinds].repeat(4 * units).into_iter();
    let lengths = lengths.chain([units + 1].repeat(kinds));
    let mut weight = || size * (2.0 * random(seed) - 1.0);
    let row = |len| (0..len).map(|_| weight()).collect();
    lengths.map(row).collect()
}

/// Draws characters, each from the probabilities that the step before it gave.
fn sample(w: &Weights, start: usize, len: usize, first: &Step, seed: &mut u64) -> Vec<usize> {
    let (mut written, mut s) = (vec![start], step(w, start, first));
    while written.len() < len {
        let (mut next, mut left) = (0, random(seed) - s.p[0]);
        while left > 0.0 && next + 1 < s.p.len() {
            next += 1;
            left -= s.p[next];
        }
        written.push(next);
        s = step(w, next, &s);
    }
    written
}

fn main() {
    let verse = "Shall I compare thee to a summer's day?\n\
        Thou art more lovely and more temperate:\n";
    let mut kinds: Vec<char> = verse.chars().collect();
    kinds.sort();
    kinds.dedup();
    let id = |c| kinds.iter().position(|&kind| kind == c).unwrap();
    let text: Vec<usize> = verse.chars().map(id).collect();
    let mut seed = 1;

    let first = starting_from(vec![0.5, -0.3, 0.2], vec![1.0, -0.8, 0.4]);
    let error = gradient_error(draw(3, kinds.len(), 1.0, &mut seed), &text[..7], &first);
    println!("gradient check: off by {error:.0e}");
    assert!(error < 1e-6);

    let mut w = draw(32, kinds.len(), 0.2, &mut seed);
    let mut moments = vec![[0.0; 2]; w.iter().flatten().count()];
    let first = starting_from(vec![0.0; 32], vec![0.0; 32]);
    for n in 1..=200 {
        let loss = update(&mut w, &mut moments, n, &text, &first);
        if n % 50 == 0 || n == 1 {
            println!("update {n}: loss {loss:.3}");
        }
    }

    let written = sample(&w, id('S'), 120, &first, &mut seed);
    println!("{}", String::from_iter(written.iter().map(|&n| kinds[n])));
}
// ANCHOR_END: rest

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: [usize; 7] = [0, 2, 1, 3, 1, 0, 2];

    fn case() -> (Weights, Step) {
        let first = starting_from(vec![0.5, -0.3, 0.2], vec![1.0, -0.8, 0.4]);
        (draw(3, 4, 1.0, &mut 1), first)
    }

    #[test]
    fn the_gradient_agrees_with_differences_of_the_loss() {
        let (w, first) = case();
        // Differences have a rounding and a step of their own; measured: 2e-8.
        assert!(gradient_error(w, &TEXT, &first) < 1e-6);
    }

    #[test]
    fn the_loss_falls_to_a_tenth() {
        let mut w = draw(16, 4, 0.2, &mut 1);
        let mut moments = vec![[0.0; 2]; w.concat().len()];
        let first = starting_from(vec![0.0; 16], vec![0.0; 16]);
        let losses: Vec<f64> = (1..=200)
            .map(|n| update(&mut w, &mut moments, n, &TEXT, &first))
            .collect();
        assert!((losses[0] - 4.0_f64.ln()).abs() < 0.1, "{}", losses[0]);
        assert!(losses[199] < 0.1 * losses[0], "{}", losses[199]);
    }

    #[test]
    fn what_was_learnt_is_what_is_written() {
        let text: Vec<usize> = TEXT.repeat(3);
        let mut w = draw(16, 4, 0.2, &mut 1);
        let mut moments = vec![[0.0; 2]; w.concat().len()];
        let first = starting_from(vec![0.0; 16], vec![0.0; 16]);
        for n in 1..=500 {
            update(&mut w, &mut moments, n, &text, &first);
        }
        assert_eq!(sample(&w, TEXT[0], 7, &first, &mut 1), TEXT);
    }
}
