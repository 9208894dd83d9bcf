//! The softmax head and its gradient (E20, E21), computed for a few tokens at a time, so that their logits
//! stay in the cache.

use crate::activation::exp;
use crate::lanes::{LANES, Lanes, Row, ZERO};
use crate::level::{Kernel, Level};
use crate::memory::{any_matrix, give_matrix};
use crate::packed::transposed;
use crate::panels::Panels;
use crate::product::sum_rows;
use crate::work::{Machine, share_multiply_add, share_outer_add};
use lstm_model::{Head, HeadPass, Weighting};
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

    /// Cuts the tokens into parts whose logits fit into the cache.
    fn parts(&self, tokens: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let at_once = (HELD / self.w.count()).clamp(16, 128);
        (0..tokens)
            .step_by(at_once)
            .map(move |start| start..tokens.min(start + at_once))
    }
}

/// The numbers of the tokens that count. Only these go through the head, because in a batch of sentences
/// many tokens are padding.
fn counted(mask: &[bool]) -> Vec<usize> {
    (0..mask.len()).filter(|&n| mask[n]).collect()
}

/// h of these tokens, in panels.
fn gathered(h: &DMatrix<f32>, tokens: &[usize]) -> Panels {
    let (units, h_all) = (h.nrows(), h.as_slice());
    let mut rows = Panels::zeros(units, tokens.len());
    for (r, &n) in tokens.iter().enumerate() {
        rows.take_row(r, &h_all[n * units..][..units]);
    }
    rows
}

/// dh of all `count` tokens, from dh of these `tokens`; dh of the others is zero.
fn scattered(columns: DMatrix<f32>, tokens: &[usize], count: usize) -> DMatrix<f32> {
    if tokens.len() == count {
        return columns;
    }
    let mut all = any_matrix(columns.nrows(), count);
    all.fill(0.0);
    for (column, &n) in columns.column_iter().zip(tokens) {
        all.set_column(n, &column);
    }
    give_matrix(columns);
    all
}

/// As [`Head::loss`].
pub(crate) fn loss(level: Level, head: &Head<f32>, pass: HeadPass<'_, f32>) -> f32 {
    let log_p = log_probabilities(level, head, pass);
    -log_p.into_iter().map(f64::from).sum::<f64>() as f32
}

/// As [`Head::log_probabilities`].
pub(crate) fn log_probabilities(
    level: Level,
    head: &Head<f32>,
    pass: HeadPass<'_, f32>,
) -> Vec<f32> {
    let HeadPass {
        h,
        targets,
        mask,
        team,
    } = pass;
    let (machine, packed) = (Machine { level, team }, Packed::new(head));
    let mut log_p = vec![0.0; targets.len()];
    let counted = counted(mask);
    for part in packed.parts(counted.len()) {
        let tokens = &counted[part];
        let weigh = &mut |n: usize, log_p_n| {
            log_p[n] = log_p_n;
            0.0
        };
        level.run(LogitsGradient {
            z: &mut packed.logits(machine, &gathered(h, tokens)),
            tokens,
            targets,
            weighting: Weighting {
                weigh,
                smoothing: 0.0,
            },
            vocab_size: packed.vocab_size,
        });
    }
    log_p
}

/// As [`Head::loss_and_gradient`].
pub(crate) fn loss_and_gradient(
    level: Level,
    head: &Head<f32>,
    pass: HeadPass<'_, f32>,
    scale: f32,
    grad: &mut Head<f32>,
) -> (f32, DMatrix<f32>) {
    let mut nats = 0.0;
    let weighting = Weighting {
        weigh: &mut |_, log_p| {
            nats -= f64::from(log_p);
            scale
        },
        smoothing: 0.0,
    };
    let dh = weighted_gradient(level, head, pass, weighting, grad);
    (nats as f32, dh)
}

/// As [`Head::weighted_gradient`].
pub(crate) fn weighted_gradient(
    level: Level,
    head: &Head<f32>,
    pass: HeadPass<'_, f32>,
    weighting: Weighting<'_, f32>,
    grad: &mut Head<f32>,
) -> DMatrix<f32> {
    let HeadPass {
        h,
        targets,
        mask,
        team,
    } = pass;
    let Weighting { weigh, smoothing } = weighting;
    let (machine, packed) = (Machine { level, team }, Packed::new(head));
    let w_transposed = transposed(team, &packed.w);
    let mut dw = Panels::zeros(packed.vocab_size, packed.w.rows());
    let mut db = Panels::zeros(packed.vocab_size, 1);
    let counted = counted(mask);
    let mut dh = any_matrix(h.nrows(), counted.len());
    for part in packed.parts(counted.len()) {
        let tokens = &counted[part.clone()];
        let mut rows = gathered(h, tokens);
        let mut z = packed.logits(machine, &rows);
        level.run(LogitsGradient {
            z: &mut z,
            tokens,
            targets,
            weighting: Weighting {
                weigh: &mut *weigh,
                smoothing,
            },
            vocab_size: packed.vocab_size,
        });
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
    scattered(dh, &counted, mask.len())
}

/// Replaces the logits z of some tokens by their gradient dz = w (p − onehot(y)) + s (onehot(y) − 1/V)
/// (E21, with a [`Weighting`]).
struct LogitsGradient<'a> {
    z: &'a mut Panels,
    /// The number of the token of each row.
    tokens: &'a [usize],
    /// The targets of all tokens.
    targets: &'a [u32],
    weighting: Weighting<'a, f32>,
    vocab_size: usize,
}

impl Kernel for LogitsGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Weighting { weigh, smoothing } = self.weighting;
        let (rows, z) = (self.z.rows(), self.z.data_mut());
        let panels = z.len() / rows;
        let lanes_of_last = (self.vocab_size - 1) % LANES + 1;
        let uniform = l.splat(smoothing / self.vocab_size as f32);
        for (r, &n) in self.tokens.iter().enumerate() {
            let row = || (0..panels).map(|panel| panel * rows + r);
            let target = self.targets[n] as usize;
            let (at_target, lane) = (target / LANES * rows + r, target % LANES);
            let z_target = z[at_target][lane];
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
            let weight = weigh(n, -(max + total.ln() - z_target));
            let scale = l.splat(weight / total);
            for at in row() {
                let dz = l.sub(l.mul(l.load(&z[at]), scale), uniform);
                l.store(dz, &mut z[at]);
            }
            let last = z.len() - rows + r;
            z[last][lanes_of_last..].fill(0.0);
            z[at_target][lane] += smoothing - weight;
        }
    }
}

#[inline(always)]
fn lanes_of<L: Lanes>(l: L, v: L::V) -> Row {
    let mut row = ZERO;
    l.store(v, &mut row);
    row
}
