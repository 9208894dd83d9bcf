//! The state of an exercise.

use crate::place::{Panic, Place, catch};
use crate::{Exercise, judge};

/// The state of an exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Implemented and correct.
    Done,
    /// Still a stub.
    ToDo,
    /// Implemented, but it calls another stub, which is still empty.
    Waits(Place),
    /// What is wrong.
    Wrong(String),
}

impl Exercise {
    /// Runs the judge.
    pub fn status(&self) -> Status {
        match catch(self.judge) {
            Ok(Ok(())) => Status::Done,
            Ok(Err(why)) => Status::Wrong(why),
            Err(panic) => self.panicked(panic),
        }
    }

    fn panicked(&self, Panic { text, place }: Panic) -> Status {
        let at = place.as_ref().map_or(String::new(), |place| {
            format!(
                " in `{}`, src/{}.rs:{}",
                place.function, place.chapter, place.line
            )
        });
        let why = match text.as_str() {
            // The message of `todo!`.
            text if text.starts_with("not yet implemented") => {
                let other =
                    place.filter(|at| (at.chapter, at.function) != (self.chapter, self.name));
                return other.map_or(Status::ToDo, Status::Waits);
            }
            // The message of nalgebra.
            text if text.contains("dimensions mismatch") => format!(
                "\nThe shapes of two arrays do not fit; this is judged with {}. Is a transpose \
                 missing, or is one of them the wrong array?",
                judge::sizes(self.chapter)
            ),
            // The message of `lstm_cell::sequence`.
            text if text.contains("InputLength") => {
                "\nThe input vectors of a layer do not have its \
                length D; every layer but the first reads the h of the one below."
                    .into()
            }
            _ => String::new(),
        };
        Status::Wrong(format!("It panicked{at}: {text}{why}"))
    }
}

/// What an implemented stub that waits needs.
pub fn waits_for(place: &Place) -> String {
    let Place {
        chapter,
        line,
        function,
    } = place;
    format!("It waits for `{function}`, which is still empty (src/{chapter}.rs:{line}).")
}
