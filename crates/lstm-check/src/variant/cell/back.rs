//! One step of the backward pass (E9–E17).

use super::{Cell, F, G, I, O, StepValues};
use crate::mistake::Mistake::*;
use crate::variant::Weights;
use nalgebra::{DVector, RealField};

/// The gradients that one step passes on.
pub(crate) struct StepGradient<T> {
    /// dx_t, D
    pub dx: DVector<T>,
    /// What step t adds to dh_{t−1}, R
    pub dh_prev: DVector<T>,
    /// What step t adds to dc_{t−1}, H
    pub dc_prev: DVector<T>,
}

impl<T: RealField + Copy> Cell<'_, T> {
    /// E9–E17 for one step. `dh_t` is the whole gradient of h_t, `dc_next` what step t + 1 adds to dc_t.
    /// The weights' gradients are added to `grad`.
    ///
    /// Shapes: `dh_t` R, `dc_next` H.
    pub fn step_back(
        &self,
        s: &StepValues<T>,
        dh_t: &DVector<T>,
        dc_next: &DVector<T>,
        is_last: bool,
        grad: &mut Weights<T>,
    ) -> StepGradient<T> {
        let dm = self.projection_back(s, dh_t, grad);
        let d_o = dm.zip_map(&s.c, |dm, c| dm * self.squash(c));
        let da_o = self.activate_back(O, s, &d_o); // E10
        let dc_t = self.cell_gradient(s, &dm, dc_next, &da_o, is_last);
        let [da_i, da_f, da_g] = self.gate_gradients(s, &dc_t);
        let da = [da_i, da_f, da_g, da_o];
        let dc_prev = self.cell_back(s, dc_t, &da);
        self.accumulate(s, &da, is_last, grad);
        let mut dx = DVector::zeros(s.x.len());
        let mut dh_prev = DVector::zeros(s.h_prev.len());
        for (block, da) in self.weights.blocks.iter().zip(&da) {
            dx += block.w_x.tr_mul(da); // E15
            if self.wrong(RecurrentGradientTransposed) && block.w_h.is_square() {
                dh_prev += &block.w_h * da;
            } else {
                dh_prev += block.w_h.tr_mul(da); // E9, E17
            }
        }
        StepGradient {
            dx,
            dh_prev,
            dc_prev,
        }
    }

    /// dm_t from dh_t: W_pᵀ dh_t with a projection.
    fn projection_back(
        &self,
        s: &StepValues<T>,
        dh_t: &DVector<T>,
        grad: &mut Weights<T>,
    ) -> DVector<T> {
        match (&self.weights.projection, &mut grad.projection) {
            (Some(w_p), Some(dw_p)) => {
                *dw_p += dh_t * s.m.transpose();
                w_p.tr_mul(dh_t)
            }
            _ => dh_t.clone(),
        }
    }

    /// dc_t: through h_t, from step t + 1, and through the peephole of o.
    fn cell_gradient(
        &self,
        s: &StepValues<T>,
        dm: &DVector<T>,
        dc_next: &DVector<T>,
        da_o: &DVector<T>,
        is_last: bool,
    ) -> DVector<T> {
        let o = &s.gates[O];
        let mut dc_t = dm.zip_zip_map(o, &s.c, |dm, o, c| dm * o * self.squash_slope(c));
        if is_last || !self.wrong(CarouselDropped) {
            dc_t += dc_next; // E11
        }
        if let Some([_, _, p_o]) = self.peepholes_back() {
            dc_t += p_o.component_mul(da_o);
        }
        dc_t
    }

    /// da^i_t, da^f_t and da^g_t from dc_t.
    fn gate_gradients(&self, s: &StepValues<T>, dc_t: &DVector<T>) -> [DVector<T>; 3] {
        let [i, _, g, _] = &s.gates;
        let c_read = if self.wrong(ForgetReadsNewCell) {
            &s.c
        } else {
            &s.c_prev
        };
        let mut di = dc_t.component_mul(g);
        let df = dc_t.component_mul(c_read);
        let dg = dc_t.component_mul(i);
        let da_f = if self.options.coupled {
            di -= &df;
            DVector::zeros(df.len())
        } else {
            self.activate_back(F, s, &df) // E13
        };
        let da_i = self.activate_back(I, s, &di); // E12
        let da_g = self.activate_back(G, s, &dg); // E14
        [da_i, da_f, da_g]
    }

    /// What reaches c_{t−1}: through f_t (E11, E17) and through the peepholes of i and f.
    fn cell_back(&self, s: &StepValues<T>, dc_t: DVector<T>, da: &[DVector<T>; 4]) -> DVector<T> {
        let mut dc_prev = if self.wrong(CarouselWithoutForget) {
            dc_t
        } else {
            dc_t.component_mul(&s.gates[F])
        };
        if let Some([p_i, p_f, _]) = self.peepholes_back() {
            dc_prev += p_i.component_mul(&da[I]) + p_f.component_mul(&da[F]);
        }
        dc_prev
    }

    /// Adds one step's part of the weights' gradients (E16).
    fn accumulate(
        &self,
        s: &StepValues<T>,
        da: &[DVector<T>; 4],
        is_last: bool,
        grad: &mut Weights<T>,
    ) {
        if let Some(dp) = &mut grad.peepholes {
            dp[0] += da[I].component_mul(&s.c_prev);
            dp[1] += da[F].component_mul(&s.c_prev);
            dp[2] += da[O].component_mul(&s.c);
        }
        let counts = |last_only| is_last || !self.wrong(last_only);
        let h_read = if self.wrong(WeightReadsNewH) {
            &s.h
        } else {
            &s.h_prev
        };
        for (k, block) in grad.blocks.iter_mut().enumerate() {
            if counts(LastStepOnlyX) {
                block.w_x += &da[k] * s.x.transpose();
            }
            if counts(LastStepOnlyH) {
                block.w_h += &da[k] * h_read.transpose();
            }
            if counts(LastStepOnlyB) {
                let from = match self.mistake {
                    Some(BiasGradientFrom(of, from)) if of == k => from,
                    _ => k,
                };
                block.b_x += &da[from];
                block.b_h += &da[from];
            }
        }
    }

    fn peepholes_back(&self) -> Option<[&DVector<T>; 3]> {
        let is_on = !self.wrong(PeepholeGradientDropped);
        self.peepholes().filter(|_| is_on)
    }

    /// da of block k from the gradient of its value.
    fn activate_back(&self, k: usize, s: &StepValues<T>, dy: &DVector<T>) -> DVector<T> {
        let (activation, clip) = (self.activation(k), self.clip());
        s.a[k].zip_map(dy, |a, dy| {
            let is_clipped = clip.is_some_and(|clip| a.abs() > clip);
            if self.wrong(SlopeMissing(k)) {
                dy
            } else if is_clipped {
                T::zero()
            } else {
                dy * activation.slope(a)
            }
        })
    }

    fn squash_slope(&self, c: T) -> T {
        if self.wrong(CellTanhDropped) || self.wrong(CellSlopeMissing) {
            T::one()
        } else {
            self.options.cell.slope(c)
        }
    }
}
