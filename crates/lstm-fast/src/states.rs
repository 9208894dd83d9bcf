//! h and c of a batch in panels.

use crate::lanes::Row;
use crate::panels::{Panels, split};
use lstm_model::BatchState;
use std::ops::Range;

/// h and c after a step: H in panels, one row for each sequence.
#[derive(Debug)]
pub(crate) struct States {
    pub h: Panels,
    pub c: Panels,
}

/// Some units of [`States`].
pub(crate) struct StatesMut<'a> {
    pub h: &'a mut [Row],
    pub c: &'a mut [Row],
}

impl States {
    pub fn any(hidden_size: usize, rows: usize) -> Self {
        Self {
            h: Panels::any(hidden_size, rows),
            c: Panels::any(hidden_size, rows),
        }
    }

    /// Cuts the units into work items, which are ranges of groups of sixteen units.
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
