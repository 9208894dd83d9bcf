//! The programming exercises of the book.
//!
//! There is a module for each chapter, in the order of reading: [`gates`], [`cell`], [`bptt`],
//! [`truncation`], [`text`], [`model`], [`sampling`], [`generation`], [`translation`],
//! [`summarisation`], [`roles`], [`forecasting`], [`beyond`]. Every function is a stub: its formula,
//! its shapes, and `todo!()` instead of the body. Implement one, and run:
//!
//! ```text
//! cargo run -p exercises                 # all exercises: done, to do, or wrong, and why
//! cargo run -p exercises -- gates        # one chapter; with --watch again at every save
//! cargo run -p exercises -- hint sigmoid # a hint; the next one at the next call
//! cargo test -p exercises gates::        # one chapter's tests
//! ```
//! The exercises do not depend on each other: [`judge`] compares each with the workspace's own code and
//! calls no other function of yours. The workspace's code is the solution; `--features solutions` puts
//! it in place of the stubs, and everything passes.
//!
//! *Invariant:* in the repository no stub is implemented.

// A stub does not use its arguments.
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
pub mod forecasting;
pub mod beyond;

pub mod judge;
#[cfg(feature = "solutions")]
pub mod solutions;

#[cfg(not(feature = "solutions"))]
use crate as answers;
#[cfg(feature = "solutions")]
use solutions as answers;

mod place;
mod status;
mod hints;
mod command;

pub use command::Arguments;
pub use hints::{GRADES, Language};
pub use place::Place;
pub use status::{Status, waits_for};

use judge::Verdict;

/// One exercise.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// Its module.
    pub chapter: &'static str,
    /// The function to implement.
    pub name: &'static str,
    /// Judges that function.
    pub judge: fn() -> Verdict,
}

/// Makes the table of all exercises and a test for each from one list.
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

        /// The text of every chapter's stubs, to find the function of a line.
        const SOURCES: &[(&str, &str)] = &[$(
            (stringify!($chapter), include_str!(concat!(stringify!($chapter), ".rs"))),
        )*];

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
        Status::ToDo => {} // The panic of the stub has been printed.
        Status::Waits(place) => println!("{}", waits_for(&place)),
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
    generation: length_penalty beam_search;
    translation: softmax_backward attention;
    summarisation: mixture;
    roles: log_partition viterbi;
    forecasting: quantile_loss mase;
    beyond: peephole_step;
}
