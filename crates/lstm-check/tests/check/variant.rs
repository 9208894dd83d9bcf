//! The LSTM with options: without them it is the spec's, and every gradient agrees with two oracles.

mod example;
mod parameters;

use example::{SPEC, Shape, computation, shapes};
use lstm_bptt::oracle::{central_gradient, disagreement, dual_gradient};
use lstm_cell::State;
use lstm_check::Mistake;
use lstm_check::variant::{Padding, first_steps};
use nalgebra::DVector;
use parameters::{LossOf, flat, tensors};

#[test]
fn every_gradient_of_every_option_is_the_oracles() {
    for (n, shape) in shapes().into_iter().enumerate() {
        let computation = computation(shape, n as u64 + 1);
        let found = flat(&computation.backward(&computation.forward(None), None));
        let weights: Vec<_> = computation.directions().map(|d| &d.weights).collect();
        let theta: Vec<f64> = tensors(&weights, &computation.x, &computation.initial)
            .into_iter()
            .flat_map(|(_, numbers)| numbers)
            .collect();
        let dual = dual_gradient(&LossOf(&computation), &theta);
        let central = central_gradient(&LossOf(&computation), &theta);
        let mut first = 0;
        for (name, found) in found {
            let range = first..first + found.len();
            first = range.end;
            for (oracle, tolerance) in [(&dual, 1e-13), (&central, 1e-7)] {
                let worst = disagreement(&found, &oracle[range.clone()]);
                assert!(
                    worst.relative < tolerance,
                    "{shape:?}: {name}[{}] is {}, the oracle says {}",
                    worst.index,
                    worst.analytic,
                    worst.oracle
                );
            }
        }
        assert_eq!(first, theta.len());
    }
}

#[test]
fn padding_anywhere_keeps_the_state_and_repeats_the_latest_output() {
    let shape = Shape {
        padding: Padding::Repeat,
        second: &[1, 3],
        ..SPEC
    };
    let with_gaps = computation(shape, 11);
    let mut without = with_gaps.clone();
    let x = &with_gaps.x[1];
    without.x = vec![vec![x[1].clone(), x[3].clone()]];
    without.steps = first_steps(&[2]);
    without.initial[0].remove(0);
    without.loss.last[0].remove(0);
    without.loss.wy = vec![vec![DVector::zeros(3); 2]];
    let (found, expected) = (with_gaps.forward(None), without.forward(None));
    let [first, second] = [0, 1].map(|t| expected.y[0][t].clone());
    let y = [DVector::zeros(3), first.clone(), first, second];
    assert_eq!(found.y[1], y);
    assert_eq!(found.last[0][1], expected.last[0][0]);
}

#[test]
fn without_options_it_is_the_cell_of_the_spec() {
    use lstm_bptt::{LossGradient, backward};
    use lstm_gates::{Gate, LstmParams};

    let computation = computation(SPEC, 7);
    let direction = &computation.layers[0][0];
    let [i, f, g, o] = direction.weights.blocks.each_ref().map(|block| Gate {
        w_x: block.w_x.clone(),
        w_h: block.w_h.clone(),
        b: &block.b_x + &block.b_h,
    });
    let params = LstmParams::new(i, f, g, o).unwrap();
    let outcome = computation.forward(None);
    let gradients = computation.backward(&outcome, None);
    let mut grad = LstmParams::zeros(2, 3);
    for b in 0..2 {
        let tape = lstm_cell::sequence(
            &params,
            &computation.x[b],
            computation.initial[0][b].clone(),
        )
        .unwrap();
        for (step, y) in tape.steps.iter().zip(&outcome.y[b]) {
            approx::assert_relative_eq!(step.h_t, *y, epsilon = 1e-15);
        }
        let loss = LossGradient {
            dh: computation.loss.wy[b].clone(),
            last: computation.loss.last[0][b].clone(),
        };
        let back = backward(&params, &tape, &loss, &mut grad).unwrap();
        approx::assert_relative_eq!(back.initial.c, gradients.initial[0][b].c, epsilon = 1e-14);
        approx::assert_relative_eq!(back.initial.h, gradients.initial[0][b].h, epsilon = 1e-14);
    }
    for (gate, block) in grad.blocks().into_iter().zip(&gradients.weights[0].blocks) {
        approx::assert_relative_eq!(gate.w_x, block.w_x, epsilon = 1e-14);
        approx::assert_relative_eq!(gate.w_h, block.w_h, epsilon = 1e-14);
        approx::assert_relative_eq!(gate.b, block.b_x, epsilon = 1e-14);
        approx::assert_relative_eq!(gate.b, block.b_h, epsilon = 1e-14);
    }
}

/// The loss with the state held fixed at the edge of a window is what truncation differentiates.
#[test]
fn truncation_is_the_gradient_of_each_window_alone() {
    let shape = Shape {
        window: Some(3),
        ..SPEC
    };
    let whole = computation(shape, 5);
    let outcome = whole.forward(None);
    let found = whole.backward(&outcome, None);
    let part = |steps: std::ops::Range<usize>, initial: Vec<State<f64>>, is_last: bool| {
        let mut part = whole.clone();
        part.window = None;
        part.steps = first_steps(&[steps.len(); 2]);
        part.initial = vec![initial];
        part.x
            .iter_mut()
            .for_each(|x| *x = x[steps.clone()].to_vec());
        part.loss
            .wy
            .iter_mut()
            .for_each(|w| *w = w[steps.clone()].to_vec());
        if !is_last {
            let last = part.loss.last.iter_mut().flatten();
            last.for_each(|state| {
                state.h.fill(0.0);
                state.c.fill(0.0);
            });
        }
        part
    };
    let first = part(0..3, whole.initial[0].clone(), false);
    let outcome = first.forward(None);
    let first_gradients = first.backward(&outcome, None);
    let second = part(3..4, outcome.last[0].clone(), true);
    let second_gradients = second.backward(&second.forward(None), None);
    for k in 0..4 {
        let sum =
            &first_gradients.weights[0].blocks[k].w_h + &second_gradients.weights[0].blocks[k].w_h;
        approx::assert_relative_eq!(found.weights[0].blocks[k].w_h, sum, epsilon = 1e-14);
    }
    assert_eq!(found.initial, first_gradients.initial);
}

#[test]
fn a_mistake_that_applies_changes_something() {
    let forward = |m: Mistake, shape: Shape| {
        let computation = computation(shape, 3);
        let (right, wrong) = (computation.forward(None), computation.forward(Some(m)));
        (&right.y, &right.last) != (&wrong.y, &wrong.last)
    };
    let backward = |m: Mistake, shape: Shape| {
        let computation = computation(shape, 3);
        let outcome = computation.forward(None);
        flat(&computation.backward(&outcome, None))
            != flat(&computation.backward(&outcome, Some(m)))
    };
    let truncated = Shape {
        window: Some(2),
        ..SPEC
    };
    let shapes = || shapes().into_iter().chain([truncated]);
    for m in Mistake::forward() {
        assert!(shapes().any(|shape| forward(m, shape)), "{m:?}");
    }
    for m in Mistake::backward() {
        assert!(
            shapes().into_iter().any(|shape| backward(m, shape)),
            "{m:?}"
        );
    }
}
