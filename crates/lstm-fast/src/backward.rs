//! E9–E17 over a batch.

use crate::forward::{FastTape, States, StepTape, real, tokens};
use crate::level::Level;
use crate::packed::{Fast, GATES, transposed};
use crate::panels::Panels;
use crate::product::{multiply_add, outer_add, sum_rows};
use crate::source::Sink;
use crate::steps::StepBack;
use lstm_model::{Backward, BatchState, Input, Span};
use nalgebra::DMatrix;

/// Tokens over which the gradient of the weights is summed in registers: with B sequences, as many
/// whole steps as are no more than this, and at least one. Their da is used while it is in the cache,
/// and never goes to memory.
const PENDING: usize = 128;

impl Fast {
    // ANCHOR: backward
    pub(crate) fn backward_pass(
        &self,
        tape: &FastTape,
        input: Input<'_, f32>,
        span: &Span<'_>,
        doutputs: &DMatrix<f32>,
        dlast: &BatchState<f32>,
        grad: &mut Self,
    ) -> Backward<f32> {
        let (level, rows) = (Level::current(), span.batch_size);
        let pending = (PENDING / rows.max(1)).clamp(1, span.seq_len.max(1)) * rows;
        let mut sink = Sink::new(self, input, rows, pending);
        let w_h_transposed = transposed(&self.w_h);
        let mut da = Panels::zeros(GATES * self.w_h.rows(), pending);
        let mut h_prevs = Panels::zeros(self.hidden_size, pending);
        let mut dh_direct = Panels::zeros(self.hidden_size, rows);
        let mut dnext = States::pack(dlast);
        let mut at = 0;
        for (n, t) in span
            .order()
            .enumerate()
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let StepTape { gates, states } = &tape.steps[n];
            let before = tape.states_before(n);
            dh_direct.take_columns(0, doutputs, tokens(span, t));
            level.run(StepBack {
                gates,
                c: states.c.data(),
                c_prev: before.c.data(),
                dh_direct: dh_direct.data(),
                dh: dnext.h.data_mut(),
                dc: dnext.c.data_mut(),
                da: da.data_mut(),
                stride: pending,
                at,
                real: &real(span, t),
            }); // E9–E14
            let da_t = da.rows_view(at..at + rows);
            multiply_add(
                level,
                dnext.h.data_mut(),
                da_t.clone(),
                w_h_transposed.data(),
            ); // E9, E17
            sink.step(level, da_t, at, tokens(span, t), grad); // E15
            h_prevs.take_rows(at, &before.h);
            at += rows;
            if at == pending || n == 0 {
                let (h_prevs, da) = (h_prevs.rows_view(0..at), da.rows_view(0..at));
                outer_add(level, grad.w_h.data_mut(), h_prevs, da.clone()); // E16
                sum_rows(level, &mut grad.b, da.clone());
                sink.accumulate(level, da, grad);
                at = 0;
            }
        }
        Backward {
            dinput: sink.finish(level, self, grad),
            dinitial: dnext.unpack(self.hidden_size), // E17
        }
    }
    // ANCHOR_END: backward
}
