//! A clean stop on Ctrl-C.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C (or SIGTERM) asks for a clean stop, and the second stops at once.
pub fn listen() {
    let handler = || {
        if ASKED.swap(true, Ordering::SeqCst) {
            process::exit(130);
        }
    };
    // Without a handler Ctrl-C ends the process at once; the last checkpoint stays intact.
    if let Err(error) = ctrlc::set_handler(handler) {
        eprintln!("warning: Ctrl-C will not stop cleanly: {error}");
    }
}

/// Whether a clean stop was asked for.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
