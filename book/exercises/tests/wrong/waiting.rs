//! Implemented stubs that call empty ones.

use exercises::judge::{cell, gates};
use exercises::{Exercise, Place, Status, waits_for};
use lstm_gates::sigmoid;

/// The function that an implemented stub waits for.
fn waits(exercise: Exercise) -> Place {
    match exercise.status() {
        Status::Waits(place) => place,
        other => panic!("{exercise:?}: {other:?}"),
    }
}

#[test]
fn an_implemented_stub_waits_for_the_empty_one_that_it_calls() {
    let place = waits(Exercise {
        chapter: "gates",
        name: "forget_gate",
        judge: || {
            gates::forget_gate(|p, x, h| exercises::gates::preactivation(&p.f, x, h).map(sigmoid))
        },
    });
    assert_eq!((place.chapter, place.function), ("gates", "preactivation"));
    let text = waits_for(&place);
    let expected = "It waits for `preactivation`, which is still empty (src/gates.rs:";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn an_implemented_stub_waits_for_an_empty_one_of_another_chapter() {
    let place = waits(Exercise {
        chapter: "cell",
        name: "step",
        judge: || {
            cell::step(|p, x, state| {
                let gates = exercises::gates::gates(p, x, &state.h);
                lstm_cell::Step {
                    gates,
                    ..lstm_cell::step(p, x, state)
                }
            })
        },
    });
    assert_eq!((place.chapter, place.function), ("gates", "gates"));
}

#[test]
fn an_empty_stub_waits_for_nothing() {
    let exercise = Exercise {
        chapter: "gates",
        name: "preactivation",
        judge: || gates::preactivation(exercises::gates::preactivation),
    };
    assert_eq!(exercise.status(), Status::ToDo);
}

#[test]
fn an_answer_that_panics_is_wrong() {
    let exercise = Exercise {
        chapter: "gates",
        name: "sigmoid",
        judge: || gates::sigmoid(|a| [1.0][(a as usize).max(1)]),
    };
    let Status::Wrong(why) = exercise.status() else {
        panic!("it panicked");
    };
    assert!(why.starts_with("It panicked: index out of bounds"), "{why}");
}
