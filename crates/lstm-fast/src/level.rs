//! The instruction sets of the machine, and running code that is compiled for them.

use crate::lanes::{Lanes, Wide};
use pulp::NullaryFnOnce;
use std::fmt;
use std::mem::discriminant;

/// An instruction set of this machine. A value exists only if the machine has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Level(Set);

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
        discriminant(&self.0) == discriminant(&other.0)
    }
}

impl Eq for Level {}

impl Level {
    /// The instructions that every machine has.
    pub const PORTABLE: Self = Self(Set::Portable);

    /// All levels of this machine, the best one last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut levels = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(pulp::x86::V3::try_new().map(|s| Self(Set::Avx2(s))));
            levels.extend(pulp::x86::V4::try_new().map(|s| Self(Set::Avx512(s))));
        }
        #[cfg(target_arch = "aarch64")]
        levels.extend(pulp::aarch64::Neon::try_new().map(|s| Self(Set::Neon(s))));
        levels
    }

    /// The best level of this machine.
    pub fn best() -> Self {
        *Self::available().last().expect("one is always there")
    }

    /// The name of the level.
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "aarch64")]
            Set::Neon(_) => "NEON",
        }
    }

    /// Runs the code of a kernel that is compiled for this level.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
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

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// ANCHOR: kernel
/// Code that is compiled for every level. It must be inlined, because only then it is compiled for the
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
