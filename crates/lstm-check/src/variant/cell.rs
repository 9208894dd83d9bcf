//! One step of an LSTM with options, forward (E1–E7).
//!
//! Without options it is the cell of lstm-cell, to which the tests hold it.

mod back;

use super::{Activation, Options, Weights};
use crate::mistake::Mistake::{self, *};
use nalgebra::{DVector, RealField, convert};

/// A cell, and the mistake in it, if any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<'a, T> {
    pub weights: &'a Weights<T>,
    pub options: Options,
    pub mistake: Option<Mistake>,
}

/// The values of one step: all that the backward pass reads.
#[derive(Clone, Debug)]
pub struct StepValues<T> {
    /// x_t, D
    pub x: DVector<T>,
    /// h_{t−1}, R
    pub h_prev: DVector<T>,
    /// c_{t−1}, H
    pub c_prev: DVector<T>,
    /// Pre-activations before they are clipped, H each.
    pub a: [DVector<T>; 4],
    /// i_t, f_t, g_t, o_t, H each
    pub gates: [DVector<T>; 4],
    /// c_t, H
    pub c: DVector<T>,
    /// m_t = o_t ⊙ tanh c_t, H: the input of the projection.
    pub m: DVector<T>,
    /// h_t, R
    pub h: DVector<T>,
}

const I: usize = 0;
const F: usize = 1;
const G: usize = 2;
const O: usize = 3;

impl<T: RealField + Copy> Cell<'_, T> {
    fn wrong(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// E1–E7.
    pub fn step(&self, x: &DVector<T>, h_prev: &DVector<T>, c_prev: &DVector<T>) -> StepValues<T> {
        let [mut a_i, mut a_f, a_g, mut a_o] =
            [I, F, G, O].map(|k| self.preactivation(k, x, h_prev)); // E1
        if let Some([p_i, p_f, _]) = self.peepholes() {
            a_i += p_i.component_mul(c_prev);
            a_f += p_f.component_mul(c_prev);
        }
        let i = self.activate(I, &a_i); // E2
        let f = if self.wrong(ForgetFixedAtOne) {
            i.map(|_| T::one())
        } else if self.options.coupled && !self.wrong(CouplingIgnored) {
            i.map(|i| T::one() - i)
        } else {
            self.activate(F, &a_f) // E3
        };
        let g = self.activate(G, &a_g); // E5
        let (keep, write) = if self.wrong(InputAndForgetSwapped) {
            (&i, &f)
        } else {
            (&f, &i)
        };
        let mut c = keep.component_mul(c_prev) + write.component_mul(&g); // E6
        if let (true, Some(clip)) = (self.wrong(ClipOnCell), self.options.clip) {
            c = c.map(|c| c.clamp(convert(-clip), convert(clip)));
        }
        if let Some([_, _, p_o]) = self.peepholes() {
            let is_old = self.wrong(OutputPeepholeReadsOldCell);
            a_o += p_o.component_mul(if is_old { c_prev } else { &c });
        }
        let o = self.activate(O, &a_o); // E4
        let m = o.zip_map(&c, |o, c| o * self.squash(c)); // E7
        let h = match &self.weights.projection {
            Some(w_p) => w_p * &m,
            None => m.clone(),
        };
        StepValues {
            x: x.clone(),
            h_prev: h_prev.clone(),
            c_prev: c_prev.clone(),
            a: [a_i, a_f, a_g, a_o],
            gates: [i, f, g, o],
            c,
            m,
            h,
        }
    }

    fn preactivation(&self, k: usize, x: &DVector<T>, h_prev: &DVector<T>) -> DVector<T> {
        let place = match self.mistake {
            Some(BlockOrder(order)) => order[k],
            _ => k,
        };
        let block = &self.weights.blocks[place];
        let mut a = &block.w_x * x;
        match self.mistake {
            Some(RecurrentDropped) => {}
            Some(RecurrentTransposed) if block.w_h.is_square() => a += block.w_h.tr_mul(h_prev),
            _ => a += &block.w_h * h_prev,
        }
        for (n, bias) in [&block.b_x, &block.b_h].into_iter().enumerate() {
            let times = match self.mistake {
                Some(BiasDropped(dropped)) if dropped == n => 0.0,
                Some(BiasTwice(doubled)) if doubled == n => 2.0,
                _ => 1.0,
            };
            a += bias * convert::<f64, T>(times);
        }
        if k == F && self.wrong(ForgetBiasAdded) {
            a.add_scalar_mut(T::one());
        }
        a
    }

    fn peepholes(&self) -> Option<[&DVector<T>; 3]> {
        let [i, f, o] = self.weights.peepholes.as_ref()?;
        match self.mistake {
            Some(PeepholesDropped) => None,
            Some(PeepholeOrder) => Some([i, o, f]),
            _ => Some([i, f, o]),
        }
    }

    /// The bound of the pre-activations.
    fn clip(&self) -> Option<T> {
        let is_on = !self.wrong(ClipIgnored) && !self.wrong(ClipOnCell);
        self.options.clip.filter(|_| is_on).map(convert)
    }

    fn activation(&self, k: usize) -> Activation {
        let own = match k {
            G if self.wrong(CandidateSigmoid) => Activation::Sigmoid,
            G => self.options.candidate,
            _ => self.options.gate,
        };
        match own {
            Activation::HardSigmoid(alpha, beta) if self.wrong(OtherHardSigmoid) => {
                let other = if alpha == 0.2 { 1.0 / 6.0 } else { 0.2 };
                Activation::HardSigmoid(other, beta)
            }
            own => own,
        }
    }

    /// The values of block k.
    fn activate(&self, k: usize, a: &DVector<T>) -> DVector<T> {
        let (activation, clip) = (self.activation(k), self.clip());
        a.map(|a| activation.value(clip.map_or(a, |clip| a.clamp(-clip, clip))))
    }

    /// The activation of the cell in E7.
    fn squash(&self, c: T) -> T {
        if self.wrong(CellTanhDropped) {
            c
        } else {
            self.options.cell.value(c)
        }
    }
}
