//! The instruction sets of the machine, and running code that is compiled for them.

use crate::lanes::{LANES, Lanes, Wide};
use crate::tile::{MOST_PANELS, Tiles, fits};
use pulp::NullaryFnOnce;
use std::fmt;
use std::mem::discriminant;

/// An instruction set of this machine, and the sizes of its register tiles. A value exists only if the
/// machine has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    set: Set,
    tiles: Tiles,
}

#[derive(Clone, Copy, Debug)]
enum Set {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
}

impl PartialEq for Level {
    fn eq(&self, other: &Self) -> bool {
        discriminant(&self.set) == discriminant(&other.set) && self.tiles == other.tiles
    }
}

impl Eq for Level {}

impl Level {
    /// All levels of this machine, the best one last, with the tiles that were measured to be best.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut levels = vec![Self::portable()];
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(pulp::x86::V3::try_new().map(|s| Self::of(Set::Avx2(s))));
            levels.extend(pulp::x86::V4::try_new().map(|s| Self::of(Set::Avx512(s))));
        }
        #[cfg(target_arch = "aarch64")]
        levels.extend(pulp::aarch64::Neon::try_new().map(|s| Self::of(Set::Neon(s))));
        levels
    }

    /// The instructions that every machine has.
    pub fn portable() -> Self {
        Self::of(Set::Portable)
    }

    fn of(set: Set) -> Self {
        let tiles = Tiles::of(set.name());
        Self { set, tiles }
    }

    /// The best level of this machine.
    pub fn best() -> Self {
        *Self::available().last().expect("one is always there")
    }

    /// The sizes of the register tiles.
    pub fn tiles(self) -> Tiles {
        self.tiles
    }

    /// The same instructions with other tiles.
    ///
    /// # Panics
    /// If the registers do not hold a tile, or a block is not a multiple of sixteen.
    #[must_use]
    pub fn with_tiles(self, tiles: Tiles) -> Self {
        let Tiles {
            product,
            far,
            outer,
        } = tiles;
        for tile in [product, outer] {
            let fits = self.tile_sizes().contains(&(tile.rows, tile.panels));
            assert!(fits, "the registers of {self} do not hold {tile:?}");
        }
        for block in [product.block, far, outer.block] {
            let is_whole = block > 0 && block % LANES == 0;
            assert!(is_whole, "a block of {block} is no multiple of {LANES}");
        }
        Self { tiles, ..self }
    }

    /// The numbers of rows and panels of all tiles that the registers hold.
    pub fn tile_sizes(self) -> Vec<(usize, usize)> {
        let sizes =
            (1..=MOST_PANELS).flat_map(|panels| (1..=LANES).map(move |rows| (rows, panels)));
        sizes
            .filter(|&(rows, panels)| self.run(Fits { rows, panels }))
            .collect()
    }

    /// The name of the level.
    pub fn name(self) -> &'static str {
        self.set.name()
    }

    /// Runs the code of a kernel that is compiled for this level.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.set {
            Set::Portable => kernel.run(Wide::<_, 16>(pulp::Scalar::new())),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(s) => s.vectorize(With(Wide::<_, 2>(s), kernel)),
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(s) => s.vectorize(With(Wide::<_, 1>(s), kernel)),
            #[cfg(target_arch = "aarch64")]
            Set::Neon(s) => s.vectorize(With(Wide::<_, 4>(s), kernel)),
        }
    }
}

impl Set {
    fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => "NEON",
        }
    }
}

/// Whether the registers hold a tile of this size.
struct Fits {
    rows: usize,
    panels: usize,
}

impl Kernel for Fits {
    type Output = bool;

    #[inline(always)]
    fn run<L: Lanes>(self, _: L) -> bool {
        fits::<L>(self.rows, self.panels)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// ANCHOR: kernel
/// Code that is compiled for every level. It must be inlined, because only then is it compiled for the
/// level.
pub(crate) trait Kernel {
    type Output;

    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}
// ANCHOR_END: kernel

struct With<L, K>(L, K);

impl<L: Lanes, K: Kernel> NullaryFnOnce for With<L, K> {
    type Output = K::Output;

    #[inline(always)]
    fn call(self) -> K::Output {
        self.1.run(self.0)
    }
}
