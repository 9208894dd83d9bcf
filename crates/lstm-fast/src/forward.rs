//! E1–E8 over a batch.

use crate::memory::{Buffer, any_matrix};
use crate::packed::{Fast, GATES, gate_panels};
use crate::panels::split;
use crate::product::multiply_add;
use crate::source::Source;
use crate::states::States;
use crate::steps::Step;
use crate::work::{Machine, there_and_back};
use lstm_model::{BatchState, Forward, Input, Pass, Span, share};
use std::ops::Range;

/// The values of the forward pass that the backward pass reads, in the order of reading. tanh c_t is not
/// stored, because computing it again takes less time than loading it.
#[derive(Debug)]
pub struct FastTape {
    pub(crate) initial: States,
    pub(crate) steps: Vec<StepTape>,
}

#[derive(Debug)]
pub(crate) struct StepTape {
    /// i_t, f_t, g_t, o_t: \[H/16\]\[4\]\[B\]\[16\]
    pub gates: Buffer,
    /// h_t and c_t.
    pub states: States,
}

impl FastTape {
    /// h and c before step number `n` in the order of reading.
    pub(crate) fn states_before(&self, n: usize) -> &States {
        match n {
            0 => &self.initial,
            n => &self.steps[n - 1].states,
        }
    }
}

/// The tokens of step t.
pub(crate) fn tokens(span: &Span<'_>, t: usize) -> Range<usize> {
    t * span.batch_size..(t + 1) * span.batch_size
}

/// The steps in the order of reading; none if the batch has no sequence.
pub(crate) fn steps(span: &Span<'_>) -> impl DoubleEndedIterator<Item = usize> + use<> {
    let any = span.batch_size > 0;
    span.order().filter(move |_| any)
}

/// For each sequence, whether it has a real token at step t.
pub(crate) fn real(span: &Span<'_>, t: usize) -> Vec<bool> {
    (0..span.batch_size).map(|b| span.is_real(t, b)).collect()
}

impl Fast {
    // ANCHOR: forward
    pub(crate) fn forward_pass(&self, pass: Pass<'_, f32>) -> Forward<f32, FastTape> {
        self.assert_fits(pass);
        let (span, rows) = (&pass.span, pass.span.batch_size);
        let machine = self.machine(pass.team);
        let Machine { level, team } = machine;
        let items = self.work_items(team, rows);
        let mut source = Source::new(machine, self, pass.input, rows);
        let mut outputs = any_matrix(self.hidden_size, span.seq_len * rows);
        let mut tape = FastTape {
            initial: States::pack(pass.initial),
            steps: Vec::with_capacity(span.seq_len),
        };
        for (n, t) in steps(span).enumerate() {
            let (before, real) = (tape.states_before(n), real(span, t));
            let input = source.at(tokens(span, t));
            let mut gates = Buffer::any(self.b.len() * rows);
            let mut states = States::any(self.hidden_size, rows);
            let parts = split(&mut gates, &items, GATES * rows);
            let work = items.iter().zip(parts).zip(states.split(&items));
            share(team, there_and_back(n, work), |((units, gates), after)| {
                let panels = gate_panels(units);
                input.start(level, self, &panels, gates);
                let w_h = self.w_h.view().panels(&panels);
                multiply_add(level, gates, before.h.view(), w_h); // E1
                level.run(Step {
                    gates,
                    h_prev: before.h.view().panels(units),
                    c_prev: before.c.view().panels(units),
                    after,
                    real: &real,
                }); // E2–E7
            });
            states.h.give_columns(&mut outputs, tokens(span, t).start);
            tape.steps.push(StepTape { gates, states });
        }
        Forward {
            outputs,
            last: tape
                .states_before(tape.steps.len())
                .unpack(self.hidden_size),
            tape,
        }
    }
    // ANCHOR_END: forward

    /// Checks all shapes once for each pass. Because of padding, a wrong size would not always fail.
    pub(crate) fn assert_fits(&self, pass: Pass<'_, f32>) {
        let span = pass.span;
        span.assert_fits();
        let d = self.input_size;
        let x = match pass.input {
            Input::Dense(x) => x.shape(),
            Input::Embedded { ids, table } => (table.nrows(), ids.len()),
            Input::OneHot(ids) => (d, ids.len()),
        };
        assert_eq!(x, (d, span.seq_len * span.batch_size), "one x for a token");
        if let Input::OneHot(ids) = pass.input {
            assert!(ids.iter().all(|&id| (id as usize) < d), "ids are below V");
        }
        self.assert_states_fit(pass.initial, span.batch_size);
    }

    /// Checks the shape of states or of their gradients.
    pub(crate) fn assert_states_fit(&self, states: &BatchState<f32>, batch_size: usize) {
        let shape = (self.hidden_size, batch_size);
        for state in [&states.h, &states.c] {
            assert_eq!(state.shape(), shape, "states are H×B");
        }
    }
}
