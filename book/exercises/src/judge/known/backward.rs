//! Mistakes in a step backward (E10–E15).

use super::{Scalar, V};
use lstm_bptt::{GateGradients, StepGradient};
use lstm_cell::Step;
use lstm_gates::{GateValues, LstmParams, sigmoid, sigmoid_derivative, tanh, tanh_derivative};
use nalgebra::DMatrix;

/// How a step is computed backward.
#[derive(Clone, Copy)]
pub(in crate::judge) struct Backward {
    /// σ′ in E10, E12 and E13.
    sigmoid: Scalar,
    /// tanh′ in E14.
    tanh: Scalar,
    /// tanh′ in E11.
    cell: Scalar,
    /// What dh_t is multiplied by in E11.
    through_h: fn(&GateValues<f64>) -> V,
    /// The second term of E11, from dc_{t+1} ⊙ f_{t+1}.
    carousel: fn(&GateValues<f64>, &V) -> V,
    /// What reaches i, f, g and o, from the step, c_{t−1}, dh_t and dc_t.
    arrives: fn(&Step<f64>, &V, &V, &V) -> [V; 4],
    /// W_hk in the sum of E9.
    w_h: fn(&DMatrix<f64>) -> DMatrix<f64>,
    /// What is passed on to c_{t−1}, from the gates, dc_t and dc_{t+1} ⊙ f_{t+1}.
    dc_prev: fn(&GateValues<f64>, &V, &V) -> V,
}

/// E10–E15 as they are.
pub(in crate::judge) const RIGHT: Backward = Backward {
    sigmoid: sigmoid_derivative,
    tanh: tanh_derivative,
    cell: tanh_derivative,
    through_h: |k| k.o_t.clone(),
    carousel: |_, dc_next| dc_next.clone(),
    arrives,
    w_h: DMatrix::transpose,
    dc_prev: |k, dc_t, _| dc_t.component_mul(&k.f_t),
};

/// What reaches i, f, g and o (E10, E12–E14).
fn arrives(s: &Step<f64>, c_prev: &V, dh_t: &V, dc_t: &V) -> [V; 4] {
    [
        dc_t.component_mul(&s.gates.g_t),
        dc_t.component_mul(c_prev),
        dc_t.component_mul(&s.gates.i_t),
        dh_t.component_mul(&s.tanh_c_t),
    ]
}

/// The wrong rules, each with what is wrong.
pub(in crate::judge) fn backward() -> Vec<(&'static str, Backward)> {
    let mut all = slopes();
    all.extend(cell());
    all.extend(arriving());
    all.extend(passed_on());
    all
}

/// Mistakes in the slopes of the gates.
fn slopes() -> Vec<(&'static str, Backward)> {
    let sigmoid = |sigmoid| Backward { sigmoid, ..RIGHT };
    let tanh = |tanh| Backward { tanh, ..RIGHT };
    let none: Scalar = |_| 1.0;
    vec![
        (
            "the slope of the gate's own activation is left out",
            Backward {
                sigmoid: none,
                tanh: none,
                ..RIGHT
            },
        ),
        ("σ′ is 1 - y instead of y (1 - y)", sigmoid(|y| 1.0 - y)),
        ("σ′ is y instead of y (1 - y)", sigmoid(|y| y)),
        (
            "σ′ has the wrong sign: y (y - 1)",
            sigmoid(|y| y * (y - 1.0)),
        ),
        ("tanh′ is used for σ′", sigmoid(tanh_derivative)),
        (
            "σ is applied to the gate once more in σ′: the gate is already the output of σ",
            sigmoid(|y| sigmoid_derivative(lstm_gates::sigmoid(y))),
        ),
        (
            "tanh′ is 1 - g instead of 1 - g²: the square is missing",
            tanh(|g| 1.0 - g),
        ),
        ("tanh′ is g² instead of 1 - g²", tanh(|g| g * g)),
        ("tanh′ is 1 + g² instead of 1 - g²", tanh(|g| 1.0 + g * g)),
        ("tanh′ has the wrong sign: g² - 1", tanh(|g| g * g - 1.0)),
        ("σ′ is used for tanh′", tanh(sigmoid_derivative)),
        (
            "tanh is applied to g once more in tanh′: g is already the output of tanh",
            tanh(|g| tanh_derivative(lstm_gates::tanh(g))),
        ),
    ]
}

/// Mistakes in the gradient of the cell (E11).
fn cell() -> Vec<(&'static str, Backward)> {
    let slope = |cell| Backward { cell, ..RIGHT };
    let carousel = |carousel| Backward { carousel, ..RIGHT };
    let through_h = |through_h| Backward { through_h, ..RIGHT };
    vec![
        ("the slope 1 - tanh² c_t is left out", slope(|_| 1.0)),
        (
            "1 - tanh c_t is used instead of 1 - tanh² c_t: the square is missing",
            slope(|y| 1.0 - y),
        ),
        (
            "tanh² c_t is used instead of 1 - tanh² c_t",
            slope(|y| y * y),
        ),
        ("tanh c_t is used instead of 1 - tanh² c_t", slope(|y| y)),
        (
            "1 + tanh² c_t is used instead of 1 - tanh² c_t",
            slope(|y| 1.0 + y * y),
        ),
        (
            "the slope has the wrong sign: tanh² c_t - 1",
            slope(|y| y * y - 1.0),
        ),
        ("σ′ is used for 1 - tanh² c_t", slope(sigmoid_derivative)),
        (
            "tanh is applied to tanh(c_t) once more",
            slope(|y| tanh_derivative(tanh(y))),
        ),
        (
            "the carousel, the second term of E11, is left out",
            carousel(|_, dc| dc * 0.0),
        ),
        (
            "the carousel, the second term of E11, is subtracted",
            carousel(|_, dc| -dc),
        ),
        (
            "dc_next is multiplied by a forget gate once more",
            carousel(|k, dc| dc.component_mul(&k.f_t)),
        ),
        ("only the carousel is there", through_h(|k| &k.o_t * 0.0)),
        ("o_t is left out of E11", through_h(|k| k.o_t.map(|_| 1.0))),
        ("f_t is used for o_t in E11", through_h(|k| k.f_t.clone())),
        ("i_t is used for o_t in E11", through_h(|k| k.i_t.clone())),
        (
            "o_t is replaced by its slope in E11",
            through_h(|k| k.o_t.map(sigmoid_derivative)),
        ),
        (
            "σ is applied to o_t once more in E11",
            through_h(|k| k.o_t.map(sigmoid)),
        ),
    ]
}

/// Mistakes in what reaches the gates (E10, E12–E14).
fn arriving() -> Vec<(&'static str, Backward)> {
    let from = |arrives| Backward { arrives, ..RIGHT };
    vec![
        (
            "c_t is used instead of c_(t-1)",
            from(|s, _, dh, dc| arrives(s, &s.c_t, dh, dc)),
        ),
        (
            "dh_t is used instead of dc_t, or dc_t instead of dh_t",
            from(|s, c, dh, dc| arrives(s, c, dc, dh)),
        ),
        (
            "i and g are exchanged",
            from(|s, c, dh, dc| {
                let [g, f, i, o] = arrives(s, c, dh, dc);
                [i, f, g, o]
            }),
        ),
        (
            "c_t is used instead of tanh(c_t)",
            from(|s, c, dh, dc| {
                let [i, f, g, _] = arrives(s, c, dh, dc);
                [i, f, g, dh.component_mul(&s.c_t)]
            }),
        ),
        (
            "the factor beside the gate in E6 or E7 is left out",
            from(|_, _, dh, dc| [dc.clone(), dc.clone(), dc.clone(), dh.clone()]),
        ),
    ]
}

/// Mistakes in what is passed on to step t − 1 (E9, E11).
fn passed_on() -> Vec<(&'static str, Backward)> {
    let dc_prev = |dc_prev| Backward { dc_prev, ..RIGHT };
    vec![
        (
            "W_h is not transposed",
            Backward {
                w_h: DMatrix::clone,
                ..RIGHT
            },
        ),
        (
            "dc_t is passed on without the factor f_t",
            dc_prev(|_, dc, _| dc.clone()),
        ),
        (
            "dc_next is passed on instead of dc_t",
            dc_prev(|k, _, next| next.component_mul(&k.f_t)),
        ),
        (
            "dc_next is passed on unchanged",
            dc_prev(|_, _, next| next.clone()),
        ),
        (
            "i_t is used for f_t in what is passed on",
            dc_prev(|k, dc, _| dc.component_mul(&k.i_t)),
        ),
        (
            "o_t is used for f_t in what is passed on",
            dc_prev(|k, dc, _| dc.component_mul(&k.o_t)),
        ),
        (
            "σ′ of f_t is used for f_t in what is passed on",
            dc_prev(|k, dc, _| dc.component_mul(&k.f_t.map(sigmoid_derivative))),
        ),
    ]
}

impl Backward {
    /// E11
    pub fn cell_gradient(&self, s: &Step<f64>, dh_t: &V, dc_next: &V) -> V {
        let through_h = dh_t.component_mul(&(self.through_h)(&s.gates));
        through_h.component_mul(&s.tanh_c_t.map(self.cell)) + (self.carousel)(&s.gates, dc_next)
    }

    /// E10, E12–E14
    pub fn gate_gradients(
        &self,
        s: &Step<f64>,
        c_prev: &V,
        dh_t: &V,
        dc_t: &V,
    ) -> GateGradients<f64> {
        let [i, f, g, o] = (self.arrives)(s, c_prev, dh_t, dc_t);
        let k = &s.gates;
        GateGradients {
            da_i: i.component_mul(&k.i_t.map(self.sigmoid)),
            da_f: f.component_mul(&k.f_t.map(self.sigmoid)),
            da_g: g.component_mul(&k.g_t.map(self.tanh)),
            da_o: o.component_mul(&k.o_t.map(self.sigmoid)),
        }
    }

    /// The sum in E9.
    pub fn recurrent_gradient(&self, p: &LstmParams<f64>, da: &GateGradients<f64>) -> V {
        let blocks = p.blocks().into_iter().zip(da.blocks());
        blocks
            .map(|(gate, da_k)| (self.w_h)(&gate.w_h) * da_k)
            .sum()
    }

    /// E10–E15
    pub fn step_back(
        &self,
        p: &LstmParams<f64>,
        s: &Step<f64>,
        c_prev: &V,
        dh_t: &V,
        dc_next: &V,
    ) -> StepGradient<f64> {
        let dc_t = self.cell_gradient(s, dh_t, dc_next);
        let gates = self.gate_gradients(s, c_prev, dh_t, &dc_t);
        StepGradient {
            dx_t: lstm_bptt::input_gradient(p, &gates),
            dh_prev: self.recurrent_gradient(p, &gates),
            dc_prev: (self.dc_prev)(&s.gates, &dc_t, dc_next),
            gates,
            dc_t,
        }
    }
}
