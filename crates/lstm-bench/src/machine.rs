//! The processor and the memory of the machine, if the system reports them.

use std::fs;

/// The name of the processor.
pub fn processor() -> Option<String> {
    field("/proc/cpuinfo", "model name")
}

/// The peak memory of this process in bytes.
pub fn peak_memory() -> Option<u64> {
    let shown = field("/proc/self/status", "VmHWM")?;
    let kilobytes: u64 = shown.strip_suffix(" kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

/// The value of the first line `name : value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = pairs.into_iter().find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}
