//! Whether the arguments of a backward pass fit together.

use crate::{BpttError, LossGradient};
use lstm_cell::{Step, Tape};
use lstm_gates::LstmParams;
use nalgebra::{DVector, RealField};

/// Checks all shapes against those of the weights, so that the backward pass cannot meet another.
pub(crate) fn check<T: RealField + Copy>(
    p: &LstmParams<T>,
    tape: &Tape<T>,
    loss: &LossGradient<T>,
    window: usize,
    grad: &LstmParams<T>,
) -> Result<(), BpttError> {
    if window == 0 {
        return Err(BpttError::ZeroWindow);
    }
    p.check().map_err(BpttError::Weights)?;
    check_tape(p, tape)?;
    if loss.dh.len() != tape.seq_len() {
        return Err(BpttError::SeqLen {
            found: loss.dh.len(),
            expected: tape.seq_len(),
        });
    }
    for (dh_t, t) in loss.dh.iter().zip(1..) {
        hidden(p, dh_t, || format!("dh_{t}"))?;
    }
    hidden(p, &loss.last.h, || "dh_T".into())?;
    hidden(p, &loss.last.c, || "dc_T".into())?;
    for (block, gate) in lstm_gates::BLOCKS.into_iter().zip(grad.blocks()) {
        gate.check(block, p.input_size(), p.hidden_size())
            .map_err(BpttError::Gradient)?;
    }
    Ok(())
}

/// Every vector on the tape has length H, and x_t length D.
fn check_tape<T: RealField + Copy>(p: &LstmParams<T>, tape: &Tape<T>) -> Result<(), BpttError> {
    hidden(p, &tape.initial.h, || "h_0 of the tape".into())?;
    hidden(p, &tape.initial.c, || "c_0 of the tape".into())?;
    for (step, t) in tape.steps.iter().zip(1..) {
        if step.x_t.len() != p.input_size() {
            return Err(BpttError::InputLength {
                t,
                found: step.x_t.len(),
                expected: p.input_size(),
            });
        }
        for (name, vector) in step_vectors(step) {
            hidden(p, vector, || {
                format!("{} of the tape", name.replace("_t", &format!("_{t}")))
            })?;
        }
    }
    Ok(())
}

/// The vectors of length H that one step leaves on the tape.
fn step_vectors<T>(step: &Step<T>) -> [(&'static str, &DVector<T>); 7] {
    [
        ("i_t", &step.gates.i_t),
        ("f_t", &step.gates.f_t),
        ("g_t", &step.gates.g_t),
        ("o_t", &step.gates.o_t),
        ("c_t", &step.c_t),
        ("tanh(c_t)", &step.tanh_c_t),
        ("h_t", &step.h_t),
    ]
}

/// A vector of length H; `tensor` names it in the error.
fn hidden<T: RealField + Copy>(
    p: &LstmParams<T>,
    vector: &DVector<T>,
    tensor: impl FnOnce() -> String,
) -> Result<(), BpttError> {
    if vector.len() == p.hidden_size() {
        return Ok(());
    }
    Err(BpttError::Length {
        tensor: tensor(),
        found: vector.len(),
        expected: p.hidden_size(),
    })
}
