//! Beyond the LSTM.

use super::case::{Case, H, case, vector};
use super::{Tensors, Verdict, agree, cell};
use crate::beyond::Peepholes;
use lstm_cell::{State, Step};
use lstm_gates::{GateValues, LstmParams, preactivation, sigmoid, tanh};
use nalgebra::{DVector, dvector};

type V = DVector<f64>;

/// A step with peepholes.
type Answer = fn(&LstmParams<f64>, &Peepholes, &V, &State<f64>) -> Step<f64>;

pub fn peephole_step(answer: Answer) -> Verdict {
    let Case { p, xs, initial, .. } = case();
    let [p_i, p_f, p_o] = [50, 51, 52].map(|n| vector(H, n));
    judge(
        "",
        answer,
        &p,
        &Peepholes { p_i, p_f, p_o },
        &xs[0],
        &initial,
    )?;

    let (p, peepholes, x_t, previous) = worked();
    judge(
        "in the worked example, ",
        answer,
        &p,
        &peepholes,
        &x_t,
        &previous,
    )?;

    let Case { p, xs, initial, .. } = case();
    let none = || DVector::zeros(H);
    let (p_i, p_f, p_o) = (none(), none(), none());
    let found = answer(&p, &Peepholes { p_i, p_f, p_o }, &xs[0], &initial);
    let plain = lstm_cell::step(&p, &xs[0], &initial);
    let name = "with all peepholes 0, ";
    agree(
        &cell::values(name, &found),
        &cell::values(name, &plain),
        &[],
    )
}

/// The worked example of the chapter: i_t = 3/4, f_t = 1/5, g_t = 4/5, c_t = 1, o_t = 3/4.
fn worked() -> (LstmParams<f64>, Peepholes, V, State<f64>) {
    let mut p = LstmParams::zeros(1, 1);
    let ln = f64::ln;
    p.g.b[0] = ln(3.0);
    let peepholes = Peepholes {
        p_i: dvector![ln(3.0) / 2.0],
        p_f: dvector![-ln(2.0)],
        p_o: dvector![ln(3.0)],
    };
    let (h, c) = (dvector![0.0], dvector![2.0]);
    (p, peepholes, dvector![0.0], State { h, c })
}

fn judge(
    name: &str,
    answer: Answer,
    p: &LstmParams<f64>,
    peepholes: &Peepholes,
    x_t: &V,
    previous: &State<f64>,
) -> Verdict {
    let of = |rule: Rule| cell::values(name, &rule.step(p, peepholes, x_t, previous));
    let suspects: Vec<(&str, Tensors)> = mistakes().map(|(what, rule)| (what, of(rule))).collect();
    let found = answer(p, peepholes, x_t, previous);
    agree(&cell::values(name, &found), &of(RIGHT), &suspects)
}

/// What a gate may read of the cell: c_{t−1}, c_t and h_{t−1}.
type Read = fn([&V; 3]) -> V;

/// How a step is computed.
#[derive(Clone, Copy)]
struct Rule {
    /// The weights of i, f and o.
    weights: fn(&Peepholes) -> [&V; 3],
    /// What i and f read.
    old: Read,
    /// What o reads.
    new: Read,
    /// A gate from a, and p ⊙ what it reads.
    gate: fn(V, V) -> V,
    /// What the candidate adds to a^g.
    candidate: fn(&Peepholes, &V) -> V,
    cell: fn([&V; 3], &V) -> V,
    squash: fn(f64) -> f64,
}

/// The step as it is.
const RIGHT: Rule = Rule {
    weights: |p| [&p.p_i, &p.p_f, &p.p_o],
    old: |[old, ..]| old.clone(),
    new: |[_, new, _]| new.clone(),
    gate: |a, seen| (a + seen).map(sigmoid),
    candidate: |_, c| c * 0.0,
    cell: |[i, f, g], c| f.component_mul(c) + i.component_mul(g),
    squash: tanh,
};

/// The wrong rules, each with what is wrong.
fn mistakes() -> impl Iterator<Item = (&'static str, Rule)> {
    wrong_peepholes().into_iter().chain(wrong_cells())
}

/// A peephole that is missing, exchanged, or reads or adds at another place.
fn wrong_peepholes() -> [(&'static str, Rule); 9] {
    let weights = |weights| Rule { weights, ..RIGHT };
    let gate = |gate| Rule { gate, ..RIGHT };
    let new = |new| Rule { new, ..RIGHT };
    let read_h: Read = |[_, _, h]| h.clone();
    let only_h = Rule {
        old: read_h,
        new: read_h,
        ..RIGHT
    };
    [
        ("the peepholes are left out", gate(|a, _| a.map(sigmoid))),
        (
            "o_t reads c_(t-1); its peephole reads the new cell c_t",
            new(RIGHT.old),
        ),
        (
            "o_t reads tanh(c_t) and not c_t",
            new(|[_, c, _]| c.map(tanh)),
        ),
        ("the peepholes read h_(t-1) and not the cell", only_h),
        (
            "p_i and p_f are exchanged",
            weights(|p| [&p.p_f, &p.p_i, &p.p_o]),
        ),
        (
            "p_f and p_o are exchanged",
            weights(|p| [&p.p_i, &p.p_o, &p.p_f]),
        ),
        (
            "p_i and p_o are exchanged",
            weights(|p| [&p.p_o, &p.p_f, &p.p_i]),
        ),
        (
            "the peephole is added after σ and not before",
            gate(|a, seen| a.map(sigmoid) + seen),
        ),
        (
            "the peephole is subtracted",
            gate(|a, seen| (a - seen).map(sigmoid)),
        ),
    ]
}

/// A candidate, a cell or an output with another formula.
fn wrong_cells() -> [(&'static str, Rule); 4] {
    let cell = |cell| Rule { cell, ..RIGHT };
    [
        (
            "the candidate has a peephole too",
            Rule {
                candidate: |p, c| p.p_i.component_mul(c),
                ..RIGHT
            },
        ),
        (
            "i and f are exchanged in c_t",
            cell(|[i, f, g], c| i.component_mul(c) + f.component_mul(g)),
        ),
        (
            "the old cell is lost",
            cell(|[i, _, g], _| i.component_mul(g)),
        ),
        (
            "the tanh of the cell is left out",
            Rule {
                squash: |c| c,
                ..RIGHT
            },
        ),
    ]
}

impl Rule {
    fn step(
        &self,
        p: &LstmParams<f64>,
        peepholes: &Peepholes,
        x_t: &V,
        previous: &State<f64>,
    ) -> Step<f64> {
        let State { h, c } = previous;
        let [p_i, p_f, p_o] = (self.weights)(peepholes);
        let a = |block| preactivation(block, x_t, h);
        let gate = |block, p: &V, read: &V| (self.gate)(a(block), p.component_mul(read));
        let old = (self.old)([c, c, h]);
        let (i_t, f_t) = (gate(&p.i, p_i, &old), gate(&p.f, p_f, &old));
        let g_t = (a(&p.g) + (self.candidate)(peepholes, c)).map(tanh);
        let c_t = (self.cell)([&i_t, &f_t, &g_t], c);
        let o_t = gate(&p.o, p_o, &(self.new)([c, &c_t, h]));
        let tanh_c_t = c_t.map(self.squash);
        Step {
            x_t: x_t.clone(),
            h_t: o_t.component_mul(&tanh_c_t),
            gates: GateValues { i_t, f_t, g_t, o_t },
            c_t,
            tanh_c_t,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_is_what_one_finds_by_hand() {
        let (p, peepholes, x_t, previous) = worked();
        let step = RIGHT.step(&p, &peepholes, &x_t, &previous);
        let GateValues { i_t, f_t, g_t, o_t } = &step.gates;
        let found = [i_t[0], f_t[0], g_t[0], step.c_t[0], o_t[0], step.h_t[0]];
        let by_hand = [0.75, 0.2, 0.8, 1.0, 0.75, 0.75 * 1.0_f64.tanh()];
        for (found, by_hand) in found.iter().zip(by_hand) {
            assert!((found - by_hand).abs() < 1e-15, "{found} {by_hand}");
        }
    }
}
