//! One step of an LSTM with the options that other people's have, forward (E1–E7) and back (E9–E17).
//!
//! Without options it is the cell of lstm-cell and lstm-bptt; the tests hold it to them.

use crate::variant::Activation;
use crate::variant::mistake::Mistake::{self, *};
use nalgebra::{DMatrix, DVector, RealField, convert};

/// The weights of one block; there may be two biases, which are added.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<T> {
    /// W_xk, H×D
    pub w_x: DMatrix<T>,
    /// W_hk, H×R, where R is the size of what the layer shows: H, or less with a projection.
    pub w_h: DMatrix<T>,
    /// The input's bias, H.
    pub b_x: DVector<T>,
    /// The recurrent bias, H; zero where there is one bias.
    pub b_h: DVector<T>,
}

/// All weights of one direction of a layer. A gradient of it has the same type.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights<T> {
    /// i, f, g, o
    pub blocks: [Block<T>; 4],
    /// p_i, p_f, p_o of H: gates that see the cell. Gers & Schmidhuber (2000), DOI
    /// 10.1109/IJCNN.2000.861302.
    pub peepholes: Option<[DVector<T>; 3]>,
    /// W_p, R×H. Sak, Senior & Beaufays (2014), arXiv 1402.1128.
    pub projection: Option<DMatrix<T>>,
}

/// What is not a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Of i, f and o.
    pub gate: Activation,
    /// Of g.
    pub candidate: Activation,
    /// Of c_t in E7.
    pub cell: Activation,
    /// Pre-activations are kept between −clip and clip.
    pub clip: Option<f64>,
    /// f = 1 − i.
    pub coupled: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            gate: Activation::Sigmoid,
            candidate: Activation::Tanh,
            cell: Activation::Tanh,
            clip: None,
            coupled: false,
        }
    }
}

/// A cell, and what is done wrong in it, if anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<'a, T> {
    pub weights: &'a Weights<T>,
    pub options: Options,
    pub mistake: Option<Mistake>,
}

/// What a step leaves behind.
#[derive(Clone, Debug)]
pub struct Step<T> {
    /// x_t, D
    pub x: DVector<T>,
    /// h_{t−1}, R
    pub h_prev: DVector<T>,
    /// c_{t−1}, H
    pub c_prev: DVector<T>,
    /// Pre-activations before they are clipped, H each.
    pub a: [DVector<T>; 4],
    /// i_t, f_t, g_t, o_t
    pub gates: [DVector<T>; 4],
    /// c_t
    pub c: DVector<T>,
    /// o_t ⊙ tanh c_t, H: what a projection reads.
    pub m: DVector<T>,
    /// h_t, R
    pub h: DVector<T>,
}

const I: usize = 0;
const F: usize = 1;
const G: usize = 2;
const O: usize = 3;

impl<T: RealField + Copy> Weights<T> {
    /// The same shapes, all zero.
    pub fn zeros_like(&self) -> Self {
        let zero = |v: &DVector<T>| DVector::zeros(v.len());
        let zeros = |m: &DMatrix<T>| DMatrix::zeros(m.nrows(), m.ncols());
        Self {
            blocks: self.blocks.each_ref().map(|block| Block {
                w_x: zeros(&block.w_x),
                w_h: zeros(&block.w_h),
                b_x: zero(&block.b_x),
                b_h: zero(&block.b_h),
            }),
            peepholes: self.peepholes.as_ref().map(|p| p.each_ref().map(zero)),
            projection: self.projection.as_ref().map(zeros),
        }
    }

    /// H
    pub fn hidden_size(&self) -> usize {
        self.blocks[I].b_x.len()
    }

    /// R: what is shown and read back.
    pub fn output_size(&self) -> usize {
        self.blocks[I].w_h.ncols()
    }
}

impl<T: RealField + Copy> Cell<'_, T> {
    fn wrong(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// E1–E7.
    pub fn step(&self, x: &DVector<T>, h_prev: &DVector<T>, c_prev: &DVector<T>) -> Step<T> {
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
            let seen = match self.wrong(OutputPeepholeReadsOldCell) {
                true => c_prev,
                false => &c,
            };
            a_o += p_o.component_mul(seen);
        }
        let o = self.activate(O, &a_o); // E4
        let m = o.zip_map(&c, |o, c| o * self.squash(c)); // E7
        let h = match &self.weights.projection {
            Some(w_p) => w_p * &m,
            None => m.clone(),
        };
        Step {
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
            // Lying as i o f and read as i f o.
            Some(PeepholeOrder) => Some([i, o, f]),
            _ => Some([i, f, o]),
        }
    }

    /// Where the pre-activations are cut off.
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

    fn activate(&self, k: usize, a: &DVector<T>) -> DVector<T> {
        let (activation, clip) = (self.activation(k), self.clip());
        a.map(|a| activation.value(clip.map_or(a, |clip| a.clamp(-clip, clip))))
    }

    /// da of block k from the gradient on its value.
    fn activate_back(&self, k: usize, step: &Step<T>, dy: &DVector<T>) -> DVector<T> {
        let (activation, clip) = (self.activation(k), self.clip());
        step.a[k].zip_map(dy, |a, dy| {
            let is_cut = clip.is_some_and(|clip| a.abs() > clip);
            if self.wrong(SlopeMissing(k)) {
                dy
            } else if is_cut {
                T::zero()
            } else {
                dy * activation.slope(a)
            }
        })
    }

    fn squash(&self, c: T) -> T {
        match self.wrong(CellTanhDropped) {
            true => c,
            false => self.options.cell.value(c),
        }
    }

    fn squash_slope(&self, c: T) -> T {
        match self.wrong(CellTanhDropped) || self.wrong(CellSlopeMissing) {
            true => T::one(),
            false => self.options.cell.slope(c),
        }
    }
}

/// What a step back hands on.
pub(crate) struct StepBack<T> {
    pub dx: DVector<T>,
    pub dh_prev: DVector<T>,
    pub dc_prev: DVector<T>,
}

impl<T: RealField + Copy> Cell<'_, T> {
    /// E9–E17 for one step: `dh` is all of dh_t, `dc` what step t + 1 hands back on c_t. Adds to
    /// `grad`.
    pub fn step_back(
        &self,
        step: &Step<T>,
        dh: &DVector<T>,
        dc: &DVector<T>,
        is_last: bool,
        grad: &mut Weights<T>,
    ) -> StepBack<T> {
        let [i, f, g, o] = &step.gates;
        let dm = match (&self.weights.projection, &mut grad.projection) {
            (Some(w_p), Some(dw_p)) => {
                *dw_p += dh * step.m.transpose();
                w_p.tr_mul(dh)
            }
            _ => dh.clone(),
        };
        let d_o = dm.zip_map(&step.c, |dm, c| dm * self.squash(c));
        let da_o = self.activate_back(O, step, &d_o); // E10
        let mut dc_t = dm.zip_zip_map(o, &step.c, |dm, o, c| dm * o * self.squash_slope(c));
        let carried = match self.wrong(CarouselDropped) && !is_last {
            true => DVector::zeros(dc.len()),
            false => dc.clone(),
        };
        dc_t += carried; // E11
        let peepholes = self
            .peepholes()
            .filter(|_| !self.wrong(PeepholeGradientDropped));
        if let Some([_, _, p_o]) = peepholes {
            dc_t += p_o.component_mul(&da_o);
        }
        let mut di = dc_t.component_mul(g);
        let df = match self.wrong(ForgetReadsNewCell) {
            true => dc_t.component_mul(&step.c),
            false => dc_t.component_mul(&step.c_prev),
        };
        let dg = dc_t.component_mul(i);
        let da_f = if self.options.coupled {
            di -= &df;
            DVector::zeros(df.len())
        } else {
            self.activate_back(F, step, &df) // E13
        };
        let da_i = self.activate_back(I, step, &di); // E12
        let da_g = self.activate_back(G, step, &dg); // E14
        let mut dc_prev = match self.wrong(CarouselWithoutForget) {
            true => dc_t,
            false => dc_t.component_mul(f),
        };
        if let Some([p_i, p_f, _]) = peepholes {
            dc_prev += p_i.component_mul(&da_i) + p_f.component_mul(&da_f);
        }
        let da = [da_i, da_f, da_g, da_o];
        if let Some(dp) = &mut grad.peepholes {
            dp[0] += da[I].component_mul(&step.c_prev);
            dp[1] += da[F].component_mul(&step.c_prev);
            dp[2] += da[O].component_mul(&step.c);
        }
        self.weights_back(step, &da, is_last, grad);
        let mut dx = DVector::zeros(step.x.len());
        let mut dh_prev = DVector::zeros(step.h_prev.len());
        for (block, da) in self.weights.blocks.iter().zip(&da) {
            dx += block.w_x.tr_mul(da); // E15
            dh_prev += match self.wrong(RecurrentGradientTransposed) && block.w_h.is_square() {
                true => &block.w_h * da,
                false => block.w_h.tr_mul(da), // E9, E17
            };
        }
        StepBack {
            dx,
            dh_prev,
            dc_prev,
        }
    }

    /// E16: one step's share.
    fn weights_back(
        &self,
        step: &Step<T>,
        da: &[DVector<T>; 4],
        is_last: bool,
        grad: &mut Weights<T>,
    ) {
        let counts = |last_only| is_last || !self.wrong(last_only);
        let h_read = match self.wrong(WeightReadsNewH) {
            true => &step.h,
            false => &step.h_prev,
        };
        for (k, block) in grad.blocks.iter_mut().enumerate() {
            if counts(LastStepOnlyX) {
                block.w_x += &da[k] * step.x.transpose();
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
}
