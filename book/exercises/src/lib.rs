//! The exercises of the book that are programs.
//!
//! One module for each chapter, in the order of reading: [`gates`], [`cell`], [`bptt`],
//! [`truncation`], [`text`], [`model`], [`sampling`]. Every function is a stub: its formula, its
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

pub mod judge;
#[cfg(feature = "solutions")]
pub mod solutions;

#[cfg(not(feature = "solutions"))]
use crate as answers;
#[cfg(feature = "solutions")]
use solutions as answers;

use judge::Verdict;

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
            mod $chapter {
                use crate::{answers, judge};
                $(
                    #[test]
                    fn $name() {
                        if let Err(why) = judge::$chapter::$name(answers::$chapter::$name) {
                            panic!("\n\n{why}\n");
                        }
                    }
                )*
            }
        )*}
    };
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
}
