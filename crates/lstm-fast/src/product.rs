//! The two matrix products of a layer, computed in register tiles.
//!
//! Both add to their result. So the accumulators can be initialised with biases, with rows of a table, or
//! with earlier parts of a sum.

use crate::lanes::{LANES, Lanes, Row};
use crate::level::{Kernel, Level};
use crate::panels::View;
use std::ops::Range;

/// The number of rows of a panel of weights for which the accumulators stay in registers: 22 KB, two thirds
/// of the first-level cache. The corresponding part of A stays in the cache for all panels of weights.
const BLOCK: usize = 352;

/// The same number if the weights have more than [`FAR`] rows and A has at most [`LANES`] rows: 8 KB of
/// the weights and 8 KB of A fit into the first-level cache together.
const SHORT_BLOCK: usize = 128;

/// Weights with more rows than this (1 MB, a second-level cache) are prefetched, because the hardware
/// prefetcher stops at every page.
const FAR: usize = 16_384;

/// The number of rows of weights that are prefetched for every sixteen rows that are multiplied. With
/// this number, the first few tiles of a block prefetch the whole next block. It is a constant, because a loop of
/// variable length would cost more than it gains.
const AHEAD: usize = 6;

/// C += A W: for every panel n of `c` (as many rows as `a` each), c\[n\] += Σ_k a\[k\] w\[n\]\[k\].
///
/// `a` has k in panels, and `w` is \[n/16\]\[k\]\[16\] with as many k as the panels of `a` hold.
pub(crate) fn multiply_add(level: Level, c: &mut [Row], a: View<'_>, w: View<'_>) {
    if a.rows() > 0 && a.count() > 0 {
        level.run(MultiplyAdd { c, a, w });
    }
}

struct MultiplyAdd<'a> {
    c: &'a mut [Row],
    a: View<'a>,
    w: View<'a>,
}

// ANCHOR: multiply_add
impl Kernel for MultiplyAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let (rows, a, w) = (self.a.rows(), self.a, self.w);
        let is_far = w.count() * w.rows() > FAR;
        let depth = if is_far && rows <= LANES {
            SHORT_BLOCK
        } else {
            BLOCK
        };
        let block = |first: usize| first..w.rows().min(first + depth);
        for first in (0..w.rows()).step_by(depth) {
            for (n, c) in self.c.chunks_exact_mut(rows).enumerate() {
                let next: &[Row] = match is_far {
                    true if n + 1 < w.count() => &w.panel(n + 1)[block(first)],
                    true if first + depth < w.rows() => &w.panel(0)[block(first + depth)],
                    _ => &[],
                };
                let w = &w.panel(n)[block(first)];
                let mut ahead = next.chunks(AHEAD * w.len() / LANES);
                for tile in tiles(rows, L::TILE) {
                    let c = &mut c[tile.clone()];
                    let a = |k: usize| &a.panel(first / LANES + k)[tile.clone()];
                    let next = ahead.next().unwrap_or_default();
                    dispatch::<L>(l, c, w, next, a);
                }
            }
        }
    }
}
// ANCHOR_END: multiply_add

// ANCHOR: tiles
/// Cuts `rows` into as few tiles as possible, of nearly equal heights, the taller ones first. So the code
/// changes from one height to another only once, which the branch predictor handles well.
fn tiles(rows: usize, at_most: usize) -> impl Iterator<Item = Range<usize>> {
    let count = rows.div_ceil(at_most);
    let (height, taller) = (rows / count, rows % count);
    (0..count).map(move |n| {
        let first = n * height + n.min(taller);
        first..first + height + usize::from(n < taller)
    })
}
// ANCHOR_END: tiles

/// Calls the code for a tile with this number of rows, at most [`Lanes::TILE`]. The compiler keeps the
/// sums in registers only if the number of rows is a constant.
#[inline(always)]
fn dispatch<'a, L: Lanes>(
    l: L,
    c: &mut [Row],
    w: &[Row],
    next: &[Row],
    a: impl Fn(usize) -> &'a [Row],
) {
    match c.len() {
        rows if rows > L::TILE => unreachable!("tiles are cut to fit"),
        1 => tile::<L, 1>(l, c, w, next, a),
        2 => tile::<L, 2>(l, c, w, next, a),
        3 => tile::<L, 3>(l, c, w, next, a),
        4 => tile::<L, 4>(l, c, w, next, a),
        5 => tile::<L, 5>(l, c, w, next, a),
        6 => tile::<L, 6>(l, c, w, next, a),
        7 => tile::<L, 7>(l, c, w, next, a),
        8 => tile::<L, 8>(l, c, w, next, a),
        9 => tile::<L, 9>(l, c, w, next, a),
        10 => tile::<L, 10>(l, c, w, next, a),
        11 => tile::<L, 11>(l, c, w, next, a),
        12 => tile::<L, 12>(l, c, w, next, a),
        13 => tile::<L, 13>(l, c, w, next, a),
        14 => tile::<L, 14>(l, c, w, next, a),
        15 => tile::<L, 15>(l, c, w, next, a),
        _ => tile::<L, 16>(l, c, w, next, a),
    }
}

// ANCHOR: tile
/// R rows × 16 columns of C, which stay in registers for a whole block of k. `a(n)` is panel n of A in
/// this block, R rows of sixteen k; `next` is prefetched.
#[inline(always)]
fn tile<'a, L: Lanes, const R: usize>(
    l: L,
    c: &mut [Row],
    w: &[Row],
    next: &[Row],
    a: impl Fn(usize) -> &'a [Row],
) {
    let c: &mut [Row; R] = c.try_into().expect("dispatched by its length");
    let mut sums: [L::V; R] = std::array::from_fn(|r| l.load(&c[r]));
    let next = next.as_chunks::<AHEAD>().0;
    for (panel, w) in w.as_chunks::<LANES>().0.iter().enumerate() {
        let a: &[Row; R] = a(panel).try_into().expect("as many rows as in C");
        if let Some(rows) = next.get(panel) {
            rows.iter().for_each(|row| l.prefetch(row));
        }
        for k in 0..LANES {
            let w_k = l.load(&w[k]);
            for r in 0..R {
                sums[r] = l.mul_add(l.splat(a[r][k]), w_k, sums[r]);
            }
        }
    }
    for r in 0..R {
        l.store(sums[r], &mut c[r]);
    }
}
// ANCHOR_END: tile

/// The number of panels of A for which a part of B is read once: 256 KB at 256 tokens, half of the
/// second-level cache.
const HELD: usize = 16;

/// G += Aᵀ B: g\[n\]\[k\] += Σ_t a_t\[k\] b_t\[n\], the gradient of weights in the layout of
/// [`multiply_add`]. A and B have one row for each token.
pub(crate) fn outer_add(level: Level, g: &mut [Row], a: View<'_>, b: View<'_>) {
    level.run(OuterAdd { g, a, b });
}

struct OuterAdd<'a> {
    g: &'a mut [Row],
    a: View<'a>,
    b: View<'a>,
}

// ANCHOR: outer_add
impl Kernel for OuterAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let inputs = self.a.count();
        for first in (0..inputs).step_by(HELD) {
            for n in 0..self.b.count() {
                let g = &mut self.g[n * inputs * LANES..][..inputs * LANES];
                let g = g.as_chunks_mut::<LANES>().0.iter_mut().enumerate();
                for (k, g) in g.skip(first).take(HELD) {
                    let (a, b) = (self.a.panel(k), self.b.panel(n));
                    if L::TILE == LANES {
                        outer_tile::<L, 0, 16>(l, g, a, b);
                    } else {
                        outer_tile::<L, 0, 6>(l, g, a, b);
                        outer_tile::<L, 6, 5>(l, g, a, b);
                        outer_tile::<L, 11, 5>(l, g, a, b);
                    }
                }
            }
        }
    }
}
// ANCHOR_END: outer_add

// ANCHOR: outer_tile
/// R rows, from row `FIRST` on, of a tile of 16 inputs × 16 outputs, which stay in registers for all
/// tokens: the product of a panel of A and a panel of B.
#[inline(always)]
fn outer_tile<L: Lanes, const FIRST: usize, const R: usize>(
    l: L,
    g: &mut [Row; LANES],
    a: &[Row],
    b: &[Row],
) {
    let mut sums: [L::V; R] = std::array::from_fn(|r| l.load(&g[FIRST + r]));
    for (a_t, b_t) in a.iter().zip(b) {
        let b_t = l.load(b_t);
        for r in 0..R {
            sums[r] = l.mul_add(l.splat(a_t[FIRST + r]), b_t, sums[r]);
        }
    }
    for r in 0..R {
        l.store(sums[r], &mut g[FIRST + r]);
    }
}
// ANCHOR_END: outer_tile

/// s += Σ_t b_t: one row of `s` for each panel of `b`.
pub(crate) fn sum_rows(level: Level, s: &mut [Row], b: View<'_>) {
    level.run(SumRows { s, b });
}

struct SumRows<'a> {
    s: &'a mut [Row],
    b: View<'a>,
}

impl Kernel for SumRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        for (n, s) in self.s.iter_mut().enumerate() {
            let mut sum = l.load(s);
            for row in self.b.panel(n) {
                sum = l.add(sum, l.load(row));
            }
            l.store(sum, s);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::Panels;
    use nalgebra::DMatrix;

    fn matrix(rows: usize, columns: usize, seed: f64) -> DMatrix<f32> {
        DMatrix::from_fn(rows, columns, |r, c| {
            ((r * 31 + c * 17) as f64 * 0.37 + seed).sin() as f32
        })
    }

    #[test]
    fn products_of_every_number_of_rows_are_those_of_nalgebra() {
        for level in Level::available() {
            for rows in (1..=34).chain([64]) {
                let (inputs, outputs) = (16 * (1 + rows % 3) + 250 * (rows % 2), 33);
                let (a, w) = (matrix(inputs, rows, 0.1), matrix(outputs, inputs, 0.2));
                let c = matrix(outputs, rows, 0.3);
                let mut found = Panels::of_columns(&c);
                multiply_add(
                    level,
                    found.data_mut(),
                    Panels::of_columns(&a).view(),
                    Panels::of_weights(&w).view(),
                );
                let mut back = DMatrix::zeros(outputs, rows);
                found.give_columns(&mut back, 0);
                approx::assert_relative_eq!(back, &c + &w * &a, epsilon = 1e-4);

                let db = matrix(outputs, rows, 0.4);
                let mut g = Panels::of_weights(&w);
                outer_add(
                    level,
                    g.data_mut(),
                    Panels::of_columns(&a).view(),
                    Panels::of_columns(&db).view(),
                );
                let mut back = DMatrix::zeros(outputs, g.rows());
                g.give_columns(&mut back, 0);
                let expected = &w + &db * a.transpose();
                approx::assert_relative_eq!(
                    back.columns(0, inputs).into_owned(),
                    expected,
                    epsilon = 1e-4
                );
                assert!(
                    back.columns(inputs, g.rows() - inputs)
                        .iter()
                        .all(|&v| v == 0.0)
                );
            }
        }
    }
}
