//! The element-wise equations: E2–E7 of one step, and E9–E14 in the backward pass.

use crate::activation::{sigmoid, tanh};
use crate::lanes::{Lanes, Row, ZERO};
use crate::level::Kernel;
use crate::packed::GATES;
use crate::panels::{View, ViewMut};
use crate::states::StatesMut;

/// E2–E7 of one step, for all sequences and some units.
pub(crate) struct Step<'a> {
    /// In: a_t, the pre-activations. Out: i_t, f_t, g_t, o_t. \[H/16\]\[4\]\[rows\]
    pub gates: &'a mut [Row],
    pub h_prev: View<'a>,
    pub c_prev: View<'a>,
    /// Out: h_t and c_t.
    pub after: StatesMut<'a>,
    /// For each sequence, whether it has a real token at t. The other sequences keep h and c.
    pub real: &'a [bool],
}

impl Kernel for Step<'_> {
    type Output = ();

    // ANCHOR: step
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let rows = self.real.len();
        let mut gates = self.gates.chunks_exact_mut(rows);
        let StatesMut { h, c } = self.after;
        let states = h.chunks_exact_mut(rows).zip(c.chunks_exact_mut(rows));
        for (u, (h, c)) in states.enumerate() {
            let [i, f, g, o] = four(&mut gates);
            let (h_prev, c_prev) = (self.h_prev.panel(u), self.c_prev.panel(u));
            for r in 0..rows {
                if !self.real[r] {
                    (h[r], c[r]) = (h_prev[r], c_prev[r]);
                    continue;
                }
                let i_t = sigmoid(l, l.load(&i[r])); // E2
                let f_t = sigmoid(l, l.load(&f[r])); // E3
                let g_t = tanh(l, l.load(&g[r])); // E5
                let o_t = sigmoid(l, l.load(&o[r])); // E4
                let c_t = l.mul_add(f_t, l.load(&c_prev[r]), l.mul(i_t, g_t)); // E6
                let h_t = l.mul(o_t, tanh(l, c_t)); // E7
                l.store(i_t, &mut i[r]);
                l.store(f_t, &mut f[r]);
                l.store(g_t, &mut g[r]);
                l.store(o_t, &mut o[r]);
                l.store(c_t, &mut c[r]);
                l.store(h_t, &mut h[r]);
            }
        }
    }
    // ANCHOR_END: step
}

/// E9–E14 of one step, for all sequences and some units.
pub(crate) struct StepBack<'a> {
    /// i_t, f_t, g_t, o_t: \[H/16\]\[4\]\[rows\]
    pub gates: &'a [Row],
    pub c: View<'a>,
    pub c_prev: View<'a>,
    /// The direct gradient of the loss on h_t.
    pub dh_direct: View<'a>,
    /// In: the gradient from step t + 1, on h_t (E9) and dc_{t+1} ⊙ f_{t+1}. Out: dc_t ⊙ f_t, and the
    /// initial value of the product for h_{t−1}: zero, or the gradient on h_t for a sequence whose step
    /// is padding.
    pub dnext: StatesMut<'a>,
    /// Out: da_t, the four gates of the units in panels.
    pub da: ViewMut<'a>,
    pub real: &'a [bool],
}

impl Kernel for StepBack<'_> {
    type Output = ();

    // ANCHOR: step_back
    #[inline(always)]
    fn run<L: Lanes>(mut self, l: L) {
        let rows = self.real.len();
        let (mut gates, mut da) = (self.gates.chunks_exact(rows), self.da.panels_mut());
        let StatesMut { h, c } = self.dnext;
        let dnext = h.chunks_exact_mut(rows).zip(c.chunks_exact_mut(rows));
        for (u, (dh, dc)) in dnext.enumerate() {
            let ([i, f, g, o], [da_i, da_f, da_g, da_o]) = (four(&mut gates), four(&mut da));
            let (c, c_prev) = (self.c.panel(u), self.c_prev.panel(u));
            let dh_direct = self.dh_direct.panel(u);
            for r in 0..rows {
                if !self.real[r] {
                    (da_i[r], da_f[r], da_g[r], da_o[r]) = (ZERO, ZERO, ZERO, ZERO);
                    continue;
                }
                let (i_t, f_t) = (l.load(&i[r]), l.load(&f[r]));
                let (g_t, o_t) = (l.load(&g[r]), l.load(&o[r]));
                let tanh_c = tanh(l, l.load(&c[r]));
                let dh_t = l.add(l.load(&dh_direct[r]), l.load(&dh[r])); // E9
                let through_h = l.mul(l.mul(dh_t, o_t), l.one_minus_square(tanh_c));
                let dc_t = l.add(through_h, l.load(&dc[r])); // E11
                let di = l.mul(dc_t, g_t);
                let df = l.mul(dc_t, l.load(&c_prev[r]));
                let dg = l.mul(dc_t, i_t);
                let d_o = l.mul(dh_t, tanh_c);
                l.store(l.mul(d_o, l.times_rest(o_t)), &mut da_o[r]); // E10
                l.store(l.mul(di, l.times_rest(i_t)), &mut da_i[r]); // E12
                l.store(l.mul(df, l.times_rest(f_t)), &mut da_f[r]); // E13
                l.store(l.mul(dg, l.one_minus_square(g_t)), &mut da_g[r]); // E14
                l.store(l.mul(dc_t, f_t), &mut dc[r]);
                dh[r] = ZERO;
            }
        }
    }
    // ANCHOR_END: step_back
}

/// The next four panels, one for each gate.
#[inline(always)]
fn four<P>(panels: &mut impl Iterator<Item = P>) -> [P; GATES] {
    std::array::from_fn(|_| panels.next().expect("four for every group of units"))
}
