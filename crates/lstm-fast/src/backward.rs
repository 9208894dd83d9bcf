//! E9–E17 over a batch.

use crate::forward::{FastTape, States, StepTape, real, steps, tokens};
use crate::level::Level;
use crate::packed::{Fast, GATES, transposed};
use crate::panels::Panels;
use crate::product::{multiply_add, outer_add, sum_rows};
use crate::source::Sink;
use crate::steps::StepBack;
use lstm_model::{Backward, BatchState, Input, Span};
use nalgebra::DMatrix;

/// Tokens over which the gradient of the weights is summed in registers, rounded up to whole steps:
/// enough to pay for reading and writing that gradient, few enough for their da to stay in the cache.
const PENDING: usize = 256;

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
        self.assert_fits(input, dlast, span);
        let outputs = (self.hidden_size, span.seq_len * span.batch_size);
        assert_eq!(doutputs.shape(), outputs, "one gradient for an output");
        let (level, rows) = (Level::current(), span.batch_size);
        let mut sink = Sink::new(self, input, rows);
        let w_h_transposed = transposed(&self.w_h);
        let mut dh_direct = Panels::zeros(self.hidden_size, rows);
        let mut dnext = States::pack(dlast);
        let mut pending: Vec<(&Panels, Panels)> = Vec::new();
        let order: Vec<_> = steps(span).enumerate().collect();
        for (n, t) in order.into_iter().rev() {
            let StepTape { gates, states } = &tape.steps[n];
            let (before, real) = (tape.states_before(n), real(span, t));
            dh_direct.take_columns(doutputs, tokens(span, t));
            let mut da = Panels::any(GATES * self.w_h.rows(), rows);
            level.run(StepBack {
                gates,
                c: &states.c,
                c_prev: &before.c,
                dh_direct: &dh_direct,
                dnext: &mut dnext,
                da: &mut da,
                real: &real,
            }); // E9–E14
            multiply_add(level, dnext.h.data_mut(), &da, &w_h_transposed); // E9, E17
            sink.step(level, &da, tokens(span, t), &real, grad); // E15
            sum_rows(level, &mut grad.b, &da); // E16
            pending.push((&before.h, da));
            if pending.len() * rows >= PENDING || n == 0 {
                let parts: Vec<_> = pending.iter().map(|(h, da)| (*h, da)).collect();
                outer_add(level, &mut grad.w_h, &parts); // E16
                sink.accumulate(level, &parts, grad);
                pending.clear();
            }
        }
        Backward {
            dinput: sink.finish(level, self, grad),
            dinitial: dnext.unpack(self.hidden_size), // E17
        }
    }
    // ANCHOR_END: backward
}
