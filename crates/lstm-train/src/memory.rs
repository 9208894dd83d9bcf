//! Checks that a run fits into memory before allocating anything.

use crate::{Application, Description, Optimizer, RunHeader, TrainError, cgroup};
use std::fs;
use std::path::Path;

const BYTES_PER_NUMBER: u64 = 4;

/// Checks that there is enough memory to train a model with this description.
///
/// # Errors
/// [`TrainError::Memory`], with the memory needed and the memory available.
pub(crate) fn expect_room<A: Application>(
    header: &RunHeader<A>,
    description: &A::Description,
) -> Result<(), TrainError> {
    let needed = needed(header, description);
    match available() {
        Some(available) if needed > available => Err(TrainError::Memory { needed, available }),
        _ => Ok(()),
    }
}

/// An estimate in bytes: weights, moments, one gradient per thread, a copy of weights and moments during
/// a save, and the tape of a batch. Small items are left out.
fn needed<A: Application>(header: &RunHeader<A>, description: &A::Description) -> u64 {
    let moments = match header.state.descent.optimizer {
        Optimizer::Sgd => 0,
        Optimizer::Momentum { .. } | Optimizer::RmsProp { .. } => 1,
        Optimizer::Adam { .. } | Optimizer::AdamW { .. } => 2,
    };
    let of_each_weight = 2 * (1 + moments) + header.threads as u64;
    let weights = (description.parameter_count() as u64).saturating_mul(of_each_weight);
    let tape = header.settings.tape_numbers(description) as u64;
    weights
        .saturating_add(tape)
        .saturating_mul(BYTES_PER_NUMBER)
}

/// The bytes that this process may still allocate, if the system tells (Linux): the least of the
/// machine's available memory, what the limits of its control groups leave, and the rest of the limit on
/// the address space.
#[must_use]
pub fn available() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let free = read("/proc/meminfo").and_then(|text| kilobytes(&text, "MemAvailable:"));
    let groups = read("/proc/self/cgroup").and_then(|groups| {
        let root = Path::new("/sys/fs/cgroup");
        cgroup::room(&groups, root)
    });
    let address_space = read("/proc/self/limits").and_then(|limits| {
        let limit = limit(&limits, "Max address space")?;
        let used = kilobytes(&read("/proc/self/status")?, "VmSize:")?;
        Some(limit.saturating_sub(used))
    });
    [free, groups, address_space].into_iter().flatten().min()
}

/// The number after `key`, converted from kB to bytes.
fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(1024 * number)
}

/// The soft limit with this name; `None` if it is unlimited.
fn limit(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_the_system_are_read_in_bytes() {
        let meminfo = "MemTotal:  16 kB\nMemAvailable:   3 kB\n";
        assert_eq!(kilobytes(meminfo, "MemAvailable:"), Some(3072));
        assert_eq!(kilobytes(meminfo, "VmSize:"), None);
        let limits = "Max stack size   8388608  unlimited  bytes\n\
                      Max address space    4096   unlimited   bytes\n";
        assert_eq!(limit(limits, "Max address space"), Some(4096));
        let unlimited = "Max address space         unlimited    unlimited  bytes\n";
        assert_eq!(limit(unlimited, "Max address space"), None);
    }
}
