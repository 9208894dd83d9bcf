//! The names by which a page calls. Plain numbers go over this border and nothing else: sizes as
//! arguments, everything else through the mailbox. A call answers with how many numbers it left
//! there, and with 0 if it could not be.
#![expect(
    unsafe_code,
    reason = "the attribute that keeps a name; there is no unsafe block"
)]

use crate::mailbox::CAPACITY;
use crate::writer::Writer;
use crate::{cell, gates, gradcheck};
use std::sync::{Mutex, MutexGuard, PoisonError};

static MAILBOX: Mutex<[f64; CAPACITY]> = Mutex::new([0.0; CAPACITY]);
static BYTES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static WRITER: Mutex<Option<Writer>> = Mutex::new(None);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the mailbox is. It stays there.
#[unsafe(no_mangle)]
extern "C" fn live_mailbox() -> *mut f64 {
    lock(&MAILBOX).as_mut_ptr()
}

/// Where `len` bytes of a model are to be put.
#[unsafe(no_mangle)]
extern "C" fn live_bytes(len: usize) -> *mut u8 {
    let mut bytes = lock(&BYTES);
    *bytes = vec![0; len];
    bytes.as_mut_ptr()
}

#[unsafe(no_mangle)]
extern "C" fn live_gates(d: usize, h: usize) -> usize {
    gates::gates(&mut *lock(&MAILBOX), d, h).unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_curve(kind: usize, n: usize) -> usize {
    gates::curve(&mut *lock(&MAILBOX), kind, n).unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_cell(d: usize, h: usize, t: usize) -> usize {
    cell::cell(&mut *lock(&MAILBOX), d, h, t).unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_gradcheck_start(d: usize, h: usize, t: usize) -> usize {
    gradcheck::start(&mut *lock(&MAILBOX), d, h, t).unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_gradcheck(d: usize, h: usize, t: usize, carousel: usize) -> usize {
    gradcheck::gradcheck(&mut *lock(&MAILBOX), d, h, t, carousel != 0).unwrap_or(0)
}

/// Takes the model that was put where `live_bytes` said; whether it is one.
#[unsafe(no_mangle)]
extern "C" fn live_writer_load() -> usize {
    let writer = Writer::load(&std::mem::take(&mut *lock(&BYTES)));
    let loaded = writer.is_some();
    *lock(&WRITER) = writer;
    loaded.into()
}

fn with_writer(f: impl FnOnce(&mut Writer, &mut [f64]) -> Option<usize>) -> usize {
    let mut writer = lock(&WRITER);
    let answer = writer
        .as_mut()
        .and_then(|writer| f(writer, &mut *lock(&MAILBOX)));
    answer.unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_writer_vocabulary() -> usize {
    with_writer(|writer, mailbox| writer.code_points(mailbox))
}

#[unsafe(no_mangle)]
extern "C" fn live_writer_reset() {
    with_writer(|writer, _| {
        writer.reset();
        None
    });
}

#[unsafe(no_mangle)]
extern "C" fn live_writer_read(id: usize) -> usize {
    with_writer(|writer, mailbox| writer.read(mailbox, id))
}

#[unsafe(no_mangle)]
extern "C" fn live_writer_distribution() -> usize {
    with_writer(|writer, mailbox| writer.distribution(mailbox))
}

#[unsafe(no_mangle)]
extern "C" fn live_writer_next(seed: usize, place: usize) -> usize {
    with_writer(|writer, mailbox| writer.next(mailbox, seed, place))
}
