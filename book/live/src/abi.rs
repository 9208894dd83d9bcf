//! The functions that a page can call. They take sizes as arguments and everything else from the
//! mailbox. A call returns the number of numbers that it has written into the mailbox, and 0 if its
//! arguments are not valid.
#![expect(
    unsafe_code,
    reason = "the attribute that keeps a name; there is no unsafe block"
)]

use crate::learner::Learner;
use crate::mailbox::CAPACITY;
use crate::translator::Translator;
use crate::writer::Writer;
use crate::{cell, gates, gradcheck, slip, truncation, vanish};
use std::sync::{Mutex, MutexGuard, PoisonError};

static MAILBOX: Mutex<[f64; CAPACITY]> = Mutex::new([0.0; CAPACITY]);
static BYTES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static WRITER: Mutex<Option<Writer>> = Mutex::new(None);
static LEARNER: Mutex<Option<Learner>> = Mutex::new(None);
static TRANSLATOR: Mutex<Option<Translator>> = Mutex::new(None);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of the mailbox, which does not change.
#[unsafe(no_mangle)]
extern "C" fn live_mailbox() -> *mut f64 {
    lock(&MAILBOX).as_mut_ptr()
}

/// The address to which the page writes the `len` bytes of a model or of a text.
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
extern "C" fn live_gradcheck(d: usize, h: usize, t: usize, mistake: usize) -> usize {
    gradcheck::gradcheck(&mut *lock(&MAILBOX), d, h, t, mistake).unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_vanish(kind: usize) -> usize {
    vanish::vanish(&mut *lock(&MAILBOX), kind).unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_slip(steps: usize) -> usize {
    slip::slip(&mut *lock(&MAILBOX), steps).unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_truncation(window: usize) -> usize {
    truncation::truncation(&mut *lock(&MAILBOX), window).unwrap_or(0)
}

/// Loads the model that the page has written to the address from `live_bytes`. Returns 1, or 0 if it
/// is not a model.
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

/// Starts a learner on the text that the page has written to the address from `live_bytes`.
#[unsafe(no_mangle)]
extern "C" fn live_learner_start(hidden_size: usize, seed: usize) -> usize {
    let bytes = std::mem::take(&mut *lock(&BYTES));
    let text = std::str::from_utf8(&bytes).ok();
    *lock(&LEARNER) = text.and_then(|text| Learner::new(text, hidden_size, seed as u64));
    with_learner(|learner, mailbox| learner.about(mailbox))
}

fn with_learner(f: impl FnOnce(&mut Learner, &mut [f64]) -> Option<usize>) -> usize {
    let mut learner = lock(&LEARNER);
    let answer = learner
        .as_mut()
        .and_then(|learner| f(learner, &mut *lock(&MAILBOX)));
    answer.unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_learner_step() -> usize {
    with_learner(Learner::step)
}

#[unsafe(no_mangle)]
extern "C" fn live_learner_sample(length: usize) -> usize {
    with_learner(|learner, mailbox| learner.sample(mailbox, length))
}

/// Loads the translator that the page has written to the address from `live_bytes`. Returns 1, or 0 if
/// it is not a translator.
#[unsafe(no_mangle)]
extern "C" fn live_translator_load() -> usize {
    let translator = Translator::load(&std::mem::take(&mut *lock(&BYTES)));
    let loaded = translator.is_some();
    *lock(&TRANSLATOR) = translator;
    loaded.into()
}

fn with_translator(f: impl FnOnce(&Translator, &mut [f64]) -> Option<usize>) -> usize {
    let translator = lock(&TRANSLATOR);
    let answer = translator
        .as_ref()
        .and_then(|translator| f(translator, &mut *lock(&MAILBOX)));
    answer.unwrap_or(0)
}

#[unsafe(no_mangle)]
extern "C" fn live_translator_words(language: usize) -> usize {
    with_translator(|translator, mailbox| translator.code_points(mailbox, language))
}

/// Finds the words of the text that the page has written to the address from `live_bytes`.
#[unsafe(no_mangle)]
extern "C" fn live_translator_find(language: usize) -> usize {
    let bytes = std::mem::take(&mut *lock(&BYTES));
    let text = std::str::from_utf8(&bytes).unwrap_or("");
    with_translator(|translator, mailbox| translator.find(mailbox, language, text))
}

#[unsafe(no_mangle)]
extern "C" fn live_translator_write(source: usize) -> usize {
    with_translator(|translator, mailbox| translator.write(mailbox, source))
}

#[unsafe(no_mangle)]
extern "C" fn live_translator_look(source: usize, target: usize) -> usize {
    with_translator(|translator, mailbox| translator.look(mailbox, source, target))
}
