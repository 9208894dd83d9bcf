//! A gradient check of one layer, of a right backward pass and of wrong ones.
//!
//! θ is everything that the loss depends on: the twelve tensors of the weights, h_0, c_0 and
//! x_1 … x_T. The loss is L = Σ_t r_t · h_t + s · c_T with random r and s, so that it depends on every
//! output.

use crate::mailbox::{CAPACITY, Inbox, answer, in_range};
use crate::mistake::Mistake;
use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_bptt::{LossGradient, backward};
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
/// the largest of either difference with its index. `mistake` is 0 for none, n for the n-th of
/// [`Mistake::ALL`].
pub fn gradcheck(
    mailbox: &mut [f64],
    d: usize,
    h: usize,
    t: usize,
    mistake: usize,
) -> Option<usize> {
    if !in_range(&[d, h, t]) || mistake > Mistake::ALL.len() {
        return None;
    }
    let mistake = mistake.checked_sub(1).map(|n| Mistake::ALL[n]);
    let sizes = Sizes { d, h, t };
    let mut inbox = Inbox::new(mailbox);
    let theta = inbox.slice(sizes.theta())?.to_vec();
    let loss = Loss {
        sizes,
        r: inbox.vectors(t, h)?,
        s: inbox.vector(h)?,
    };
    let bptt = loss.bptt(&theta, mistake);
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
pub fn disagreements((d, h, t): (usize, usize, usize), mistake: Option<Mistake>) -> Vec<f64> {
    let number = Mistake::ALL.iter().position(|&one| Some(one) == mistake);
    let mut mailbox = vec![0.0; CAPACITY];
    start(&mut mailbox, d, h, t).expect("sizes in range");
    let len =
        gradcheck(&mut mailbox, d, h, t, number.map_or(0, |n| n + 1)).expect("sizes in range");
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

    /// ∂L/∂θ by E9–E17, with a mistake or without.
    fn bptt(&self, theta: &[f64], mistake: Option<Mistake>) -> Vec<f64> {
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
        let (initial, dx) = if let Some(mistake) = mistake {
            mistake.backward(&p, &tape, &loss, &mut grad)
        } else {
            let back = backward(&p, &tape, &loss, &mut grad).expect("shapes of one layer");
            (back.initial, back.dx)
        };
        let mut gradient = grad.slices().concat();
        gradient.extend(initial.h.iter());
        gradient.extend(initial.c.iter());
        gradient.extend(dx.iter().flatten());
        gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { d: 2, h: 3, t: 6 };

    /// The largest difference of BPTT from the dual numbers and from the central differences.
    fn worst(mistake: usize) -> (f64, f64) {
        let mut mailbox = vec![0.0; CAPACITY];
        let Sizes { d, h, t } = SIZES;
        start(&mut mailbox, d, h, t).unwrap();
        let n = gradcheck(&mut mailbox, d, h, t, mistake).unwrap();
        assert_eq!(n, 1 + 5 * SIZES.theta() + 4 * TENSORS.len());
        let tensors = mailbox[n - 4 * TENSORS.len()..n].chunks(4);
        tensors.fold((0.0, 0.0), |m: (f64, f64), w| {
            (m.0.max(w[0]), m.1.max(w[2]))
        })
    }

    #[test]
    fn three_ways_agree_and_with_any_mistake_they_differ() {
        let (dual, central) = worst(0);
        assert!(dual < 1e-13 && central < 1e-8, "{dual:e} {central:e}");
        for mistake in 1..=Mistake::ALL.len() {
            let (dual, central) = worst(mistake);
            assert!(dual > 0.1 && central > 0.1, "{mistake}: {dual} {central}");
        }
    }

    #[test]
    fn sizes_out_of_range_get_no_answer() {
        let mut mailbox = vec![0.0; CAPACITY];
        assert_eq!(gradcheck(&mut mailbox, 0, 3, 4, 0), None);
        assert_eq!(gradcheck(&mut mailbox, 2, 65, 4, 0), None);
        assert_eq!(gradcheck(&mut mailbox, 64, 64, 64, 0), None);
        assert_eq!(gradcheck(&mut mailbox, 2, 3, 4, 7), None);
        assert_eq!(start(&mut mailbox, 64, 64, 64), None);
    }
}
