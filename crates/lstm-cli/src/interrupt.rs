//! Signals: Ctrl-C and its relatives, and the limit on a file's size.

use crate::error::note;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on the first Ctrl-C, SIGTERM or SIGHUP asks for a clean stop, and the second stops at once.
/// A signal that whoever started the program told it to ignore, as `nohup` does, stays ignored.
pub fn listen() {
    let ignored = ignored_signals();
    for signal in stopping_signals().filter(|signal| ignored & (1 << (signal - 1)) == 0) {
        // Without it the signal ends the process; what was saved last remains.
        if let Err(error) = stop_at(signal) {
            note!("warning: signal {signal} will not stop cleanly: {error}");
        }
    }
}

fn stop_at(signal: i32) -> io::Result<()> {
    flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&ASKED))?;
    flag::register(signal, Arc::clone(&ASKED)).map(drop)
}

/// Whether a clean stop was asked for.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// From now on a write beyond `ulimit -f` is an error like a full disk; by default it ends the process.
pub fn report_large_files() -> io::Result<()> {
    #[cfg(unix)]
    flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
    Ok(())
}

fn stopping_signals() -> impl Iterator<Item = i32> {
    #[cfg(unix)]
    let others = [signal_hook::consts::SIGHUP];
    #[cfg(not(unix))]
    let others = [];
    [SIGINT, SIGTERM].into_iter().chain(others)
}

/// A bit for each signal that was ignored at the start, signal 1 the lowest, where the system tells
/// (Linux).
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}
