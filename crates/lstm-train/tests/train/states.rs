//! Stored states of a run: every number at the edge of its range is accepted, and beyond it refused by name.

use lstm_train::{Best, Descent, LossHistory, TrainerState};

const MOST: u64 = 1 << 53;

/// A change of a state that was right.
type Change = fn(&mut TrainerState);

fn check(change: Change) -> Result<(), String> {
    let mut state = TrainerState::new(Descent::default()).unwrap();
    change(&mut state);
    state.check().map_err(|error| error.to_string())
}

fn best(val_loss: f64) -> Option<Best> {
    Some(Best { step: 1, val_loss })
}

#[test]
fn a_stored_state_at_the_edge_is_accepted() {
    let changes: [Change; 6] = [
        |_| (),
        |s| s.progress.step = MOST,
        |s| s.progress.interval.tokens = MOST as usize,
        |s| s.optimizer_steps = MOST,
        // Rounding can make the loss of a perfect model a little less than 0.
        |s| s.progress.best = best(-1e-7),
        |s| s.progress.interval.nats = -1e-7,
    ];
    for (n, change) in changes.into_iter().enumerate() {
        assert_eq!(check(change), Ok(()), "change {n}");
    }
}

#[test]
fn every_number_of_a_stored_state_is_checked() {
    let changes: [(Change, &str); 9] = [
        (
            |s| s.descent.learning_rate = -1.0,
            "learning rate is -1, expected a positive number",
        ),
        (
            |s| s.schedule.best = Some(f64::NAN),
            "best validation loss is NaN, expected a finite number",
        ),
        (
            |s| s.progress.step = MOST + 1,
            "step is 9007199254740993, expected at most 2^53",
        ),
        (
            |s| s.progress.interval.tokens = MOST as usize + 1,
            "tokens since the last evaluation is 9007199254740993, expected at most 2^53",
        ),
        (
            |s| s.optimizer_steps = MOST + 1,
            "optimiser steps is 9007199254740993, expected at most 2^53",
        ),
        (
            |s| s.progress.seconds = -0.5,
            "seconds trained is -0.5, expected 0 or more",
        ),
        (
            |s| s.progress.interval_seconds = f64::INFINITY,
            "seconds since the last evaluation is inf, expected 0 or more",
        ),
        (
            |s| s.progress.interval.nats = f64::NAN,
            "loss since the last evaluation is NaN, expected a finite number",
        ),
        (
            |s| s.progress.best = best(f64::INFINITY),
            "best validation loss is inf, expected a finite number",
        ),
    ];
    for (change, message) in changes {
        assert_eq!(check(change), Err(message.to_owned()));
    }
}

#[test]
fn a_stored_history_is_that_of_the_steps_taken() {
    let history = |every: u64, losses: &[(u64, f32)]| -> LossHistory {
        serde_json::from_value(serde_json::json!({"every": every, "losses": losses})).unwrap()
    };
    let check = |history: LossHistory| {
        let mut state = TrainerState::new(Descent::default()).unwrap();
        state.progress.step = 7;
        state.history = history;
        state.check().map_err(|error| error.to_string())
    };
    assert_eq!(check(history(1, &[(0, 1.0), (6, 2.0)])), Ok(()));
    assert_eq!(check(history(1 << 53, &[])), Ok(()));
    let most: Vec<(u64, f32)> = (0..7).map(|step| (step, 1.0)).collect();
    assert_eq!(check(history(1, &most)), Ok(()));
    let spacing = "expected the spacing of at most 600";
    for (every, shown) in [(0, "0"), ((1 << 53) + 1, "9007199254740993")] {
        let message = format!("steps between two losses is {shown}, {spacing}");
        assert_eq!(check(history(every, &[])), Err(message));
    }
    let last = "step of the last loss is 7, expected a step that the run has taken";
    assert_eq!(check(history(1, &[(7, 1.0)])), Err(last.to_owned()));
    let order = "steps of the losses is a smaller one, expected ascending steps";
    assert_eq!(
        check(history(1, &[(2, 1.0), (2, 1.0)])),
        Err(order.to_owned())
    );
}
