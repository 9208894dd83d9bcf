//! E1–E8 over a batch.

use crate::lanes::Row;
use crate::level::Level;
use crate::packed::{Fast, GATES, gate_panels};
use crate::panels::{Panels, split};
use crate::product::multiply_add;
use crate::source::Source;
use crate::spare::{Buffer, any_matrix};
use crate::steps::Step;
use crate::team::there_and_back;
use lstm_model::{BatchState, Forward, Input, Span, share};
use std::ops::Range;

/// What a forward pass leaves, step by step in the order of reading. tanh c_t is not kept: the way
/// back works it out again, which costs less than to fetch it.
#[derive(Debug)]
pub struct FastTape {
    pub(crate) initial: States,
    pub(crate) steps: Vec<StepTape>,
}

/// h and c after a step: H in panels, one row for each sequence.
#[derive(Debug)]
pub(crate) struct States {
    pub h: Panels,
    pub c: Panels,
}

/// A piece of the units of [`States`].
pub(crate) struct StatesMut<'a> {
    pub h: &'a mut [Row],
    pub c: &'a mut [Row],
}

#[derive(Debug)]
pub(crate) struct StepTape {
    /// i_t, f_t, g_t, o_t: \[H/16\]\[4\]\[B\]\[16\]
    pub gates: Buffer,
    /// h_t and c_t.
    pub states: States,
}

impl FastTape {
    /// h and c before step number `n` of the order of reading.
    pub(crate) fn states_before(&self, n: usize) -> &States {
        match n {
            0 => &self.initial,
            n => &self.steps[n - 1].states,
        }
    }
}

impl States {
    fn any(hidden_size: usize, rows: usize) -> Self {
        Self {
            h: Panels::any(hidden_size, rows),
            c: Panels::any(hidden_size, rows),
        }
    }

    /// Cut into pieces of the units.
    pub fn split(&mut self, units: &[Range<usize>]) -> Vec<StatesMut<'_>> {
        let rows = self.h.rows();
        let h = split(self.h.data_mut(), units, rows).into_iter();
        let c = split(self.c.data_mut(), units, rows);
        h.zip(c).map(|(h, c)| StatesMut { h, c }).collect()
    }

    pub fn pack(state: &BatchState<f32>) -> Self {
        Self {
            h: Panels::of_columns(&state.h),
            c: Panels::of_columns(&state.c),
        }
    }

    pub fn unpack(&self, hidden_size: usize) -> BatchState<f32> {
        let mut state = BatchState::zeros(hidden_size, self.h.rows());
        self.h.give_columns(&mut state.h, 0);
        self.c.give_columns(&mut state.c, 0);
        state
    }
}

/// The tokens of step t.
pub(crate) fn tokens(span: &Span<'_>, t: usize) -> Range<usize> {
    t * span.batch_size..(t + 1) * span.batch_size
}

/// The steps in the order of reading; none where there is no sequence to read.
pub(crate) fn steps(span: &Span<'_>) -> impl DoubleEndedIterator<Item = usize> + use<> {
    let any = span.batch_size > 0;
    span.order().filter(move |_| any)
}

/// Which sequences have a real token at step t.
pub(crate) fn real(span: &Span<'_>, t: usize) -> Vec<bool> {
    (0..span.batch_size).map(|b| span.is_real(t, b)).collect()
}

impl Fast {
    // ANCHOR: forward
    pub(crate) fn forward_pass(
        &self,
        input: Input<'_, f32>,
        initial: &BatchState<f32>,
        span: &Span<'_>,
    ) -> Forward<f32, FastTape> {
        self.assert_fits(input, initial, span);
        let level = Level::current();
        let (rows, pieces) = (span.batch_size, self.pieces(span.batch_size));
        let mut source = Source::new(level, self, input, rows);
        let mut outputs = any_matrix(self.hidden_size, span.seq_len * rows);
        let mut tape = FastTape {
            initial: States::pack(initial),
            steps: Vec::with_capacity(span.seq_len),
        };
        for (n, t) in steps(span).enumerate() {
            let (before, real) = (tape.states_before(n), real(span, t));
            let input = source.at(tokens(span, t));
            let mut gates = Buffer::any(self.b.len() * rows);
            let mut states = States::any(self.hidden_size, rows);
            let parts = split(&mut gates, &pieces, GATES * rows);
            let jobs = pieces.iter().zip(parts).zip(states.split(&pieces));
            share(there_and_back(n, jobs), |((units, gates), after)| {
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

    /// Looks at all shapes, once for each pass: padding would hide a size that is wrong by a few.
    pub(crate) fn assert_fits(
        &self,
        input: Input<'_, f32>,
        states: &BatchState<f32>,
        span: &Span<'_>,
    ) {
        span.assert_fits();
        let (d, h) = (self.input_size, self.hidden_size);
        let x = match input {
            Input::Dense(x) => x.shape(),
            Input::Embedded { ids, table } => (table.nrows(), ids.len()),
            Input::OneHot(ids) => (d, ids.len()),
        };
        assert_eq!(x, (d, span.seq_len * span.batch_size), "one x for a token");
        if let Input::OneHot(ids) = input {
            assert!(ids.iter().all(|&id| (id as usize) < d), "ids are below V");
        }
        for state in [&states.h, &states.c] {
            assert_eq!(state.shape(), (h, span.batch_size), "states are H×B");
        }
    }
}
