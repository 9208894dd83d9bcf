//! The twin of lstm-fast's `sync`, whose operations loom controls.

pub(crate) use loom::hint::spin_loop;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
pub(crate) use loom::thread::{park, yield_now};

/// A thread looks once before it yields: looking again at the same state finds nothing new.
pub(crate) const SPINS: usize = 1;
