//! Everything that the barrier and the orders of a reader use of threads. `tests/loom` checks the two with
//! a module of the same names that tries every interleaving.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
pub(crate) use std::thread::{park, yield_now};
