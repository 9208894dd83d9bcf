//! The softmax head and its gradient (E20, E21), computed for a few tokens at a time, so that their logits
//! stay in the cache.

use crate::activation::exp;
use crate::lanes::{LANES, Lanes, Row, ZERO};
use crate::level::{Kernel, Level};
use crate::memory::any_matrix;
use crate::packed::transposed;
use crate::panels::Panels;
use crate::product::sum_rows;
use crate::work::{Machine, share_multiply_add, share_outer_add};
use lstm_model::{Head, HeadPass};
use nalgebra::DMatrix;
use std::ops::Range;

/// The number of rows of sixteen logits in memory at the same time: 512 KB, half of the second-level cache.
const HELD: usize = 8192;

/// W_y and b_y in packed order.
struct Packed {
    vocab_size: usize,
    /// V in panels, H rows.
    w: Panels,
    /// V in panels; −∞ in the padding.
    b: Panels,
}

impl Packed {
    fn new(head: &Head<f32>) -> Self {
        let vocab_size = head.vocab_size();
        let mut b = Panels::zeros(vocab_size, 1);
        b.data_mut().fill([f32::NEG_INFINITY; LANES]);
        b.take_row(0, head.b.as_slice());
        Self {
            vocab_size,
            w: Panels::of_weights(&head.w),
            b,
        }
    }

    /// z = W_y h + b_y of every row of `h` (E20).
    fn logits(&self, machine: Machine<'_>, h: &Panels) -> Panels {
        let mut z = Panels::any(self.w.count() * LANES, h.rows());
        for panel in 0..z.count() {
            z.panel_mut(panel).fill(self.b.panel(panel)[0]);
        }
        share_multiply_add(machine, 0, z.data_mut(), h.view(), self.w.view());
        z
    }

    /// The loss of a part of the tokens. The logits `z` are replaced by their gradient.
    fn softmax_loss(
        &self,
        level: Level,
        z: &mut Panels,
        (targets, mask): (&[u32], &[bool]),
        scale: f32,
    ) -> f64 {
        level.run(SoftmaxLoss {
            z,
            targets,
            mask,
            scale,
            lanes_of_last: (self.vocab_size - 1) % LANES + 1,
        })
    }

    /// Cuts the tokens into parts whose logits fit into the cache.
    fn parts(&self, tokens: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let at_once = (HELD / self.w.count()).clamp(16, 128);
        (0..tokens)
            .step_by(at_once)
            .map(move |start| start..tokens.min(start + at_once))
    }
}

/// As [`Head::loss`].
pub(crate) fn loss(level: Level, head: &Head<f32>, pass: HeadPass<'_, f32>) -> f32 {
    let HeadPass {
        h,
        targets,
        mask,
        team,
    } = pass;
    let (machine, packed) = (Machine { level, team }, Packed::new(head));
    let mut nats = 0.0;
    for part in packed.parts(h.ncols()) {
        let mut rows = Panels::zeros(h.nrows(), part.len());
        rows.take_columns(h, part.clone(), 0);
        let z = &mut packed.logits(machine, &rows);
        let labels = (&targets[part.clone()], &mask[part]);
        nats += packed.softmax_loss(level, z, labels, 1.0);
    }
    nats as f32
}

/// As [`Head::loss_and_gradient`].
pub(crate) fn loss_and_gradient(
    level: Level,
    head: &Head<f32>,
    pass: HeadPass<'_, f32>,
    scale: f32,
    grad: &mut Head<f32>,
) -> (f32, DMatrix<f32>) {
    let HeadPass {
        h,
        targets,
        mask,
        team,
    } = pass;
    let (machine, packed) = (Machine { level, team }, Packed::new(head));
    let w_transposed = transposed(team, &packed.w);
    let (mut dw, mut db) = (packed.w.clone(), packed.b.clone());
    dw.set_zero();
    db.set_zero();
    let (mut nats, mut dh) = (0.0, any_matrix(h.nrows(), h.ncols()));
    for part in packed.parts(h.ncols()) {
        let mut rows = Panels::zeros(h.nrows(), part.len());
        rows.take_columns(h, part.clone(), 0);
        let mut z = packed.logits(machine, &rows);
        let labels = (&targets[part.clone()], &mask[part.clone()]);
        nats += packed.softmax_loss(level, &mut z, labels, scale);
        share_outer_add(machine, &mut dw, rows.view(), z.view());
        sum_rows(level, db.data_mut(), z.view());
        rows.set_zero();
        share_multiply_add(machine, 0, rows.data_mut(), z.view(), w_transposed.view());
        rows.give_columns(&mut dh, part.start);
    }
    dw.add_to_columns(&mut grad.w);
    for (to, from) in grad.b.iter_mut().zip(db.data().as_flattened()) {
        *to += from;
    }
    (nats as f32, dh)
}

/// Computes −Σ m_t ln p_t\[y_t\] (E21) and replaces the logits z by dz = m_t (p_t − onehot(y_t)) · scale.
struct SoftmaxLoss<'a> {
    z: &'a mut Panels,
    targets: &'a [u32],
    mask: &'a [bool],
    scale: f32,
    /// The number of lanes of the last panel that are in the vocabulary.
    lanes_of_last: usize,
}

impl Kernel for SoftmaxLoss<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) -> f64 {
        let (rows, z) = (self.z.rows(), self.z.data_mut());
        let (panels, mut nats) = (z.len() / rows, 0.0);
        for (r, &target) in self.targets.iter().enumerate() {
            let row = || (0..panels).map(|panel| panel * rows + r);
            if !self.mask[r] {
                for at in row() {
                    z[at] = ZERO;
                }
                continue;
            }
            let (panel, lane) = (target as usize / LANES, target as usize % LANES);
            let z_target = z[panel * rows + r][lane];
            let mut lanewise = l.load(&z[r]);
            for at in row() {
                lanewise = l.max(lanewise, l.load(&z[at]));
            }
            let max = lanes_of(l, lanewise).into_iter().fold(f32::MIN, f32::max);
            let mut total = l.splat(0.0);
            for at in row() {
                let e = exp(l, l.sub(l.load(&z[at]), l.splat(max)));
                total = l.add(total, e);
                l.store(e, &mut z[at]);
            }
            let total: f32 = lanes_of(l, total).iter().sum();
            nats += f64::from(max + total.ln() - z_target);
            let scale = l.splat(self.scale / total);
            for at in row() {
                let p = l.mul(l.load(&z[at]), scale);
                l.store(p, &mut z[at]);
            }
            let last = z.len() - rows + r;
            z[last][self.lanes_of_last..].fill(0.0);
            z[panel * rows + r][lane] -= self.scale;
        }
        nats
    }
}

#[inline(always)]
fn lanes_of<L: Lanes>(l: L, v: L::V) -> Row {
    let mut row = ZERO;
    l.store(v, &mut row);
    row
}
