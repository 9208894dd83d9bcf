//! One step of a few sequences, for generating text: products of the weights and one vector for each
//! sequence.
//!
//! With one sequence every weight is used once, so a step takes as long as reading the weights. They are
//! stored in the order in which they are read, and every thread reads its own part of them. With more
//! sequences a register tile uses each weight that it loads for several of them.

use crate::activation::{sigmoid, tanh};
use crate::lanes::{LANES, Lanes};
use crate::level::Kernel;
use crate::packed::GATES;
use crate::panels::{Panels, View, ViewMut};
use crate::stored::{OfGates, Stored, VectorLayer};
use crate::tile::{TileKernel, even_tiles, fits, of_panels};
use std::ops::Range;

/// E1–E7 of one step, for some of the units.
pub(crate) struct VectorStep<'a, W> {
    pub layer: &'a VectorLayer<W>,
    /// Groups of sixteen units.
    pub units: Range<usize>,
    /// The token of each sequence if the layer reads tokens; otherwise zeros.
    pub tokens: &'a [usize],
    /// x_t and h_{t−1} of each sequence, in panels.
    pub inputs: &'a Panels,
    /// In: c_{t−1} of these units. Out: c_t.
    pub c: &'a mut Panels,
    /// Out: h_t of these units.
    pub h: &'a mut Panels,
    /// Space for the sums of the four gates.
    pub sums: &'a mut Panels,
}

// ANCHOR: vector_step
impl<W: Stored> Kernel for VectorStep<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Self { layer, sums, .. } = self;
        for (n, u) in self.units.enumerate() {
            for (r, &token) in self.tokens.iter().enumerate() {
                for k in 0..GATES {
                    sums.panel_mut(k)[r] = layer.start(token, u).0[k];
                }
            }
            add_products(l, sums, self.inputs.view(), layer.of_units_from(u)); // E1
            let (c, h) = (self.c.panel_mut(n), self.h.panel_mut(n));
            let step = &layer.steps(u).0;
            for r in 0..self.tokens.len() {
                let mut a = [l.splat(0.0); GATES];
                for k in 0..GATES {
                    a[k] = l.mul(l.load(&sums.panel(k)[r]), l.load(&step[k]));
                }
                let (i_t, f_t) = (sigmoid(l, a[0]), sigmoid(l, a[1])); // E2, E3
                let (g_t, o_t) = (tanh(l, a[2]), sigmoid(l, a[3])); // E5, E4
                let c_t = l.mul_add(f_t, l.load(&c[r]), l.mul(i_t, g_t)); // E6
                l.store(c_t, &mut c[r]);
                l.store(l.mul(o_t, tanh(l, c_t)), &mut h[r]); // E7
            }
        }
    }
}
// ANCHOR_END: vector_step

/// The number of inputs whose weights stay in the first-level cache, 16 KB in single precision, while the
/// sequences take turns. As many of the next block are being prefetched.
const BLOCK: usize = 64;

/// The number of inputs whose weights a tile prefetches for every sixteen that it multiplies. So two tiles
/// prefetch the whole next block.
const AHEAD: usize = LANES / 2;

/// The largest tile of this instruction set: sequences, and gates that share a broadcast.
#[inline(always)]
const fn largest<L: Lanes>() -> (usize, usize) {
    let gates = if fits::<L>(2, GATES) { GATES } else { 1 };
    let mut rows = 1;
    while rows < LANES && fits::<L>(rows + 1, gates) {
        rows += 1;
    }
    (rows, gates)
}

/// sums\[k\] += Σ_n x\[n\] w\[n\]\[k\] for the four gates k and every sequence. Each sum is computed in
/// the order of the inputs, however many sequences there are. `w` may go on with weights that are needed
/// next.
#[inline(always)]
fn add_products<W: Stored, L: Lanes>(l: L, sums: &mut Panels, inputs: View<'_>, w: &[OfGates<W>]) {
    let count = inputs.count() * LANES;
    if inputs.rows() == 1 {
        let tile = Sums {
            sums: sums.view_rows_mut(0..1),
            inputs,
            w: &w[..count],
            gate: 0,
            next: &[],
        };
        return tile.run::<L, 1, GATES>(l);
    }
    let (most, gates) = const { largest::<L>() };
    for first in (0..count).step_by(BLOCK) {
        let (w, next) = w[first..].split_at(BLOCK.min(count - first));
        let inputs = inputs.panels(&(first / LANES..(first + w.len()) / LANES));
        let mut ahead = next[..BLOCK.min(next.len())].chunks(AHEAD * BLOCK / LANES);
        for gate in (0..GATES).step_by(gates) {
            for rows in even_tiles(inputs.rows(), most) {
                let tile = Sums {
                    sums: sums.view_rows_mut(rows.clone()),
                    inputs: inputs.part(&rows),
                    w,
                    gate,
                    next: ahead.next().unwrap_or_default(),
                };
                if gates == GATES {
                    of_panels::<L, GATES>(l, rows.len(), tile);
                } else {
                    of_panels::<L, 1>(l, rows.len(), tile);
                }
            }
        }
    }
}

/// The sums of some sequences and some gates, from gate number `gate` on. Meanwhile the weights `next` are
/// prefetched.
struct Sums<'a, W> {
    sums: ViewMut<'a>,
    inputs: View<'a>,
    w: &'a [OfGates<W>],
    gate: usize,
    next: &'a [OfGates<W>],
}

impl<W: Stored> TileKernel for Sums<'_, W> {
    // ANCHOR: vector_tile
    /// R sequences × P gates, whose sums stay in registers.
    #[inline(always)]
    fn run<L: Lanes, const R: usize, const P: usize>(mut self, l: L) {
        let mut sums = [[l.splat(0.0); R]; P];
        for (p, sums) in sums.iter_mut().enumerate() {
            let rows = self.sums.panel_mut(self.gate + p);
            let rows = rows.first_chunk::<R>().expect("R rows");
            for r in 0..R {
                sums[r] = l.load(&rows[r]);
            }
        }
        for (n, w) in self.w.as_chunks::<LANES>().0.iter().enumerate() {
            let x = self.inputs.panel(n).first_chunk::<R>().expect("R rows");
            let next = self.next.as_chunks::<AHEAD>().0.get(n);
            for k in 0..LANES {
                if k < AHEAD
                    && let Some(next) = next
                {
                    next[k].prefetch(l);
                }
                let rows = w[k].0[self.gate..].first_chunk::<P>().expect("P gates");
                let mut w_k = [l.splat(0.0); P];
                for p in 0..P {
                    w_k[p] = rows[p].load(l);
                }
                for r in 0..R {
                    let x_rk = l.splat(x[r][k]);
                    for p in 0..P {
                        sums[p][r] = l.mul_add(w_k[p], x_rk, sums[p][r]);
                    }
                }
            }
        }
        for (p, sums) in sums.iter().enumerate() {
            let rows = self.sums.panel_mut(self.gate + p);
            let rows = rows.first_chunk_mut::<R>().expect("R rows");
            for r in 0..R {
                l.store(sums[r], &mut rows[r]);
            }
        }
    }
    // ANCHOR_END: vector_tile
}
