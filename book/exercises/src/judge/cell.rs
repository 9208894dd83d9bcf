//! The cell.

use super::case::{Case, H, case};
use super::known::{Forward, forward};
use super::{Tensors, Verdict, agree, equal, gates, list};
use lstm_cell::{State, Step, Tape};
use lstm_gates::{GateValues, LstmParams};
use nalgebra::DVector;

pub fn cell_state(answer: fn(&GateValues<f64>, &DVector<f64>) -> DVector<f64>) -> Verdict {
    let Case { tape, initial, .. } = case();
    let (k, c_prev) = (&tape.steps[0].gates, &initial.c);
    let c = |v: DVector<f64>| vec![list("c_t", v.as_slice())];
    let wrong = |rule: Forward| c(rule.cell_state(k, c_prev));
    let suspects: Vec<_> = forward()
        .into_iter()
        .map(|(what, rule)| (what, wrong(rule)))
        .collect();
    let right = lstm_cell::cell_state(k, c_prev);
    agree(&c(answer(k, c_prev)), &c(right), &suspects)
}

pub fn hidden_state(answer: fn(&DVector<f64>, &DVector<f64>) -> DVector<f64>) -> Verdict {
    let Step {
        gates, tanh_c_t, ..
    } = &case().tape.steps[0];
    let h = |v: DVector<f64>| vec![list("h_t", v.as_slice())];
    let twice = gates.o_t.component_mul(&tanh_c_t.map(f64::tanh));
    let suspects = [
        ("tanh is applied to c_t twice", h(twice)),
        ("o_t is left out", h(tanh_c_t.clone())),
        ("o_t is added and not multiplied", h(&gates.o_t + tanh_c_t)),
    ];
    let right = lstm_cell::hidden_state(&gates.o_t, tanh_c_t);
    agree(&h(answer(&gates.o_t, tanh_c_t)), &h(right), &suspects)
}

pub fn step(answer: fn(&LstmParams<f64>, &DVector<f64>, &State<f64>) -> Step<f64>) -> Verdict {
    let Case { p, xs, initial, .. } = case();
    let found = answer(&p, &xs[0], &initial);
    let right = lstm_cell::step(&p, &xs[0], &initial);
    let k = &right.gates;
    let with = |change: fn(&mut Step<f64>, DVector<f64>), value: DVector<f64>| {
        let mut wrong = right.clone();
        change(&mut wrong, value);
        values("", &wrong)
    };
    let from_h = k.f_t.component_mul(&initial.h) + k.i_t.component_mul(&k.g_t);
    let mut suspects = vec![
        (
            "h_(t-1) is used instead of c_(t-1)",
            with(|s, v| s.c_t = v, from_h),
        ),
        (
            "tanh_c_t is c_t itself",
            with(|s, v| s.tanh_c_t = v, right.c_t.clone()),
        ),
        (
            "the tanh of the cell is left out",
            with(|s, v| s.h_t = v, k.o_t.component_mul(&right.c_t)),
        ),
        (
            "the gates read c_(t-1) instead of h_(t-1)",
            gates::values(&lstm_gates::gates(&p, &xs[0], &initial.c)),
        ),
    ];
    let wrong = |rule: Forward| values("", &rule.step(&p, &xs[0], &initial));
    suspects.extend(
        forward()
            .into_iter()
            .map(|(what, rule)| (what, wrong(rule))),
    );
    agree(&values("", &found), &values("", &right), &suspects)
}

pub fn sequence(answer: fn(&LstmParams<f64>, &[DVector<f64>], State<f64>) -> Tape<f64>) -> Verdict {
    let Case {
        p,
        xs,
        initial,
        tape,
        ..
    } = case();
    let found = answer(&p, &xs, initial.clone());
    equal(
        "the number of steps on the tape",
        &found.steps.len(),
        &xs.len(),
        &[],
    )?;
    let always = |state: &State<f64>| Tape {
        initial: initial.clone(),
        steps: xs
            .iter()
            .map(|x_t| lstm_cell::step(&p, x_t, state))
            .collect(),
    };
    let from_zero = lstm_cell::sequence(&p, &xs, State::zeros(H)).expect("the shapes fit");
    let mut suspects = vec![
        (
            "every step starts from the initial state",
            tensors(&always(&initial)),
        ),
        (
            "every step starts from zero",
            tensors(&always(&State::zeros(H))),
        ),
        (
            "the sequence starts from zero and not from the initial state",
            tensors(&from_zero),
        ),
    ];
    let wrong = |rule: Forward| tensors(&rule.sequence(&p, &xs, &initial));
    suspects.extend(
        forward()
            .into_iter()
            .map(|(what, rule)| (what, wrong(rule))),
    );
    agree(&tensors(&found), &tensors(&tape), &suspects)
}

fn tensors(tape: &Tape<f64>) -> Tensors {
    let mut all = vec![
        list("tape.initial.h", tape.initial.h.as_slice()),
        list("tape.initial.c", tape.initial.c.as_slice()),
    ];
    for (t, s) in tape.steps.iter().enumerate() {
        all.extend(values(&format!("tape.steps[{t}]."), s));
    }
    all
}

/// A step's values by name.
pub(super) fn values(prefix: &str, s: &Step<f64>) -> Tensors {
    let mut all = vec![list("x_t", s.x_t.as_slice())];
    all.extend(gates::values(&s.gates));
    all.extend([
        list("c_t", s.c_t.as_slice()),
        list("tanh_c_t", s.tanh_c_t.as_slice()),
        list("h_t", s.h_t.as_slice()),
    ]);
    for (name, _) in &mut all {
        name.insert_str(0, prefix);
    }
    all
}
