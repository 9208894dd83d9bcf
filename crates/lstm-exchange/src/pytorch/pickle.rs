//! The objects of a pickle, made without running anything of it.
//!
//! A pickle is a program for a small stack machine. This machine knows the instructions that make data.
//! It never imports: a class or a function is its name and nothing more. It never calls anything but the
//! functions of [`globals::Call`], which are written in this crate. A pickle that wants something else
//! done is refused, and the error names what it wanted.

mod heap;
mod input;
mod machine;
mod constants;
mod objects;
mod globals;
mod calls;

pub(super) use heap::{Heap, Id, Node, Storage, View};

use crate::ExchangeError;

/// Why a pickle is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It names, or wants to call, something that could do anything.
    Global(String),
    /// It is damaged, or has something that no file of PyTorch has.
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
/// The most bytes that the name of a class or of a storage may have.
const MOST_OF_NAME: usize = 1 << 10;

/// Reads the pickle at the front of `bytes`: its object, and how many bytes it took.
///
/// # Errors
/// If the pickle is damaged or cut short, if it makes too many objects, or if it names or calls
/// something that is not data.
pub(super) fn read(heap: &mut Heap, bytes: &[u8]) -> Result<(Id, usize), Fault> {
    machine::Machine::new(heap, bytes).run()
}
