//! Statements of the article, tested: the errata that no crate tests.

use crate::vectors::Vectors;
use lstm_gates::{
    Gate, LstmParams, candidate, forget_gate, input_gate, preactivation, tanh, tanh_derivative,
};
use lstm_model::{Alone, BatchState, Batched, Head, Input, Layer, Pass, Span, softmax};
use lstm_text::{Vocabulary, Windows};
use nalgebra::{DMatrix, DVector, dvector};

/// Numbers without any symmetry, of order 1.
fn wave(n: usize) -> f64 {
    (1.7 * n as f64 + 0.3).sin()
}

fn matrix(rows: usize, columns: usize, from: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |r, c| wave(from + r * columns + c))
}

fn vector(len: usize, from: usize) -> DVector<f64> {
    DVector::from_fn(len, |j, _| wave(from + j))
}

fn params(d: usize, h: usize) -> LstmParams<f64> {
    let mut p = LstmParams::zeros(d, h);
    for (n, w) in p.slices_mut().into_iter().flatten().enumerate() {
        *w = wave(n);
    }
    p
}

/// The article's formula 1 is its formula 2: the input gate would be the forget gate.
#[test]
fn with_formula_one_as_printed_the_input_gate_is_the_forget_gate() {
    let mut printed = params(3, 4);
    printed.i = printed.f.clone();
    let right = params(3, 4);
    for n in 0..20 {
        let (x_t, h_prev) = (vector(3, 7 * n), vector(4, 11 * n));
        let gates = |p| (input_gate(p, &x_t, &h_prev), forget_gate(p, &x_t, &h_prev));
        let (i_t, f_t) = gates(&printed);
        assert_eq!(i_t, f_t);
        let (i_t, f_t) = gates(&right);
        assert!((i_t - f_t).amax() > 0.01);
    }
}

/// One W for x_t and h_{t−1}.
#[test]
fn one_matrix_for_two_vectors_does_not_fit_unless_they_are_equally_long() {
    let tied = |d: usize, h: usize| {
        let mut p = params(d, h);
        p.i.w_h = p.i.w_x.clone();
        p
    };
    for (d, h) in [(1, 256), (3, 4), (5, 2)] {
        let message = tied(d, h).check().unwrap_err().to_string();
        assert_eq!(
            message,
            format!("shape mismatch in gate i: w_h is {h}×{d}, expected {h}×{h}")
        );
    }
    assert!(tied(4, 4).check().is_ok());
}

/// If they are, such a gate depends on x_t + h_{t−1} alone.
#[test]
fn one_matrix_for_two_vectors_cannot_tell_the_input_from_the_past() {
    let apart = Gate {
        w_x: matrix(4, 4, 0),
        w_h: matrix(4, 4, 50),
        b: vector(4, 90),
    };
    let tied = Gate {
        w_h: apart.w_x.clone(),
        ..apart.clone()
    };
    let (x_t, h_prev) = (vector(4, 100), vector(4, 200));
    let swapped =
        |gate| (preactivation(gate, &x_t, &h_prev) - preactivation(gate, &h_prev, &x_t)).amax();
    assert!(swapped(&tied) < 1e-15);
    assert!(swapped(&apart) > 0.1);
}

/// tanh is not the hyperbolic sine.
#[test]
fn a_hyperbolic_sine_would_leave_the_candidates_range_and_have_another_slope() {
    let mut p = LstmParams::<f64>::zeros(1, 1);
    for a in [-3.0_f64, -1.0, 1.0, 3.0] {
        p.g.b[0] = a;
        let g_t = candidate(&p, &dvector![0.0], &dvector![0.0])[0];
        assert!(g_t.abs() < 1.0);
        assert!(a.sinh().abs() > 1.0);
        assert!((g_t - a.sinh() / a.cosh()).abs() < 1e-15);
        // 1 − y² is the slope of tanh; of sinh it has not even the sign.
        assert!((tanh_derivative(tanh(a)) - 1.0 / (a.cosh() * a.cosh())).abs() < 1e-15);
        assert!(tanh_derivative(a.sinh()) < 0.0 && a.cosh() > 0.0);
    }
}

/// h_t is not a prediction: that needs a head and a softmax.
#[test]
fn what_a_layer_shows_is_no_distribution_and_what_the_head_makes_of_it_is() {
    let p = params(2, 3);
    let h_t = lstm_cell::step(&p, &vector(2, 5), &lstm_cell::State::zeros(3)).h_t;
    assert!(h_t.min() < 0.0);
    let head = Head {
        w: matrix(5, 3, 40),
        b: vector(5, 70),
    };
    let logits = head.logits(&DMatrix::from_column_slice(3, 1, h_t.as_slice()));
    let p_t = softmax(logits.as_slice());
    assert!(p_t.iter().all(|&p| 0.0 < p && p < 1.0));
    assert!((p_t.iter().sum::<f64>() - 1.0).abs() < 1e-15);
}

/// Keras' `LSTM(256)` without `return_sequences=True` gives h_T alone.
#[test]
fn the_last_state_alone_makes_one_prediction_where_the_targets_ask_for_a_hundred() {
    const T: usize = 100;
    const B: usize = 2;
    const V: usize = 3;
    let layer = Batched::from_params(&params(1, 4));
    let head = Head {
        w: matrix(V, 4, 40),
        b: vector(V, 70),
    };
    let x = matrix(1, T * B, 0);
    let out = layer.forward(Pass {
        input: Input::Dense(&x),
        initial: &BatchState::zeros(4, B),
        span: Span::full(T, B),
        team: &Alone,
    });
    let ids: Vec<u32> = (0..T as u32 + 2).map(|n| n % V as u32).collect();
    let targets = Windows::new(&ids, T).unwrap().batch(&[0, 1]).targets;
    assert_eq!(head.logits(&out.outputs).shape(), (V, targets.len()));
    assert_eq!(head.logits(&out.last.h).shape(), (V, targets.len() / T));
    // The last step's output is the last state, so the mistake shows nowhere else.
    let last_step = out.outputs.columns((T - 1) * B, B).into_owned();
    assert_eq!(last_step, out.last.h);
}

/// The index of a letter, used as a number, puts the letters in an order.
#[test]
fn a_letter_as_one_number_lies_between_its_neighbours_for_every_gate() {
    let vocabulary = Vocabulary::from_text("abc").unwrap();
    let kinds = vocabulary.len();
    let id = |letter| vocabulary.id(letter).unwrap() as usize;
    for n in 0..100 {
        let mut p = LstmParams::<f64>::zeros(1, 1);
        (p.i.w_x[0], p.i.b[0]) = (40.0 * wave(2 * n), 20.0 * wave(2 * n + 1));
        let open = |letter| {
            let x_t = dvector![id(letter) as f64 / kinds as f64];
            input_gate(&p, &x_t, &dvector![0.0])[0]
        };
        let (a, b, c) = (open('a'), open('b'), open('c'));
        assert!(
            a.min(c) <= b && b <= a.max(c),
            "a gate tells b from a and c: {a} {b} {c}"
        );
    }
    // With one-hot inputs it opens for b alone.
    let mut p = LstmParams::<f64>::zeros(kinds, 1);
    p.i.w_x.fill(-20.0);
    p.i.w_x[(0, id('b'))] = 20.0;
    let open = |letter| {
        let mut x_t = DVector::zeros(kinds);
        x_t[id(letter)] = 1.0;
        input_gate(&p, &x_t, &dvector![0.0])[0]
    };
    assert!(open('b') > 0.999 && open('a') < 0.001 && open('c') < 0.001);
}

/// Dense one-hot targets of every window, counted for a small text and computed for a large one.
#[test]
fn dense_targets_of_windows_at_stride_one_take_thousands_of_times_the_text() {
    // (N − T) windows of T targets of V numbers.
    let dense = |n: u64, t: u64, v: u64| (n - t) * t * v;
    let text = "to be or not to be, that is the question. ".repeat(10);
    let vocabulary = Vocabulary::from_text(&text).unwrap();
    let ids = vocabulary.encode(&text).unwrap();
    let windows = Windows::new(&ids, 100).unwrap();
    let targets: usize = (0..windows.len()).map(|i| windows.target(i).len()).sum();
    let counted = targets * vocabulary.len();
    let [n, v] = [ids.len(), vocabulary.len()].map(|n| n as u64);
    assert_eq!(counted as u64, dense(n, 100, v));

    // tiny-shakespeare: 1 115 394 characters of 65 kinds.
    let numbers = dense(1_115_394, 100, 65);
    assert_eq!(numbers, 7_249_411_000);
    assert_eq!(4 * numbers / 1_000_000_000, 28); // 29 GB in single precision
    assert_eq!(8 * numbers / 1_000_000_000, 57); // 58 GB in double
    assert_eq!(numbers / 1_115_394, 6499); // for each character of the text
}

/// For every D and H a layer learns eight matrices and four biases.
#[test]
fn a_layer_has_eight_matrices_and_four_biases_and_nothing_else_to_learn() {
    for (d, h) in [(1, 256), (256, 256), (3, 4), (7, 1)] {
        let p = LstmParams::<f32>::zeros(d, h);
        let (mut matrices, mut biases, mut numbers) = (0, 0, 0);
        for gate in p.blocks() {
            assert_eq!(
                (gate.w_x.shape(), gate.w_h.shape(), gate.b.len()),
                ((h, d), (h, h), h)
            );
            matrices += 2;
            biases += 1;
            numbers += gate.w_x.len() + gate.w_h.len() + gate.b.len();
        }
        assert_eq!((matrices, biases), (8, 4));
        assert_eq!(numbers, 4 * (h * d + h * h + h));
        assert_eq!(numbers, p.parameter_count());
    }
}

/// The numbers that PyTorch stores for a layer, counted in a recorded one.
#[test]
fn pytorch_stores_a_second_bias_for_every_block() {
    let v = Vectors::load("one_layer");
    let (d, h) = (v.size("input_size"), v.size("hidden_size"));
    let names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
    let stored: usize = names.iter().map(|name| v.get(name).len()).sum();
    assert_eq!(stored, 4 * (h * d + h * h + 2 * h));
    assert_eq!(4 * (256 + 256 * 256 + 2 * 256), 265_216); // the article's first layer
    assert_ne!(v.get("bias_ih_l0"), v.get("bias_hh_l0"));
}
