//! How a reader tells its threads what to read.

use crate::barrier::spin_until;
use crate::sync::{AtomicBool, AtomicU32, AtomicUsize, Ordering, park};

/// What the threads of a reader are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Read the token with this id.
    Read {
        token: u32,
        /// Whether the logits are to be computed.
        with_logits: bool,
    },
    /// End.
    Stop,
}

/// The token of [`Order::Stop`]. It is not the id of a token, because ids are below V.
const STOP: u32 = u32::MAX;

/// The last order, and the number of orders so far.
///
/// The next order may be given only after every thread has fetched the last one. A reader's threads wait
/// for each other after each token, so this holds. The order to stop may come at any time.
#[derive(Debug)]
pub(crate) struct Orders {
    given: AtomicUsize,
    token: AtomicU32,
    with_logits: AtomicBool,
}

impl Orders {
    pub fn new() -> Self {
        Self {
            given: AtomicUsize::new(0),
            token: AtomicU32::new(0),
            with_logits: AtomicBool::new(false),
        }
    }

    /// Gives an order. The caller must then unpark the threads, because they may be asleep.
    pub fn give(&self, order: Order) {
        let (token, with_logits) = match order {
            Order::Read { token, with_logits } => (token, with_logits),
            Order::Stop => (STOP, false),
        };
        self.token.store(token, Ordering::Relaxed);
        self.with_logits.store(with_logits, Ordering::Relaxed);
        self.given.fetch_add(1, Ordering::Release);
    }

    /// Waits for an order after the first `done` ones. After about `patience` thousand looks the thread
    /// sleeps.
    pub fn wait(&self, done: usize, patience: usize) -> Order {
        while !spin_until(|| self.given.load(Ordering::Acquire) > done, patience) {
            park();
        }
        match self.token.load(Ordering::Relaxed) {
            STOP => Order::Stop,
            token => Order::Read {
                token,
                with_logits: self.with_logits.load(Ordering::Relaxed),
            },
        }
    }
}
