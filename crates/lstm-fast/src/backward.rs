//! E9–E17 over a batch.

use crate::forward::{FastTape, StepTape, real, steps, tokens};
use crate::lanes::LANES;
use crate::packed::{Fast, GATES, transposed};
use crate::panels::Panels;
use crate::sink::Sink;
use crate::states::States;
use crate::steps::StepBack;
use crate::work::{Machine, share_multiply_add, share_outer_add, share_sum_rows};
use lstm_model::{BatchState, LayerGradient, Pass, even_parts, share};
use nalgebra::DMatrix;

/// The number of tokens for which the gradient of the weights is accumulated at once (one step if a step
/// has more): enough to make up for reading and writing the gradient, and few enough for their da to stay
/// in the cache.
const PENDING: usize = 256;

impl Fast {
    #[expect(
        clippy::too_many_lines,
        reason = "the book shows the whole pass at once"
    )]
    // ANCHOR: backward
    pub(crate) fn backward_pass(
        &self,
        pass: Pass<'_, f32>,
        tape: &FastTape,
        doutputs: &DMatrix<f32>,
        dlast: &BatchState<f32>,
        grad: &mut Self,
    ) -> LayerGradient<f32> {
        self.assert_fits(pass);
        let (span, rows) = (&pass.span, pass.span.batch_size);
        self.assert_states_fit(dlast, rows);
        let outputs = (self.hidden_size, span.seq_len * rows);
        assert_eq!(doutputs.shape(), outputs, "one gradient for an output");
        let machine = self.machine(pass.team);
        let Machine { level, team } = machine;
        let items = self.work_items(team, rows);
        let order: Vec<_> = steps(span).enumerate().collect();
        let rounds = even_parts(order.len(), (order.len() * rows).div_ceil(PENDING));
        let longest = rounds.iter().map(|steps| steps.len() * rows).max();
        let mut sink = Sink::new(team, self, pass.input, rows, longest.unwrap_or(0));
        let w_h_transposed = transposed(team, &self.w_h);
        let mut dh_direct = Panels::zeros(self.hidden_size, rows);
        let mut dnext = States::pack(dlast);
        for round in rounds.into_iter().rev() {
            let round = &order[round];
            let pending = round.len() * rows;
            // da_t and h_{t−1} of the accumulated steps, for E16. The last row is not used. Without it, the
            // distance of the panels could be a power of two, and they would share few cache sets.
            let mut das = Panels::any(self.b.len() * LANES, pending + 1);
            let mut hs = Panels::any(self.hidden_size, pending + 1);
            for (place, &(n, t)) in round.iter().enumerate().rev() {
                let StepTape { gates, states } = &tape.steps[n];
                let (before, real) = (tape.states_before(n), real(span, t));
                let at = place * rows..(place + 1) * rows;
                dh_direct.take_columns(doutputs, tokens(span, t), 0);
                let work = items
                    .iter()
                    .zip(dnext.split(&items))
                    .zip(das.view_rows_mut(at.clone()).split(&items, GATES))
                    .zip(hs.view_rows_mut(at.clone()).split(&items, 1));
                share(
                    team,
                    work.collect(),
                    |(((units, dnext), da), mut h_prev)| {
                        let gates = &gates[GATES * units.start * rows..GATES * units.end * rows];
                        level.run(StepBack {
                            gates,
                            c: states.c.view().panels(units),
                            c_prev: before.c.view().panels(units),
                            dh_direct: dh_direct.view().panels(units),
                            dnext,
                            da,
                            real: &real,
                        }); // E9–E14
                        for (to, u) in h_prev.panels_mut().zip(units.clone()) {
                            to.copy_from_slice(before.h.panel(u));
                        }
                    },
                );
                let da = das.view_rows(at.clone());
                share_multiply_add(machine, n, dnext.h.data_mut(), da, w_h_transposed.view()); // E9, E17
                sink.step(machine, da, tokens(span, t), at.start, &real); // E15
            }
            let (das, hs) = (das.view_rows(0..pending), hs.view_rows(0..pending));
            share_outer_add(machine, &mut grad.w_h, hs, das); // E16
            sink.accumulate(machine, das, grad);
            share_sum_rows(machine, &mut grad.b, das); // E16
        }
        LayerGradient {
            dinput: sink.finish(machine, self, grad),
            dinitial: dnext.unpack(self.hidden_size), // E17
        }
    }
    // ANCHOR_END: backward
}
