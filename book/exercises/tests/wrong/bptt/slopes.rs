//! Mistakes in the slopes of σ and tanh.

use super::{V, slope};
use crate::rejects;
use exercises::judge::bptt as judge;
use lstm_bptt::GateGradients;
use lstm_cell::Step;
use lstm_gates::{sigmoid_derivative as sigma, tanh_derivative as tanh};

#[test]
fn slope_of_the_cell() {
    // A judge takes a plain function, which cannot hold the slope.
    macro_rules! with {
        ($slope:expr) => {
            judge::cell_gradient(|s, dh, dc| {
                let slope: fn(f64) -> f64 = $slope;
                dh.component_mul(&s.gates.o_t)
                    .component_mul(&s.tanh_c_t.map(slope))
                    + dc
            })
        };
    }
    rejects(
        with!(|y| 1.0 - y),
        "1 - tanh c_t is used instead of 1 - tanh² c_t: the square is missing",
    );
    rejects(with!(|y| y * y), "tanh² c_t is used instead of");
    rejects(with!(|y| y * (1.0 - y)), "σ′ is used for 1 - tanh² c_t");
    rejects(with!(|y| y * y - 1.0), "the slope has the wrong sign");
    rejects(
        judge::cell_gradient(|s, dh, dc| dh.component_mul(&slope(s)) + dc),
        "o_t is left out of E11",
    );
    rejects(
        judge::cell_gradient(|s, dh, dc| lstm_bptt::cell_gradient(s, dh, &-dc)),
        "the carousel, the second term of E11, is subtracted",
    );
    rejects(
        judge::cell_gradient(|s, dh, dc| -lstm_bptt::cell_gradient(s, dh, dc)),
        "Every element has the wrong sign",
    );
    rejects(
        judge::cell_gradient(|s, dh, dc| lstm_bptt::cell_gradient(s, dh, dc) * 2.0),
        "Every element is 2 times what is expected",
    );
}

/// Gradients of the gates with other slopes of σ and tanh.
fn sloped(
    (s, c, dh, dc): (&Step<f64>, &V, &V, &V),
    sigmoid: fn(f64) -> f64,
    tanh: fn(f64) -> f64,
) -> GateGradients<f64> {
    let k = &s.gates;
    GateGradients {
        da_i: dc.component_mul(&k.g_t).component_mul(&k.i_t.map(sigmoid)),
        da_f: dc.component_mul(c).component_mul(&k.f_t.map(sigmoid)),
        da_g: dc.component_mul(&k.i_t).component_mul(&k.g_t.map(tanh)),
        da_o: dh
            .component_mul(&s.tanh_c_t)
            .component_mul(&k.o_t.map(sigmoid)),
    }
}

#[test]
fn slopes_of_the_gates() {
    rejects(
        judge::gate_gradients(|s, c, dh, dc| sloped((s, c, dh, dc), sigma, |g| 1.0 - g)),
        "tanh′ is 1 - g instead of 1 - g²: the square is missing",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, dc| sloped((s, c, dh, dc), sigma, sigma)),
        "σ′ is used for tanh′",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, dc| sloped((s, c, dh, dc), tanh, tanh)),
        "tanh′ is used for σ′",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, dc| sloped((s, c, dh, dc), |y| 1.0 - y, tanh)),
        "σ′ is 1 - y instead of y (1 - y)",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, dc| sloped((s, c, dh, dc), |y| y, tanh)),
        "σ′ is y instead of y (1 - y)",
    );
    // One gate alone: da_o is the last of the four.
    rejects(
        judge::gate_gradients(|s, c, dh, dc| GateGradients {
            da_o: sloped((s, c, dh, dc), |y| y * (y - 1.0), tanh).da_o,
            ..lstm_bptt::gate_gradients(s, c, dh, dc)
        }),
        "σ′ has the wrong sign: y (y - 1)",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, dc| GateGradients {
            da_o: dh
                .component_mul(&s.c_t)
                .component_mul(&s.gates.o_t.map(sigma)),
            ..lstm_bptt::gate_gradients(s, c, dh, dc)
        }),
        "c_t is used instead of tanh(c_t)",
    );
}
