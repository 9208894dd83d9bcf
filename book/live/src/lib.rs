//! The code that runs in the book's live pages, and the tools that build it.
//!
//! The scripts of the pages compute no part of the LSTM. They write numbers into a [`mailbox`], call a
//! function of this crate by name, and read the answer from the mailbox. This crate passes the
//! numbers to lstm-gates, lstm-cell, lstm-bptt, lstm-model and lstm-tasks.
//!
//! ```text
//! page (book/live/web) ─ numbers ─→ mailbox ─→ gates, cell, …, translator ─→ mailbox ─→ page
//! ```
//!
//! | call | arguments | reads | answers |
//! |---|---|---|---|
//! | `gates` | D, H | weights, x_t, h_{t−1} | for i, f, g, o: pre-activation, value, derivative (H each) |
//! | `curve` | 0 σ, 1 tanh; n | from, to | n times: a, value, derivative |
//! | `cell` | D, H, T | weights, h_0, c_0, x_1 … x_T | for each step: i f g o c tanh(c) h (H each) |
//! | `gradcheck_start` | D, H, T | | θ and the weights of the loss |
//! | `gradcheck` | D, H, T, mistake | θ and the weights of the loss | see [`gradcheck`] |
//! | `vanish` | 0 one unit, 1 many | w, h_0 or s | see [`vanish`] |
//! | `truncation` | window | forget bias | see [`truncation`] |
//! | `slip` | steps | i f g o of each step | for each step: c tanh(c) h |
//! | `writer_…` | | | see [`writer`] |
//! | `learner_…` | | | see [`learner`] |
//! | `translator_…` | | | see [`translator`] |
//!
//! Weights are the twelve tensors of [`LstmParams::slices`](lstm_gates::LstmParams::slices). A call
//! whose sizes are out of range, or do not fit into the mailbox, returns 0 and answers nothing.
//!
//! *Invariant:* there is no formula here. `abi` gives the functions their names in WebAssembly,
//! [`native`] calls the same functions by the same names, and the tests compare the two.

pub mod mailbox;
pub mod gates;
pub mod cell;
pub mod slip;
#[path = "../../src/plain.rs"]
mod plain;
pub mod vanish;
pub mod truncation;
pub mod mistake;
pub mod gradcheck;
pub mod writer;
pub mod learner;
pub mod weights;
pub mod words;
pub mod translator;

#[cfg(target_family = "wasm")]
mod abi;

#[cfg(not(target_family = "wasm"))]
pub mod follows;
#[cfg(not(target_family = "wasm"))]
pub mod native;
#[cfg(not(target_family = "wasm"))]
pub mod prose;
#[cfg(not(target_family = "wasm"))]
pub mod script;
#[cfg(not(target_family = "wasm"))]
pub mod sources;
#[cfg(not(target_family = "wasm"))]
pub mod train;
#[cfg(not(target_family = "wasm"))]
pub mod train_translator;
#[cfg(not(target_family = "wasm"))]
pub mod wasm;
