//! Sixteen contiguous numbers: the vector type of this crate.

use pulp::Simd;
#[cfg(target_arch = "x86_64")]
use std::ptr::from_ref;

/// Sixteen neighbouring features of one sequence (or one token, or one row of weights).
pub(crate) type Row = [f32; LANES];

/// Numbers in a [`Row`].
pub(crate) const LANES: usize = 16;

/// A [`Row`] of 16-bit integers, in half the memory.
pub(crate) type Int16Row = [i16; LANES];

/// A row of zeros.
pub(crate) const ZERO: Row = [0.0; LANES];

// ANCHOR: lanes
/// Arithmetic on sixteen numbers held in registers, whatever the width of the registers.
///
/// Every operation rounds each lane once. So all instruction sets with a fused
/// [`mul_add`](Self::mul_add) give the same bits; without it the results differ slightly.
pub(crate) trait Lanes: Copy {
    /// Sixteen numbers.
    type V: Copy;

    /// The number of registers.
    const REGISTERS: usize;
    /// The number of registers that hold a [`V`](Self::V).
    const REGISTERS_OF_A_ROW: usize;

    fn load(self, row: &Row) -> Self::V;
    fn load_int16(self, row: &Int16Row) -> Self::V;
    fn store(self, v: Self::V, row: &mut Row);
    fn splat(self, value: f32) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// a b + c, rounded once if the machine has the instruction.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The smaller of a and b; NaN if b is NaN.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// The larger of a and b; NaN if b is NaN.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// Prefetches the cache line in which numbers begin that will be read soon.
    fn prefetch<T>(self, numbers: &T);
    /// 2ⁿ for `biased` = n + 1.5·2²³, with an integer n from −126 to 127.
    fn power_of_two(self, biased: Self::V) -> Self::V;

    /// 1 − v², the derivative of tanh as a function of its value v.
    #[inline(always)]
    fn one_minus_square(self, v: Self::V) -> Self::V {
        let one = self.splat(1.0);
        self.sub(one, self.mul(v, v))
    }

    /// v (1 − v), the derivative of σ as a function of its value v.
    #[inline(always)]
    fn times_rest(self, v: Self::V) -> Self::V {
        let one = self.splat(1.0);
        self.mul(v, self.sub(one, v))
    }
}
// ANCHOR_END: lanes

/// Sixteen numbers in `N` registers of the instruction set `S`.
#[derive(Clone, Copy)]
pub(crate) struct Wide<S, const N: usize>(pub S);

impl<S: Simd, const N: usize> Wide<S, N> {
    #[inline(always)]
    fn zip(
        self,
        a: [S::f32s; N],
        b: [S::f32s; N],
        op: impl Fn(S, S::f32s, S::f32s) -> S::f32s,
    ) -> [S::f32s; N] {
        std::array::from_fn(|n| op(self.0, a[n], b[n]))
    }
}

/// The operations for which only some instruction sets have an instruction.
pub(crate) trait Instructions {
    const REGISTERS: usize;

    fn prefetch<T>(self, numbers: &T);
}

impl Instructions for pulp::Scalar {
    // As many as for a tile of 6 rows × 1 panel. The machine has fewer, so the sums stay in the cache.
    const REGISTERS: usize = (6 + 1) * LANES + 1;

    #[inline(always)]
    fn prefetch<T>(self, _numbers: &T) {}
}

#[cfg(target_arch = "x86_64")]
impl Instructions for pulp::x86::V3 {
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn prefetch<T>(self, numbers: &T) {
        self.sse
            ._mm_prefetch::<SECOND_LEVEL>(from_ref(numbers).cast());
    }
}

#[cfg(target_arch = "x86_64")]
impl Instructions for pulp::x86::V4 {
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn prefetch<T>(self, numbers: &T) {
        self.sse
            ._mm_prefetch::<FIRST_LEVEL>(from_ref(numbers).cast());
    }
}

#[cfg(target_arch = "x86_64")]
const FIRST_LEVEL: i32 = std::arch::x86_64::_MM_HINT_T0;
#[cfg(target_arch = "x86_64")]
const SECOND_LEVEL: i32 = std::arch::x86_64::_MM_HINT_T1;

#[cfg(target_arch = "aarch64")]
impl Instructions for pulp::aarch64::Neon {
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn prefetch<T>(self, _numbers: &T) {}
}

impl<S: Simd + Instructions, const N: usize> Lanes for Wide<S, N> {
    type V = [S::f32s; N];

    const REGISTERS: usize = S::REGISTERS;
    const REGISTERS_OF_A_ROW: usize = N;

    #[inline(always)]
    fn load(self, row: &Row) -> Self::V {
        let registers = S::as_simd_f32s(row).0;
        std::array::from_fn(|n| registers[n])
    }

    #[inline(always)]
    fn load_int16(self, row: &Int16Row) -> Self::V {
        self.load(&std::array::from_fn(|n| f32::from(row[n])))
    }

    #[inline(always)]
    fn store(self, v: Self::V, row: &mut Row) {
        let registers = S::as_mut_simd_f32s(row).0;
        registers[..N].copy_from_slice(&v);
    }

    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        [self.0.splat_f32s(value); N]
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        self.zip(a, b, S::add_f32s)
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        self.zip(a, b, S::sub_f32s)
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        self.zip(a, b, S::mul_f32s)
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        self.zip(a, b, S::div_f32s)
    }

    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        std::array::from_fn(|n| self.0.mul_add_e_f32s(a[n], b[n], c[n]))
    }

    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        // Vector instructions return b or NaN if b is NaN; the scalar instruction would return a.
        if S::IS_SCALAR {
            self.zip(a, b, |s, a, b| s.select_f32s(s.less_than_f32s(a, b), a, b))
        } else {
            self.zip(a, b, S::min_f32s)
        }
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        if S::IS_SCALAR {
            self.zip(a, b, |s, a, b| {
                s.select_f32s(s.greater_than_f32s(a, b), a, b)
            })
        } else {
            self.zip(a, b, S::max_f32s)
        }
    }

    #[inline(always)]
    fn prefetch<T>(self, numbers: &T) {
        self.0.prefetch(numbers);
    }

    #[inline(always)]
    fn power_of_two(self, biased: Self::V) -> Self::V {
        let s = self.0;
        std::array::from_fn(|r| {
            // n is in the lowest bits; shifted by 23 bits it becomes the exponent.
            let n = s.transmute_u32s_f32s(biased[r]);
            let n = s.wrapping_dyn_shl_u32s(n, s.splat_u32s(23));
            s.transmute_f32s_u32s(s.add_u32s(n, s.splat_u32s(1.0_f32.to_bits())))
        })
    }
}
