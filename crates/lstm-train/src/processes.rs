//! Several processes, on one machine or on many, that train one model together.
//!
//! Each process computes the gradients of its own parts of a batch. The sum of the parts travels through the
//! processes in the order of their ranks: rank 0 adds up its parts and sends the sum to rank 1, which adds
//! its own parts, and so on; the last rank sends the result to all. So the parts are added in the same
//! order as in one process, and the result has the same bits.

use crate::TrainError;
use std::ops::ControlFlow;

/// The processes that train one model together. Each has a rank, from 0 to `count − 1`.
///
/// A call returns when the other processes have made the call that belongs to it, or not at all: it is the
/// transport's task to end every process if one of them has died.
pub trait Processes {
    /// The rank of this process.
    fn rank(&self) -> usize;

    /// The number of processes.
    fn count(&self) -> usize;

    /// Sends bytes to another process, which receives them.
    fn send(&self, to: usize, bytes: &[u8]);

    /// Receives bytes that another process sends.
    fn receive(&self, from: usize, bytes: &mut [u8]);

    /// Gives every process the bytes of the process `from`.
    fn broadcast(&self, from: usize, bytes: &mut [u8]);
}

/// One process alone.
pub struct Single;

impl Processes for Single {
    fn rank(&self) -> usize {
        0
    }

    fn count(&self) -> usize {
        1
    }

    fn send(&self, _to: usize, _bytes: &[u8]) {}

    fn receive(&self, _from: usize, _bytes: &mut [u8]) {}

    fn broadcast(&self, _from: usize, _bytes: &mut [u8]) {}
}

// ANCHOR: in_order
/// Adds up numbers in the order of the ranks: `add` adds those of this process to the sum so far. Every
/// process gets the result.
pub(crate) fn sum_in_order(
    processes: &dyn Processes,
    sum: &mut [f64],
    add: impl FnOnce(&mut [f64]),
) {
    let (rank, last) = (processes.rank(), processes.count() - 1);
    if rank > 0 {
        processes.receive(rank - 1, bytemuck::cast_slice_mut(sum));
    }
    add(sum);
    if rank < last {
        processes.send(rank + 1, bytemuck::cast_slice(sum));
    }
    processes.broadcast(last, bytemuck::cast_slice_mut(sum));
}
// ANCHOR_END: in_order

/// The seconds that rank 0 has measured, and `Break` if any process wants to stop: so all stop after the
/// same step.
pub(crate) fn agree(
    processes: &dyn Processes,
    seconds: f64,
    flow: ControlFlow<()>,
) -> (f64, ControlFlow<()>) {
    let mut sum = [0.0; 2];
    sum_in_order(processes, &mut sum, |sum| {
        if processes.rank() == 0 {
            sum[0] = seconds;
        }
        sum[1] += f64::from(u8::from(flow.is_break()));
    });
    let [seconds, breaks] = sum;
    if breaks > 0.0 {
        return (seconds, ControlFlow::Break(()));
    }
    (seconds, ControlFlow::Continue(()))
}

/// Checks that all processes begin with the same things; each is a name and a checksum.
///
/// # Errors
/// [`TrainError::OtherProcess`] with the first rank that differs from rank 0, in every process.
pub(crate) fn expect_same(
    processes: &dyn Processes,
    own: &[(&'static str, u32)],
) -> Result<(), TrainError> {
    let sums = |rank| {
        let mut sums: Vec<u32> = own.iter().map(|&(_, sum)| sum).collect();
        processes.broadcast(rank, bytemuck::cast_slice_mut(&mut sums));
        sums
    };
    let all: Vec<Vec<u32>> = (0..processes.count()).map(sums).collect();
    for (rank, sums) in all.iter().enumerate() {
        if let Some(at) = (0..own.len()).find(|&n| sums[n] != all[0][n]) {
            let what = own[at].0;
            return Err(TrainError::OtherProcess { rank, what });
        }
    }
    Ok(())
}
