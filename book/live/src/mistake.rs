//! Backward passes with one mistake in them, for a gradient check to find. lstm-check knows these and
//! many more; here the functions of lstm-bptt are put together wrongly.

use Mistake::{CandidateSlope, Carousel, InputSlope, NewCell, Swapped, Transposed};
use lstm_bptt::{LossGradient, accumulate, input_gradient, recurrent_gradient, step_back};
use lstm_cell::{State, Tape};
use lstm_gates::{LstmParams, sigmoid_derivative, tanh_derivative};
use nalgebra::DVector;
use std::mem::swap;

/// A mistake in a backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Between steps dc_{t+1} ⊙ f_{t+1} is dropped, as if only h_t depended on c_t (E11).
    Carousel,
    /// σ′ is missing in da^i_t (E12).
    InputSlope,
    /// tanh′ is missing in da^g_t (E14).
    CandidateSlope,
    /// The gradients of the weights of i and f are exchanged (E16).
    Swapped,
    /// E13 reads c_t instead of c_{t−1}.
    NewCell,
    /// E9 has W_h instead of its transpose.
    Transposed,
}

impl Mistake {
    /// All mistakes, in the order of the page.
    pub const ALL: [Self; 6] = [
        Carousel,
        InputSlope,
        CandidateSlope,
        Swapped,
        NewCell,
        Transposed,
    ];

    /// E9–E17 with this mistake. Adds the gradients of the weights to `grad`; returns dh_0 and dc_0, and
    /// dx_1 … dx_T.
    pub fn backward(
        self,
        p: &LstmParams<f64>,
        tape: &Tape<f64>,
        loss: &LossGradient<f64>,
        grad: &mut LstmParams<f64>,
    ) -> (State<f64>, Vec<DVector<f64>>) {
        let mut turned = p.clone();
        for block in turned.blocks_mut() {
            block.w_h.transpose_mut();
        }
        let mut dx = Vec::new();
        let mut next = loss.last.clone();
        for (t, s) in tape.steps.iter().enumerate().rev() {
            let c_read = if self == NewCell {
                &s.c_t
            } else {
                tape.c_prev(t)
            };
            let dh_t = &loss.dh[t] + &next.h;
            let mut back = step_back(p, s, c_read, &dh_t, &next.c);
            let da = &mut back.gates;
            if self == InputSlope {
                da.da_i
                    .component_div_assign(&s.gates.i_t.map(sigmoid_derivative));
            }
            if self == CandidateSlope {
                da.da_g
                    .component_div_assign(&s.gates.g_t.map(tanh_derivative));
            }
            dx.push(input_gradient(p, da));
            next.h = recurrent_gradient(if self == Transposed { &turned } else { p }, da);
            next.c = back.dc_prev;
            if self == Carousel && t > 0 {
                next.c.fill(0.0);
            }
            if self == Swapped {
                swap(&mut da.da_i, &mut da.da_f);
            }
            accumulate(grad, da, &s.x_t, tape.h_prev(t));
        }
        dx.reverse();
        (next, dx)
    }
}
