//! Register tiles: the sums that stay in registers while a product runs over its operands.

use crate::lanes::{LANES, Lanes};
use std::ops::Range;

/// The size of a register tile, and of the block for which its sums stay in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The number of rows, each of which takes one broadcast.
    pub rows: usize,
    /// The number of panels that share a broadcast.
    pub panels: usize,
    /// The number of products that are added to each sum before the sums return to memory: a multiple of
    /// sixteen.
    pub block: usize,
}

/// The tiles of an instruction set. They change the speed of the products and no bit of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// The tile of C += A W. Its block is a number of inputs.
    pub product: Tile,
    /// The block of that tile if the weights come from beyond the second-level cache.
    pub far: usize,
    /// The tile of G += Aᵀ B. Its block is a number of tokens.
    pub outer: Tile,
}

/// The best tiles that were measured for each instruction set. `cargo run --release -p lstm-benches --bin tiles`
/// measures those of a machine and writes them into the file.
const TABLE: &[(&str, [usize; 3], usize, [usize; 3])] = &include!("tiles.table");

impl Tiles {
    /// The tiles of the instruction set with this name.
    pub(crate) fn of(level: &str) -> Self {
        let &(_, product, far, outer) = TABLE
            .iter()
            .find(|(name, ..)| *name == level)
            .expect("the table has a line for every instruction set");
        let [product, outer] = [product, outer].map(|[rows, panels, block]| Tile {
            rows,
            panels,
            block,
        });
        Self {
            product,
            far,
            outer,
        }
    }
}

/// The largest number of panels of a tile.
pub(crate) const MOST_PANELS: usize = 4;

/// Whether the registers hold the sums of a tile, a row of each panel and one broadcast number.
pub(crate) const fn fits<L: Lanes>(rows: usize, panels: usize) -> bool {
    let rows_held = rows * panels + panels;
    rows_held * L::REGISTERS_OF_A_ROW < L::REGISTERS
}

/// Code for a tile of R rows × P panels.
pub(crate) trait TileKernel {
    fn run<L: Lanes, const R: usize, const P: usize>(self, l: L);
}

/// Runs the code for a tile with this number of rows and panels. The compiler keeps the sums in registers
/// only if both are constants, so it makes one version of the code for each size.
#[inline(always)]
pub(crate) fn dispatch<L: Lanes>(l: L, rows: usize, panels: usize, kernel: impl TileKernel) {
    match panels {
        1 => of_panels::<L, 1>(l, rows, kernel),
        2 => of_panels::<L, 2>(l, rows, kernel),
        3 => of_panels::<L, 3>(l, rows, kernel),
        _ => of_panels::<L, MOST_PANELS>(l, rows, kernel),
    }
}

/// Runs the code for a tile with this number of rows and P panels.
#[inline(always)]
pub(crate) fn of_panels<L: Lanes, const P: usize>(l: L, rows: usize, kernel: impl TileKernel) {
    match rows {
        1 => if_it_fits::<L, 1, P>(l, kernel),
        2 => if_it_fits::<L, 2, P>(l, kernel),
        3 => if_it_fits::<L, 3, P>(l, kernel),
        4 => if_it_fits::<L, 4, P>(l, kernel),
        5 => if_it_fits::<L, 5, P>(l, kernel),
        6 => if_it_fits::<L, 6, P>(l, kernel),
        7 => if_it_fits::<L, 7, P>(l, kernel),
        8 => if_it_fits::<L, 8, P>(l, kernel),
        9 => if_it_fits::<L, 9, P>(l, kernel),
        10 => if_it_fits::<L, 10, P>(l, kernel),
        11 => if_it_fits::<L, 11, P>(l, kernel),
        12 => if_it_fits::<L, 12, P>(l, kernel),
        13 => if_it_fits::<L, 13, P>(l, kernel),
        14 => if_it_fits::<L, 14, P>(l, kernel),
        15 => if_it_fits::<L, 15, P>(l, kernel),
        _ => if_it_fits::<L, LANES, P>(l, kernel),
    }
}

/// No code is made for a size that the registers do not hold.
#[inline(always)]
fn if_it_fits<L: Lanes, const R: usize, const P: usize>(l: L, kernel: impl TileKernel) {
    if const { fits::<L>(R, P) } {
        kernel.run::<L, R, P>(l);
    } else {
        unreachable!("tiles are cut to fit");
    }
}

// ANCHOR: tiles
/// Cuts `count` rows (or panels, or tokens) into as few parts as possible, of nearly equal sizes, the larger
/// ones first. The code then changes from one size to the other only once, so the branch predictor is wrong
/// only once.
pub(crate) fn even_tiles(count: usize, at_most: usize) -> EvenTiles {
    let parts = count.div_ceil(at_most).max(1);
    EvenTiles {
        next: 0,
        end: count,
        size: count / parts,
        larger: count % parts,
    }
}

/// Parts of `size`, of which the first `larger` ones have one more.
#[derive(Clone)]
pub(crate) struct EvenTiles {
    next: usize,
    end: usize,
    size: usize,
    larger: usize,
}

impl Iterator for EvenTiles {
    type Item = Range<usize>;

    #[inline(always)]
    fn next(&mut self) -> Option<Range<usize>> {
        let first = self.next;
        self.next += self.size + usize::from(self.larger > 0);
        self.larger = self.larger.saturating_sub(1);
        (first < self.end).then_some(first..self.next)
    }
}
// ANCHOR_END: tiles
