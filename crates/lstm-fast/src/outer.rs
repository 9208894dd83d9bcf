//! The product of activations and their gradients, which gives the gradient of weights, computed in register
//! tiles.

use crate::lanes::{LANES, Lanes, Row};
use crate::level::{Kernel, Level};
use crate::panels::{View, ViewMut};
use crate::tile::{Tile, TileKernel, dispatch, even_tiles};

/// The number of panels of A for which a part of B is read once: 256 KB at 256 tokens, half of the
/// second-level cache.
const HELD: usize = 16;

/// G += Aᵀ B: g\[n\]\[k\] += Σ_t a_t\[k\] b_t\[n\], the gradient of weights in the layout of
/// [`multiply_add`](crate::product::multiply_add). A and B have one row for each token.
pub(crate) fn outer_add(level: Level, g: &mut [Row], a: View<'_>, b: View<'_>) {
    let tile = level.tiles().outer;
    level.run(OuterAdd { tile, g, a, b });
}

struct OuterAdd<'a> {
    tile: Tile,
    g: &'a mut [Row],
    a: View<'a>,
    b: View<'a>,
}

// ANCHOR: outer_add
impl Kernel for OuterAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Self { tile, g, a, b } = self;
        let inputs = a.count() * LANES;
        let tiles = even_tiles(LANES, tile.rows);
        for first in (0..a.count()).step_by(HELD) {
            for panels in even_tiles(b.count(), tile.panels) {
                let g = &mut g[panels.start * inputs..panels.end * inputs];
                for tokens in even_tiles(b.rows(), tile.block) {
                    let (a, b) = (a.part(&tokens), b.panels(&panels).part(&tokens));
                    for k in first..a.count().min(first + HELD) {
                        for rows in tiles.clone() {
                            let (start, rows) = (k * LANES + rows.start, rows.len());
                            let outer = Outer {
                                g: ViewMut::new(g, inputs, &(start..start + rows)),
                                a: a.panel(k),
                                first: start % LANES,
                                b,
                            };
                            dispatch(l, rows, panels.len(), outer);
                        }
                    }
                }
            }
        }
    }
}
// ANCHOR_END: outer_add

/// A tile of G: some inputs of a panel of A, from input `first` on, × the outputs of the panels of B.
struct Outer<'a> {
    g: ViewMut<'a>,
    a: &'a [Row],
    first: usize,
    b: View<'a>,
}

impl TileKernel for Outer<'_> {
    // ANCHOR: outer_tile
    /// R inputs × P panels of outputs, which stay in registers for a whole block of tokens.
    #[inline(always)]
    fn run<L: Lanes, const R: usize, const P: usize>(mut self, l: L) {
        let mut sums = [[l.splat(0.0); R]; P];
        let mut b = [self.b.panel(0); P];
        for (p, sums) in sums.iter_mut().enumerate() {
            b[p] = &self.b.panel(p)[..self.a.len()];
            let g = self.g.panel_mut(p).first_chunk::<R>().expect("R rows");
            for r in 0..R {
                sums[r] = l.load(&g[r]);
            }
        }
        for (t, a_t) in self.a.iter().enumerate() {
            let a_t = a_t[self.first..].first_chunk::<R>().expect("R inputs");
            let mut b_t = [l.splat(0.0); P];
            for p in 0..P {
                b_t[p] = l.load(&b[p][t]);
            }
            for r in 0..R {
                let a_tr = l.splat(a_t[r]);
                for p in 0..P {
                    sums[p][r] = l.mul_add(a_tr, b_t[p], sums[p][r]);
                }
            }
        }
        for (p, sums) in sums.iter().enumerate() {
            let g = self.g.panel_mut(p).first_chunk_mut::<R>().expect("R rows");
            for r in 0..R {
                l.store(sums[r], &mut g[r]);
            }
        }
    }
    // ANCHOR_END: outer_tile
}
