//! A gradient check of one layer, with and without the error carousel.
//!
//! θ is everything that the loss depends on: the twelve tensors of the weights, h_0, c_0 and
//! x_1 … x_T. The loss is L = Σ_t r_t · h_t + s · c_T with random r and s, so that it depends on every
//! output.

use crate::mailbox::{CAPACITY, Inbox, answer, in_range};
use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_bptt::{LossGradient, accumulate, backward, step_back};
use lstm_cell::{State, Tape, sequence};
use lstm_gates::LstmParams;
use lstm_model::Purpose;
use nalgebra::{DVector, RealField, convert};
use rand::RngExt;

/// The fifteen tensors of θ.
pub const TENSORS: [&str; 15] = [
    "W_xi", "W_hi", "b_i", "W_xf", "W_hf", "b_f", "W_xg", "W_hg", "b_g", "W_xo", "W_ho", "b_o",
    "h_0", "c_0", "x",
];

/// The sizes of the layer.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    d: usize,
    h: usize,
    t: usize,
}

impl Sizes {
    /// The lengths of the fifteen tensors of θ: w_x, w_h, b of i, f, g, o; h_0, c_0, x.
    fn tensors(self) -> Vec<usize> {
        let Self { d, h, t } = self;
        let mut lengths = [h * d, h * h, h].repeat(4);
        lengths.extend([h, h, t * d]);
        lengths
    }

    fn theta(self) -> usize {
        self.tensors().iter().sum()
    }

    /// r_1 … r_T and s.
    fn loss_weights(self) -> usize {
        (self.t + 1) * self.h
    }
}

/// A θ of order 1, and the weights of the loss.
pub fn start(mailbox: &mut [f64], d: usize, h: usize, t: usize) -> Option<usize> {
    if !in_range(&[d, h, t]) {
        return None;
    }
    let sizes = Sizes { d, h, t };
    let mut rng = Purpose::Check.rng(4, 0, 0);
    // Two decimals: what a slider shows is then all there is.
    let mut draw = || (rng.random_range(-1.0..1.0_f64) * 100.0).round() / 100.0;
    let numbers: Vec<f64> = (0..sizes.theta() + sizes.loss_weights())
        .map(|_| draw())
        .collect();
    answer(mailbox, &numbers)
}

/// The gradient of the loss in three ways. In: θ, r, s. Out: L; ∂L/∂θ by BPTT, by dual numbers, by
/// central differences; the difference of BPTT from the dual numbers and from the central
/// differences, relative to the largest element of the tensor; then for each of the fifteen tensors
/// the largest of either difference with its index. Without `carousel` BPTT omits the second term of
/// E11.
pub fn gradcheck(
    mailbox: &mut [f64],
    d: usize,
    h: usize,
    t: usize,
    carousel: bool,
) -> Option<usize> {
    if !in_range(&[d, h, t]) {
        return None;
    }
    let sizes = Sizes { d, h, t };
    let mut inbox = Inbox::new(mailbox);
    let theta = inbox.slice(sizes.theta())?.to_vec();
    let loss = Loss {
        sizes,
        r: inbox.vectors(t, h)?,
        s: inbox.vector(h)?,
    };
    let bptt = loss.bptt(&theta, carousel);
    let dual = dual_gradient(&loss, &theta);
    let central = central_gradient(&loss, &theta);
    let mut out = vec![loss.eval(&theta)];
    for gradient in [&bptt, &dual, &central] {
        out.extend(gradient);
    }
    let mut worst = Vec::new();
    for oracle in [&dual, &central] {
        let (mut from, mut of_oracle) = (0, Vec::new());
        for len in sizes.tensors() {
            let (analytic, oracle) = (&bptt[from..from + len], &oracle[from..from + len]);
            // One element at a time; all others are set to agree.
            out.extend((0..len).map(|k| {
                let mut alone = oracle.to_vec();
                alone[k] = analytic[k];
                disagreement(&alone, oracle).relative
            }));
            let tensor = disagreement(analytic, oracle);
            of_oracle.push([tensor.relative, (from + tensor.index) as f64]);
            from += len;
        }
        worst.push(of_oracle);
    }
    for (dual, central) in worst[0].iter().zip(&worst[1]) {
        out.extend(dual.iter().chain(central));
    }
    answer(mailbox, &out)
}

/// The largest difference of each tensor between BPTT and the dual numbers, at the θ of [`start`].
///
/// # Panics
/// If a size is out of range.
pub fn disagreements((d, h, t): (usize, usize, usize), carousel: bool) -> Vec<f64> {
    let mut mailbox = vec![0.0; CAPACITY];
    start(&mut mailbox, d, h, t).expect("sizes in range");
    let len = gradcheck(&mut mailbox, d, h, t, carousel).expect("sizes in range");
    let tensors = mailbox[len - 4 * TENSORS.len()..len].chunks(4);
    tensors.map(|worst| worst[0]).collect()
}

/// L as a function of θ.
struct Loss {
    sizes: Sizes,
    r: Vec<DVector<f64>>,
    s: DVector<f64>,
}

impl ScalarFunction for Loss {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let (_, tape) = self.forward(theta);
        let mut loss = T::zero();
        for (r_t, step) in self.r.iter().zip(&tape.steps) {
            loss += r_t.map(convert).dot(&step.h_t);
        }
        loss + self.s.map(convert).dot(&tape.last().c)
    }
}

impl Loss {
    fn forward<T: RealField + Copy>(&self, theta: &[T]) -> (LstmParams<T>, Tape<T>) {
        let Sizes { d, h, t } = self.sizes;
        let mut rest = theta;
        let mut take = |n: usize| {
            let (taken, after) = rest.split_at(n);
            rest = after;
            taken
        };
        let mut p = LstmParams::zeros(d, h);
        for tensor in p.slices_mut() {
            tensor.copy_from_slice(take(tensor.len()));
        }
        let initial = State {
            h: DVector::from_column_slice(take(h)),
            c: DVector::from_column_slice(take(h)),
        };
        let xs: Vec<_> = (0..t)
            .map(|_| DVector::from_column_slice(take(d)))
            .collect();
        let tape = sequence(&p, &xs, initial).expect("θ has the layer's sizes");
        (p, tape)
    }

    /// ∂L/∂θ by E9–E17.
    fn bptt(&self, theta: &[f64], carousel: bool) -> Vec<f64> {
        let Sizes { d, h, .. } = self.sizes;
        let (p, tape) = self.forward(theta);
        let loss = LossGradient {
            dh: self.r.clone(),
            last: State {
                h: DVector::zeros(h),
                c: self.s.clone(),
            },
        };
        let mut grad = LstmParams::zeros(d, h);
        let (initial, dx) = if carousel {
            let back = backward(&p, &tape, &loss, &mut grad).expect("shapes of one layer");
            (back.initial, back.dx)
        } else {
            without_carousel(&p, &tape, &loss, &mut grad)
        };
        let mut gradient = grad.slices().concat();
        gradient.extend(initial.h.iter());
        gradient.extend(initial.c.iter());
        gradient.extend(dx.iter().flatten());
        gradient
    }
}

/// The mistake: a [`backward`] that omits dc_{t+1} ⊙ f_{t+1} between steps, as if only h_t depended
/// on c_t.
fn without_carousel(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    grad: &mut LstmParams<f64>,
) -> (State<f64>, Vec<DVector<f64>>) {
    let mut dx = Vec::new();
    let State { h, c } = loss.last.clone();
    let (mut dh_next, mut dc_next) = (h, c);
    for (t, step) in tape.steps.iter().enumerate().rev() {
        let dh_t = &loss.dh[t] + &dh_next;
        let back = step_back(p, step, tape.c_prev(t), &dh_t, &dc_next);
        accumulate(grad, &back.gates, &step.x_t, tape.h_prev(t));
        dx.push(back.dx_t);
        (dh_next, dc_next) = (back.dh_prev, back.dc_prev);
        if t > 0 {
            dc_next.fill(0.0);
        }
    }
    dx.reverse();
    let initial = State {
        h: dh_next,
        c: dc_next,
    };
    (initial, dx)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { d: 2, h: 3, t: 6 };

    /// The largest difference of BPTT from the dual numbers and from the central differences.
    fn worst(carousel: bool) -> (f64, f64) {
        let mut mailbox = vec![0.0; CAPACITY];
        let Sizes { d, h, t } = SIZES;
        start(&mut mailbox, d, h, t).unwrap();
        let n = gradcheck(&mut mailbox, d, h, t, carousel).unwrap();
        assert_eq!(n, 1 + 5 * SIZES.theta() + 4 * TENSORS.len());
        let tensors = mailbox[n - 4 * TENSORS.len()..n].chunks(4);
        tensors.fold((0.0, 0.0), |m: (f64, f64), w| {
            (m.0.max(w[0]), m.1.max(w[2]))
        })
    }

    #[test]
    fn three_ways_agree_and_without_the_carousel_they_differ() {
        let (dual, central) = worst(true);
        assert!(dual < 1e-13 && central < 1e-8, "{dual:e} {central:e}");
        let (dual, central) = worst(false);
        assert!(dual > 0.1 && central > 0.1, "{dual} {central}");
    }

    #[test]
    fn sizes_out_of_range_get_no_answer() {
        let mut mailbox = vec![0.0; CAPACITY];
        assert_eq!(gradcheck(&mut mailbox, 0, 3, 4, true), None);
        assert_eq!(gradcheck(&mut mailbox, 2, 65, 4, true), None);
        assert_eq!(gradcheck(&mut mailbox, 64, 64, 64, true), None);
        assert_eq!(start(&mut mailbox, 64, 64, 64), None);
    }
}
