//! The peak speed of this machine in multiplying and adding, for comparison.

use crate::lanes::{LANES, Lanes};
use crate::level::{Kernel, Level};
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// The number of rounds between two readings of the clock, some tens of microseconds.
const ROUNDS: usize = 10_000;

/// The floating-point operations per second of `threads` threads that only multiply and add in registers,
/// with the instructions of `level`, measured over `duration`.
///
/// # Panics
/// If the system cannot start a thread.
pub fn fma_peak(level: Level, threads: usize, duration: Duration) -> f64 {
    let together = Barrier::new(threads);
    let one = || {
        level.run(MultiplyAdds); // a first time, for the clock to rise
        together.wait();
        let (start, mut operations) = (Instant::now(), 0);
        while start.elapsed() < duration {
            operations += level.run(MultiplyAdds);
        }
        operations as f64 / start.elapsed().as_secs_f64()
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        let rate = |thread: thread::ScopedJoinHandle<'_, f64>| thread.join().expect("no panic");
        all.into_iter().map(rate).sum()
    })
}

/// Computes as many independent sums as a register tile has, so that no addition waits for the one before.
/// A multiply-add takes about four cycles and two can start in each cycle, so eight must run at the same
/// time. The result is the number of operations.
struct MultiplyAdds;

impl Kernel for MultiplyAdds {
    type Output = usize;

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) -> usize {
        if L::REGISTERS_OF_A_ROW == 1 {
            rounds::<L, 16>(l)
        } else {
            rounds::<L, 6>(l)
        }
    }
}

// ANCHOR: rounds
#[inline(always)]
fn rounds<L: Lanes, const R: usize>(l: L) -> usize {
    let (factor, addend) = (l.splat(black_box(0.5)), l.splat(black_box(1.0)));
    let mut sums = [addend; R];
    for _ in 0..ROUNDS {
        for sum in &mut sums {
            *sum = l.mul_add(*sum, factor, addend);
        }
    }
    for sum in sums {
        let mut row = [0.0; LANES];
        l.store(sum, &mut row);
        black_box(row);
    }
    2 * LANES * R * ROUNDS
}
// ANCHOR_END: rounds

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_a_peak() {
        for level in Level::available() {
            let peak = fma_peak(level, 2, Duration::from_millis(5));
            assert!(peak > 1e7, "{level}: {peak:e}");
        }
    }
}
