//! Reads the objects of a pickle without running it.
//!
//! A pickle is a program for a small stack machine. The machine in this module has only the instructions
//! that make data. It never imports anything: a class or function is just a name. The only functions
//! that it calls are those of [`globals::Call`], which are written in this crate. A pickle that calls
//! anything else is refused, and the error names the function.

mod heap;
mod input;
mod machine;
mod constants;
mod objects;
mod globals;
mod calls;

pub(super) use heap::{Heap, Id, Node, Storage, View};

use crate::ExchangeError;

/// Why a pickle is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It names or calls a class or function that could run arbitrary code.
    Global(String),
    /// It is damaged, or has content that no PyTorch file has.
    Pickle(String),
}

impl Fault {
    pub fn new(why: impl Into<String>) -> Self {
        Self::Pickle(why.into())
    }
}

impl From<Fault> for ExchangeError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Global(global) => Self::Code { global },
            Fault::Pickle(why) => Self::NotPytorch { why },
        }
    }
}

/// The most objects that a pickle may make.
const MOST_OBJECTS: usize = 1 << 20;
/// The longest name of a class or storage, in bytes.
const MOST_OF_NAME: usize = 1 << 10;

/// Reads the pickle at the start of `bytes`: returns its object, and its length in bytes.
///
/// # Errors
/// If the pickle is damaged or truncated, if it makes too many objects, or if it names or calls
/// something that is not data.
pub(super) fn read(heap: &mut Heap, bytes: &[u8]) -> Result<(Id, usize), Fault> {
    machine::Machine::new(heap, bytes).run()
}
