//! Whether a run fits into the memory, asked before the memory is taken.

use crate::{Application, Description, Optimizer, RunHeader, TrainError};
use std::fs;

const BYTES_PER_NUMBER: u64 = 4;

/// Checks that there is room for training a model of this description.
///
/// # Errors
/// [`TrainError::Memory`] with both figures.
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

/// The bytes of weights, moments, a gradient for each thread, a copy of weights and moments while they
/// are saved, and the tape of a batch. An estimate: what is small is left out.
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

/// The bytes that this process may still take, where the system tells (Linux): the machine's free
/// memory, what is left in its control group, and the limit on its address space.
fn available() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let free = read("/proc/meminfo").and_then(|text| kilobytes(&text, "MemAvailable:"));
    let group = read("/sys/fs/cgroup/memory.max").and_then(|max| {
        let used = read("/sys/fs/cgroup/memory.current")?;
        let [max, used] = [max, used].map(|text| text.trim().parse::<u64>().ok());
        Some(max?.saturating_sub(used?))
    });
    let address_space = read("/proc/self/limits").and_then(|limits| {
        let limit = limit(&limits, "Max address space")?;
        let used = kilobytes(&read("/proc/self/status")?, "VmSize:")?;
        Some(limit.saturating_sub(used))
    });
    [free, group, address_space].into_iter().flatten().min()
}

/// The number behind `key`, which is in kB, in bytes.
fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(1024 * number)
}

/// The soft limit of this name; nothing if there is none.
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
