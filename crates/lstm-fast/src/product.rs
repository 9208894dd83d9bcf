//! The product of a layer's activations and weights, computed in register tiles.
//!
//! It adds to its result. So the accumulators can be initialised with biases, with rows of a table, or
//! with earlier parts of a sum.

use crate::lanes::{LANES, Lanes, Row, ZERO};
use crate::level::{Kernel, Level};
use crate::panels::{View, ViewMut};
use crate::tile::{TileKernel, Tiles, dispatch, even_tiles};
use std::ops::Range;

/// Weights with more rows than this (1 MB, a second-level cache) are prefetched, because the hardware
/// prefetcher stops at every page.
const FAR: usize = 16_384;

/// The number of rows of weights that are prefetched for every sixteen rows that are multiplied. With
/// this number, two tiles of a block prefetch the whole next block. It is a constant, because a loop of
/// variable length would cost more than it gains.
const AHEAD: usize = 8;

/// C += A W: for every panel n of `c` (as many rows as `a` each), c\[n\] += Σ_k a\[k\] w\[n\]\[k\].
///
/// `a` has k in panels, and `w` is \[n/16\]\[k\]\[16\] with as many k as the panels of `a` hold.
pub(crate) fn multiply_add(level: Level, c: &mut [Row], a: View<'_>, w: View<'_>) {
    if a.rows() > 0 && a.count() > 0 {
        let tiles = level.tiles();
        level.run(MultiplyAdd { tiles, c, a, w });
    }
}

struct MultiplyAdd<'a> {
    tiles: Tiles,
    c: &'a mut [Row],
    a: View<'a>,
    w: View<'a>,
}

// ANCHOR: multiply_add
impl Kernel for MultiplyAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Self { c, a, w, .. } = self;
        let Tiles { product, far, .. } = self.tiles;
        let is_far = w.count() * w.rows() > FAR;
        let depth = if is_far { far } else { product.block };
        let tiles = even_tiles(a.rows(), product.rows);
        let turns = blocks(w.rows(), depth).flat_map(|block| {
            even_tiles(w.count(), product.panels).map(move |panels| (block.clone(), panels))
        });
        let weights = |(block, panels): &(Range<usize>, _)| w.panels(panels).part(block);
        let mut turns = turns.peekable();
        while let Some(turn) = turns.next() {
            let next = turns.peek().filter(|_| is_far).map(weights);
            let (w, (block, panels)) = (weights(&turn), turn);
            let a = a.panels(&(block.start / LANES..block.end / LANES));
            let c = &mut c[panels.start * a.rows()..panels.end * a.rows()];
            let next = next.unwrap_or_default();
            let mut ahead = blocks(next.rows(), AHEAD * a.count());
            for rows in tiles.clone() {
                let tile = Product {
                    c: ViewMut::new(c, a.rows(), &rows),
                    a: a.part(&rows),
                    w,
                    next: next.part(&ahead.next().unwrap_or_default()),
                };
                dispatch(l, rows.len(), panels.len(), tile);
            }
        }
    }
}
// ANCHOR_END: multiply_add

/// The ranges 0..`each`, `each`..2 `each`, … up to `count`.
fn blocks(count: usize, each: usize) -> impl Iterator<Item = Range<usize>> {
    let range = move |first| first..count.min(first + each);
    (0..count).step_by(each).map(range)
}

/// A tile of C, its rows of A, and its panels of W. Meanwhile the rows `next` of weights are prefetched.
struct Product<'a> {
    c: ViewMut<'a>,
    a: View<'a>,
    w: View<'a>,
    next: View<'a>,
}

impl TileKernel for Product<'_> {
    // ANCHOR: tile
    /// R rows × P panels of C, which stay in registers for a whole block of k.
    #[inline(always)]
    fn run<L: Lanes, const R: usize, const P: usize>(mut self, l: L) {
        let mut sums = [[l.splat(0.0); R]; P];
        for (p, sums) in sums.iter_mut().enumerate() {
            let c = self.c.panel_mut(p).first_chunk::<R>().expect("R rows");
            for r in 0..R {
                sums[r] = l.load(&c[r]);
            }
        }
        let next = self.next.count();
        for n in 0..self.a.count() {
            for p in 0..next {
                if let Some(rows) = self.next.panel(p).as_chunks::<AHEAD>().0.get(n) {
                    rows.iter().for_each(|row| l.prefetch(row));
                }
            }
            let a = self.a.panel(n).first_chunk::<R>().expect("R rows");
            let mut w = [&[ZERO; LANES]; P];
            for (p, w) in w.iter_mut().enumerate() {
                *w = &self.w.panel(p).as_chunks().0[n];
            }
            for k in 0..LANES {
                let mut w_k = [l.splat(0.0); P];
                for p in 0..P {
                    w_k[p] = l.load(&w[p][k]);
                }
                for r in 0..R {
                    let a_rk = l.splat(a[r][k]);
                    for p in 0..P {
                        sums[p][r] = l.mul_add(a_rk, w_k[p], sums[p][r]);
                    }
                }
            }
        }
        for (p, sums) in sums.iter().enumerate() {
            let c = self.c.panel_mut(p).first_chunk_mut::<R>().expect("R rows");
            for r in 0..R {
                l.store(sums[r], &mut c[r]);
            }
        }
    }
    // ANCHOR_END: tile
}

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
    use crate::outer::outer_add;
    use crate::panels::Panels;
    use crate::tile::Tile;
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

    /// C + A W and G + Aᵀ C with the tiles of `level`, for 83 outputs.
    fn both(level: Level, rows: usize, inputs: usize) -> [Panels; 2] {
        let a = Panels::of_columns(&matrix(inputs, rows, 0.1));
        let w = Panels::of_weights(&matrix(83, inputs, 0.2));
        let mut c = Panels::of_columns(&matrix(83, rows, 0.3));
        let mut g = w.clone();
        outer_add(level, g.data_mut(), a.view(), c.view());
        multiply_add(level, c.data_mut(), a.view(), w.view());
        [c, g]
    }

    #[test]
    fn tiles_of_every_size_give_the_same_bits() {
        for level in Level::available() {
            for (n, (rows, panels)) in level.tile_sizes().into_iter().enumerate() {
                let block = LANES * (1 + n % 3);
                let tile = Tile {
                    rows,
                    panels,
                    block,
                };
                let other = level.with_tiles(Tiles {
                    product: tile,
                    far: block,
                    outer: tile,
                });
                assert_eq!(both(other, 37, 100), both(level, 37, 100), "{tile:?}");
            }
        }
    }

    #[test]
    fn products_with_weights_that_are_prefetched_are_those_of_nalgebra() {
        let inputs = FAR / 5; // six panels of that many rows are more than FAR
        for level in Level::available() {
            for rows in [3, 17, 300] {
                let [c, _] = both(level, rows, inputs);
                let [a, w] = [matrix(inputs, rows, 0.1), matrix(83, inputs, 0.2)];
                let expected = matrix(83, rows, 0.3) + w * a;
                let mut found = DMatrix::zeros(83, rows);
                c.give_columns(&mut found, 0);
                approx::assert_relative_eq!(found, expected, epsilon = 1e-3);
            }
        }
    }
}
