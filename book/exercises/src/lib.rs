//! The exercises of the book that are programs.
//!
//! One module for each chapter, in the order of reading: [`gates`], [`cell`], [`bptt`],
//! [`truncation`], [`text`], [`model`], [`sampling`], [`generation`], [`translation`],
//! [`summarisation`], [`roles`]. Every function is a stub: its formula, its
//! shapes, and `todo!()` where the body belongs. Fill one, and ask how you stand:
//!
//! ```text
//! cargo run -p exercises                 # all exercises: done, to do, or wrong and where
//! cargo test -p exercises gates::        # one chapter's tests
//! ```
//! Each exercise can be done alone: [`judge`] compares it with the workspace's own code and uses no
//! other function of yours. That code is the solution; with `--features solutions` it is put in the
//! place of the stubs, and everything passes.
//!
//! *Invariant:* in the repository every stub is unfilled.

// A stub uses none of its arguments.
#![allow(unused_variables, clippy::needless_pass_by_value)]

pub mod gates;
pub mod cell;
pub mod bptt;
pub mod truncation;
pub mod text;
pub mod model;
pub mod sampling;
pub mod generation;
pub mod translation;
pub mod summarisation;
pub mod roles;

pub mod judge;
#[cfg(feature = "solutions")]
pub mod solutions;

#[cfg(not(feature = "solutions"))]
use crate as answers;
#[cfg(feature = "solutions")]
use solutions as answers;

use judge::Verdict;
use std::panic::catch_unwind;

/// One exercise.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// The module it is in.
    pub chapter: &'static str,
    /// The function to fill.
    pub name: &'static str,
    /// Judges that function.
    pub judge: fn() -> Verdict,
}

/// How far an exercise is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Filled, and right.
    Done,
    /// Still a stub, or it calls one.
    ToDo,
    /// What is wrong.
    Wrong(String),
}

impl Exercise {
    /// Runs the judge.
    pub fn status(&self) -> Status {
        let panic = match catch_unwind(self.judge) {
            Ok(Ok(())) => return Status::Done,
            Ok(Err(why)) => return Status::Wrong(why),
            Err(panic) => panic,
        };
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied());
        match text.unwrap_or("no message") {
            // What `todo!` says.
            text if text.starts_with("not yet implemented") => Status::ToDo,
            // What nalgebra says.
            text if text.contains("dimensions mismatch") => Status::Wrong(format!(
                "It panicked: {text}\nTwo arrays of different shapes meet; a layer is judged with \
                 {}. Is a transpose missing, or another array meant?",
                judge::SIZES
            )),
            // What `lstm_cell::sequence` says.
            text if text.contains("InputLength") => Status::Wrong(format!(
                "It panicked: {text}\nA layer is fed vectors of another length than its D; a layer \
                 above the first reads the h of the one below."
            )),
            text => Status::Wrong(format!("It panicked: {text}")),
        }
    }
}

/// From one list, the table of all exercises and a test for each.
macro_rules! exercises {
    ($($chapter:ident: $($name:ident)*;)*) => {
        /// All exercises, in the order of reading.
        pub const EXERCISES: &[Exercise] = &[$($(
            Exercise {
                chapter: stringify!($chapter),
                name: stringify!($name),
                judge: || judge::$chapter::$name(answers::$chapter::$name),
            },
        )*)*];

        #[cfg(test)]
        mod tests {$(
            mod $chapter {$(
                #[test]
                fn $name() {
                    crate::passes(stringify!($chapter), stringify!($name));
                }
            )*}
        )*}
    };
}

/// The test of an exercise.
#[cfg(test)]
fn passes(chapter: &str, name: &str) {
    let this = |e: &&Exercise| (e.chapter, e.name) == (chapter, name);
    let exercise = EXERCISES.iter().find(this).expect("it is in the table");
    match exercise.status() {
        Status::Done => return,
        Status::ToDo => {} // The stub has said so.
        Status::Wrong(why) => println!("{why}"),
    }
    std::panic::resume_unwind(Box::new("the exercise is not done"));
}

exercises! {
    gates: sigmoid sigmoid_derivative tanh_derivative preactivation forget_gate candidate gates;
    cell: cell_state hidden_state step sequence;
    bptt: cell_gradient gate_gradients input_gradient recurrent_gradient accumulate step_back
        backward clip_global_norm;
    truncation: backward_truncated gradient_by_windows;
    text: vocabulary encode decode windows stream batch;
    model: look_up table_gradient softmax loss_and_gradient adam layer_parameter_count stack dropout;
    sampling: temperature top_k top_p;
    generation: length_penalty;
    translation: softmax_backward;
    summarisation: mixture;
    roles: log_partition;
}
