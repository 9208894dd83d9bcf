//! Signals: Ctrl-C, SIGTERM, SIGHUP, and the limit on the size of a file.

use crate::error::note;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on the first Ctrl-C, SIGTERM or SIGHUP requests a clean stop, and the second stops at once.
/// Signals that were ignored when the program started, for example by `nohup`, stay ignored.
pub fn listen() {
    let ignored = ignored_signals();
    for signal in stopping_signals().filter(|signal| ignored & (1 << (signal - 1)) == 0) {
        // If this fails, the signal just ends the process; the last save remains.
        if let Err(error) = stop_at(signal) {
            note!("warning: signal {signal} will not stop cleanly: {error}");
        }
    }
}

fn stop_at(signal: i32) -> io::Result<()> {
    flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&ASKED))?;
    flag::register(signal, Arc::clone(&ASKED)).map(drop)
}

/// Whether a clean stop was requested.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// From now on a write beyond `ulimit -f` fails like a write to a full disk. By default the signal would
/// end the process.
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

/// A bit mask of the signals that were ignored at the start; signal 1 is the lowest bit. Only Linux
/// reports it; on other systems the mask is 0.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}
