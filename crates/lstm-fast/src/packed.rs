//! A layer's weights in the order in which the products read them.

use crate::lanes::{LANES, Row, ZERO};
use crate::level::Level;
use crate::panels::{Panels, panels_of};
use crate::work::{MOVED, Machine, panel_items, work_items};
use lstm_gates::{Gate, LstmParams};
use lstm_model::{Parameters, Team, share};
use nalgebra::{DMatrix, DVector};
use std::ops::Range;

/// An LSTM layer for f32, in the packed order of its engine.
///
/// The panels i, f, g, o of the same sixteen units are contiguous; a weight matrix is
/// \[4H/16\]\[inputs\]\[16\]. H and D are padded to multiples of sixteen with zeros. No gradient changes
/// them: a padded unit has h = c = 0, and all weights from it are zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Fast {
    pub(crate) level: Level,
    pub(crate) input_size: usize,
    pub(crate) hidden_size: usize,
    /// W_x: 4H in panels, D rows.
    pub(crate) w_x: Panels,
    /// W_h: 4H in panels, H rows.
    pub(crate) w_h: Panels,
    /// b: 4H in panels.
    pub(crate) b: Vec<Row>,
}

/// The gates in the order of their panels.
pub(crate) const GATES: usize = 4;

impl Fast {
    /// The layer with these weights, computed with the instructions of `level`.
    pub fn at(level: Level, params: &LstmParams<f32>) -> Self {
        let (d, h) = (params.input_size(), params.hidden_size());
        let panels = GATES * panels_of(h);
        let padded = |n: usize| n.next_multiple_of(LANES);
        let mut packed = Self {
            level,
            input_size: d,
            hidden_size: h,
            w_x: Panels::zeros(panels * LANES, padded(d)),
            w_h: Panels::zeros(panels * LANES, padded(h)),
            b: vec![ZERO; panels],
        };
        for (k, gate) in params.blocks().into_iter().enumerate() {
            for unit in 0..h {
                let (panel, lane) = place(k, unit);
                for (n, &w) in gate.w_x.row(unit).iter().enumerate() {
                    packed.w_x.panel_mut(panel)[n][lane] = w;
                }
                for (n, &w) in gate.w_h.row(unit).iter().enumerate() {
                    packed.w_h.panel_mut(panel)[n][lane] = w;
                }
                packed.b[panel][lane] = gate.b[unit];
            }
        }
        packed
    }

    /// The same layer, computed with the instructions of `level`.
    #[must_use]
    pub fn with_level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// The instructions with which the layer is computed.
    pub fn level(&self) -> Level {
        self.level
    }

    pub(crate) fn machine<'a>(&self, team: &'a dyn Team) -> Machine<'a> {
        Machine {
            level: self.level,
            team,
        }
    }

    /// Groups of sixteen units, as work items for a step of `rows` sequences.
    pub(crate) fn work_items(&self, team: &dyn Team, rows: usize) -> Vec<Range<usize>> {
        let work = LANES * self.w_h.data().len() * rows;
        work_items(team, panels_of(self.hidden_size), work)
    }

    pub(crate) fn unpack(&self) -> LstmParams<f32> {
        let (d, h) = (self.input_size, self.hidden_size);
        let gate = |k: usize| {
            let weight = |w: &Panels, unit: usize, n: usize| {
                let (panel, lane) = place(k, unit);
                w.panel(panel)[n][lane]
            };
            Gate {
                w_x: DMatrix::from_fn(h, d, |unit, n| weight(&self.w_x, unit, n)),
                w_h: DMatrix::from_fn(h, h, |unit, n| weight(&self.w_h, unit, n)),
                b: DVector::from_fn(h, |unit, _| {
                    let (panel, lane) = place(k, unit);
                    self.b[panel][lane]
                }),
            }
        };
        LstmParams {
            i: gate(0),
            f: gate(1),
            g: gate(2),
            o: gate(3),
        }
    }
}

/// The panels of the gates of some groups of sixteen units.
pub(crate) fn gate_panels(units: &Range<usize>) -> Range<usize> {
    GATES * units.start..GATES * units.end
}

/// The panel and the lane of a unit in gate `k`. The panels i, f, g, o of units 0–15 come first, then
/// those of units 16–31.
fn place(k: usize, unit: usize) -> (usize, usize) {
    (unit / LANES * GATES + k, unit % LANES)
}

/// Wᵀ of weights \[n/16\]\[k\]\[16\]: \[k/16\]\[n\]\[16\]. The backward pass multiplies by Wᵀ. The
/// weights change with every update, so each backward pass transposes them once. Only weights are
/// transposed.
pub(crate) fn transposed(team: &dyn Team, w: &Panels) -> Panels {
    let mut t = Panels::any(w.rows(), w.count() * LANES);
    let (rows, work) = (t.rows(), MOVED * LANES * t.data().len());
    let items = panel_items(team, t.data_mut(), rows, work);
    share(team, items, |(t, panels)| {
        for (k, panel) in panels.zip(t.chunks_exact_mut(rows)) {
            for (n, to) in panel.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                let block = &w.panel(n)[k * LANES..][..LANES];
                for (j, row) in to.iter_mut().enumerate() {
                    *row = std::array::from_fn(|lane| block[lane][j]);
                }
            }
        }
    });
    t
}

impl Parameters for Fast {
    type Scalar = f32;

    fn slices(&self) -> Vec<&[f32]> {
        let parts = [self.w_x.data(), self.w_h.data(), &self.b];
        parts.map(<[Row]>::as_flattened).into()
    }

    fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        let parts = [self.w_x.data_mut(), self.w_h.data_mut(), &mut self.b];
        parts.map(<[Row]>::as_flattened_mut).into()
    }

    /// Without the padding.
    fn parameter_count(&self) -> usize {
        let (d, h) = (self.input_size, self.hidden_size);
        GATES * h * (d + h + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_gates::Init;
    use lstm_model::{Alone, Purpose};

    #[test]
    fn weights_come_back_to_the_bit_whatever_their_sizes() {
        for (d, h) in [(1, 1), (7, 33), (64, 16), (17, 31)] {
            let rng = &mut Purpose::Weights.rng(1, 0, 0);
            let params = LstmParams::init(Init::PytorchUniform, d, h, rng);
            let fast = Fast::at(Level::best(), &params);
            assert_eq!(fast.unpack(), params);
            assert_eq!(fast.parameter_count(), params.parameter_count());
        }
    }

    #[test]
    fn transposing_twice_gives_the_weights_back() {
        let rng = &mut Purpose::Weights.rng(1, 0, 0);
        let params = LstmParams::init(Init::PytorchUniform, 20, 33, rng);
        let fast = Fast::at(Level::best(), &params);
        let t = transposed(&Alone, &fast.w_x);
        assert_eq!(t.panel(1)[16 + 3][2], fast.w_x.panel(1)[16 + 2][3]);
        assert_eq!(transposed(&Alone, &t), fast.w_x);
    }
}
