//! Arguments of the backward pass that do not fit together, and the messages about them.

use lstm_bptt::{LossGradient, backward_truncated};
use lstm_cell::{State, Tape, sequence};
use lstm_gates::LstmParams;
use nalgebra::{DMatrix, DVector};

/// A change to an argument, and the expected message.
type Misfit<T> = (fn(&mut T), &'static str);

#[test]
fn a_loss_that_does_not_fit_is_named() {
    let p = LstmParams::<f64>::zeros(2, 3);
    let xs = vec![DVector::zeros(2); 4];
    let tape = sequence(&p, &xs, State::zeros(3)).unwrap();
    let good = LossGradient {
        dh: vec![DVector::zeros(3); 4],
        last: State::zeros(3),
    };
    let message = |loss: &LossGradient<f64>, window, mut grad: LstmParams<f64>| {
        backward_truncated(&p, &tape, loss, window, &mut grad)
            .unwrap_err()
            .to_string()
    };
    let fits = || LstmParams::zeros(2, 3);
    assert_eq!(
        message(&good, 0, fits()),
        "the truncation window is 0 steps, expected at least 1"
    );
    let short = LossGradient {
        dh: good.dh[..3].to_vec(),
        ..good.clone()
    };
    assert_eq!(
        message(&short, 4, fits()),
        "the loss has a gradient on 3 steps, the tape has 4"
    );
    let misfits: [Misfit<LossGradient<f64>>; 3] = [
        (
            |loss| loss.dh[1] = DVector::zeros(5),
            "dh_2 has length 5, expected the hidden size 3",
        ),
        (
            |loss| loss.last.h = DVector::zeros(1),
            "dh_T has length 1, expected the hidden size 3",
        ),
        (
            |loss| loss.last.c = DVector::zeros(1),
            "dc_T has length 1, expected the hidden size 3",
        ),
    ];
    for (change, expected) in misfits {
        let mut loss = good.clone();
        change(&mut loss);
        assert_eq!(message(&loss, 4, fits()), expected);
    }
    assert_eq!(
        message(&good, 4, LstmParams::zeros(1, 3)),
        "the gradient to add to: shape mismatch in gate i: w_x is 3×1, expected 3×2"
    );
}

/// D = 2, H = 3, T = 2: the message for weights and a tape after these changes.
fn message_after(
    change_weights: fn(&mut LstmParams<f64>),
    change_tape: fn(&mut Tape<f64>),
) -> String {
    let mut p = LstmParams::zeros(2, 3);
    let mut tape = sequence(&p, &vec![DVector::zeros(2); 2], State::zeros(3)).unwrap();
    change_weights(&mut p);
    change_tape(&mut tape);
    message_of_a_fitting_loss(&p, &tape)
}

/// The message for a tape, with a loss and a gradient that do fit the weights.
fn message_of_a_fitting_loss(p: &LstmParams<f64>, tape: &Tape<f64>) -> String {
    let loss = LossGradient {
        dh: vec![DVector::zeros(p.hidden_size()); tape.seq_len()],
        last: State::zeros(p.hidden_size()),
    };
    let mut grad = LstmParams::zeros(p.input_size(), p.hidden_size());
    let before = grad.clone();
    let result = backward_truncated(p, tape, &loss, 1, &mut grad);
    assert_eq!(grad, before, "a refused tape changed the gradient");
    result.unwrap_err().to_string()
}

#[test]
fn a_tape_that_does_not_fit_is_named() {
    let misfits: [Misfit<Tape<f64>>; 11] = [
        (
            |tape| tape.initial.h = DVector::zeros(4),
            "h_0 of the tape has length 4, expected the hidden size 3",
        ),
        (
            |tape| tape.initial.c = DVector::zeros(2),
            "c_0 of the tape has length 2, expected the hidden size 3",
        ),
        (
            |tape| tape.steps[0].x_t = DVector::zeros(3),
            "x_1 of the tape has length 3, expected the input size 2",
        ),
        (
            |tape| tape.steps[1].x_t = DVector::zeros(1),
            "x_2 of the tape has length 1, expected the input size 2",
        ),
        (
            |tape| tape.steps[1].gates.i_t = DVector::zeros(2),
            "i_2 of the tape has length 2, expected the hidden size 3",
        ),
        (
            |tape| tape.steps[1].gates.f_t = DVector::zeros(2),
            "f_2 of the tape has length 2, expected the hidden size 3",
        ),
        (
            |tape| tape.steps[0].gates.g_t = DVector::zeros(4),
            "g_1 of the tape has length 4, expected the hidden size 3",
        ),
        (
            |tape| tape.steps[1].gates.o_t = DVector::zeros(0),
            "o_2 of the tape has length 0, expected the hidden size 3",
        ),
        (
            |tape| tape.steps[0].c_t = DVector::zeros(2),
            "c_1 of the tape has length 2, expected the hidden size 3",
        ),
        (
            |tape| tape.steps[1].tanh_c_t = DVector::zeros(4),
            "tanh(c_2) of the tape has length 4, expected the hidden size 3",
        ),
        (
            |tape| tape.steps[1].h_t = DVector::zeros(1),
            "h_2 of the tape has length 1, expected the hidden size 3",
        ),
    ];
    for (change, expected) in misfits {
        assert_eq!(message_after(|_| (), change), expected);
    }
}

#[test]
fn a_tape_of_other_weights_is_named() {
    let p = LstmParams::<f64>::zeros(2, 3);
    let message = |input_size, hidden_size, seq_len| {
        let other = LstmParams::zeros(input_size, hidden_size);
        let xs = vec![DVector::zeros(input_size); seq_len];
        let tape = sequence(&other, &xs, State::zeros(hidden_size)).unwrap();
        message_of_a_fitting_loss(&p, &tape)
    };
    let other_h = "h_0 of the tape has length 4, expected the hidden size 3";
    assert_eq!(message(2, 4, 2), other_h);
    assert_eq!(message(2, 4, 0), other_h);
    assert_eq!(
        message(5, 3, 2),
        "x_1 of the tape has length 5, expected the input size 2"
    );
}

#[test]
fn weights_that_are_no_lstm_are_named() {
    let misfits: [Misfit<LstmParams<f64>>; 2] = [
        (
            |p| p.f.w_h = DMatrix::zeros(3, 2),
            "the weights: shape mismatch in gate f: w_h is 3×2, expected 3×3",
        ),
        (
            |p| p.o.w_x = DMatrix::zeros(2, 2),
            "the weights: shape mismatch in gate o: w_x is 2×2, expected 3×2",
        ),
    ];
    for (change, expected) in misfits {
        assert_eq!(message_after(change, |_| ()), expected);
    }
}
