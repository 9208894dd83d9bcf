//! The twin of lstm-fast's `sync`, whose operations loom controls. It can make one memory ordering weaker
//! than the modules ask for.

use loom::sync::atomic;
pub(crate) use loom::thread::park;
use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::atomic::AtomicU64;
pub(crate) use std::sync::atomic::Ordering;
use std::sync::{Mutex, OnceLock};

/// A file and a line.
pub(crate) type Place = (String, u32);

/// The places that have asked for an ordering stronger than relaxed.
static STRONG: Mutex<BTreeSet<&'static Location<'static>>> = Mutex::new(BTreeSet::new());

/// The place whose ordering is relaxed.
static RELAXED: OnceLock<Place> = OnceLock::new();

/// The number of times that threads may still yield before loom tries only one interleaving of the rest.
static YIELDS: AtomicU64 = AtomicU64::new(0);

/// All places that have asked for an ordering stronger than relaxed.
pub(crate) fn strong() -> Vec<Place> {
    let strong = STRONG.lock().expect("no thread panics while it holds this");
    let place = |place: &&Location<'_>| (place.file().to_owned(), place.line());
    strong.iter().map(place).collect()
}

/// Relaxes the ordering at this place from now on.
pub(crate) fn relax(place: Place) {
    RELAXED.set(place).expect("one place is relaxed at most");
}

/// Lets threads yield this often before loom tries only one interleaving of the rest.
pub(crate) fn limit_yields(most: u64) {
    YIELDS.store(most, Ordering::Relaxed);
}

pub(crate) fn yield_now() {
    let last = |left: u64| left.checked_sub(1);
    if YIELDS
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, last)
        .is_err()
    {
        loom::skip_branch();
    }
    loom::thread::yield_now();
}

pub(crate) fn spin_loop() {
    yield_now();
}

fn ordering(asked: Ordering, place: &'static Location<'static>) -> Ordering {
    if asked == Ordering::Relaxed {
        return asked;
    }
    let mut strong = STRONG.lock().expect("no thread panics while it holds this");
    strong.insert(place);
    match RELAXED.get() {
        Some((file, line)) if (place.file(), place.line()) == (file, *line) => Ordering::Relaxed,
        _ => asked,
    }
}

macro_rules! twin {
    ($name:ident of $number:ty) => {
        #[derive(Debug)]
        pub(crate) struct $name(atomic::$name);

        impl $name {
            pub fn new(number: $number) -> Self {
                Self(atomic::$name::new(number))
            }

            #[track_caller]
            pub fn load(&self, order: Ordering) -> $number {
                self.0.load(ordering(order, Location::caller()))
            }

            #[track_caller]
            pub fn store(&self, number: $number, order: Ordering) {
                self.0.store(number, ordering(order, Location::caller()));
            }
        }
    };
}

twin!(AtomicBool of bool);
twin!(AtomicU32 of u32);
twin!(AtomicUsize of usize);

impl AtomicUsize {
    #[track_caller]
    pub fn fetch_add(&self, number: usize, order: Ordering) -> usize {
        let order = ordering(order, Location::caller());
        self.0.fetch_add(number, order)
    }
}
