//! Settings: the ones at the edge of their range are accepted, the ones beyond it are refused by name.

use crate::optimizers::RULES;
use lstm_train::{Descent, Optimizer, Plan, Progress, Schedule, ScheduleState};

/// Asserts that `check` refuses each value with its message.
fn assert_refused<T: std::fmt::Debug>(
    check: impl Fn(&T) -> Result<(), lstm_model::ModelError>,
    cases: &[(T, &str)],
) {
    for (value, message) in cases {
        let error = check(value).expect_err(&format!("{value:?} is accepted"));
        assert_eq!(error.to_string(), *message, "{value:?}");
    }
}

fn adam(beta1: f64, beta2: f64, epsilon: f64) -> Optimizer {
    Optimizer::Adam {
        beta1,
        beta2,
        epsilon,
    }
}

fn adam_w(beta1: f64, epsilon: f64, weight_decay: f64) -> Optimizer {
    Optimizer::AdamW {
        beta1,
        beta2: 0.5,
        epsilon,
        weight_decay,
    }
}

fn rms_prop(alpha: f64, epsilon: f64) -> Optimizer {
    Optimizer::RmsProp { alpha, epsilon }
}

#[test]
fn constants_of_an_optimizer_out_of_range_are_named() {
    let at_the_edge = [
        Optimizer::Momentum { momentum: 0.0 },
        adam(0.0, 0.0, 0.0),
        adam_w(0.0, 0.0, 0.0),
        rms_prop(0.0, 0.0),
    ];
    for rule in RULES.into_iter().chain(at_the_edge) {
        assert_eq!(rule.check(), Ok(()), "{rule:?}");
    }
    let momentum = Optimizer::Momentum { momentum: 1.0 };
    assert_refused(
        Optimizer::check,
        &[
            (momentum, "momentum is 1, expected at least 0 and below 1"),
            (
                adam(1.0, 0.5, 0.0),
                "beta1 is 1, expected at least 0 and below 1",
            ),
            (
                adam(0.5, -0.5, 0.0),
                "beta2 is -0.5, expected at least 0 and below 1",
            ),
            (
                adam(0.5, 0.5, -1e-9),
                "epsilon is -0.000000001, expected 0 or more",
            ),
            (
                adam(0.5, 0.5, f64::INFINITY),
                "epsilon is inf, expected 0 or more",
            ),
            (
                adam_w(1.0, 0.0, 0.0),
                "beta1 is 1, expected at least 0 and below 1",
            ),
            (
                adam_w(0.5, 0.0, -0.1),
                "weight decay is -0.1, expected 0 or more",
            ),
            (
                adam_w(0.5, 0.0, f64::NAN),
                "weight decay is NaN, expected 0 or more",
            ),
            (
                rms_prop(1.0, 0.0),
                "alpha is 1, expected at least 0 and below 1",
            ),
            (rms_prop(0.5, -1.0), "epsilon is -1, expected 0 or more"),
        ],
    );
}

#[test]
fn a_schedule_that_cannot_be_followed_is_named() {
    let plateau = |factor, patience| Schedule::Plateau { factor, patience };
    let check = |schedule: &Schedule| ScheduleState::new(*schedule, 0.1).map(drop);
    for schedule in [
        Schedule::Constant,
        Schedule::Cosine { steps: 1 },
        Schedule::PLATEAU,
        plateau(0.001, 1),
        plateau(0.999, 1),
    ] {
        assert_eq!(check(&schedule), Ok(()), "{schedule:?}");
    }
    assert_refused(
        check,
        &[
            (
                Schedule::Cosine { steps: 0 },
                "steps of the cosine is 0, expected at least 1",
            ),
            (
                plateau(0.5, 0),
                "patience of the plateau is 0, expected at least 1",
            ),
            (
                plateau(0.0, 1),
                "factor of the plateau is 0, expected between 0 and 1",
            ),
            (
                plateau(1.0, 1),
                "factor of the plateau is 1, expected between 0 and 1",
            ),
            (
                plateau(f64::NAN, 1),
                "factor of the plateau is NaN, expected between 0 and 1",
            ),
        ],
    );
}

#[test]
fn a_descent_checks_its_optimizer_its_rate_and_its_norm() {
    assert_eq!(Descent::default().check(), Ok(()));
    let unclipped = Descent {
        max_norm: None,
        ..Descent::default()
    };
    assert_eq!(unclipped.check(), Ok(()));
    let descent = |change: fn(&mut Descent)| {
        let mut descent = Descent::default();
        change(&mut descent);
        descent
    };
    assert_refused(
        Descent::check,
        &[
            (
                descent(|d| d.optimizer = adam(2.0, 0.5, 0.0)),
                "beta1 is 2, expected at least 0 and below 1",
            ),
            (
                descent(|d| d.max_norm = Some(0.0)),
                "norm to clip at is 0, expected a positive number",
            ),
            (
                descent(|d| d.max_norm = Some(f64::INFINITY)),
                "norm to clip at is inf, expected a positive number",
            ),
            (
                descent(|d| d.learning_rate = 0.0),
                "learning rate is 0, expected a positive number",
            ),
        ],
    );
}

#[test]
fn a_plan_that_never_evaluates_or_has_no_time_is_refused() {
    let plan = |change: fn(&mut Plan)| {
        let mut plan = Plan::steps(10);
        change(&mut plan);
        plan
    };
    for accepted in [
        plan(|_| ()),
        plan(|p| p.seconds = Some(0.0)),
        plan(|p| p.eval_every = 1),
        plan(|p| p.patience = Some(1)),
        plan(|p| p.eval_seconds = Some(1e-9)),
    ] {
        assert_eq!(accepted.check(), Ok(()), "{accepted:?}");
    }
    assert_refused(
        Plan::check,
        &[
            (
                plan(|p| p.seconds = Some(-1.0)),
                "seconds to train is -1, expected 0 or more",
            ),
            (
                plan(|p| p.eval_seconds = Some(0.0)),
                "seconds between evaluations is 0, expected a positive number",
            ),
            (
                plan(|p| p.eval_every = 0),
                "steps between evaluations is 0, expected at least 1",
            ),
            (
                plan(|p| p.patience = Some(0)),
                "patience is 0, expected at least 1",
            ),
        ],
    );
    assert_eq!(Plan::steps(0).eval_every, 1);
    assert_eq!(
        (Plan::steps(7).steps, Plan::steps(7).eval_every),
        (Some(7), 7)
    );
}

#[test]
fn a_plan_ends_at_its_steps_or_its_seconds_and_evaluates_every_so_many_steps() {
    let at = |step, seconds| Progress {
        step,
        seconds,
        ..Progress::default()
    };
    let plan = Plan {
        seconds: Some(2.5),
        eval_every: 4,
        patience: Some(3),
        ..Plan::steps(10)
    };
    assert!(!plan.is_reached(&at(9, 2.4)));
    assert!(plan.is_reached(&at(10, 0.0)) && plan.is_reached(&at(11, 0.0)));
    assert!(plan.is_reached(&at(0, 2.5)) && plan.is_reached(&at(0, 2.6)));
    let due: Vec<u64> = (1..=12)
        .filter(|&step| plan.is_due(0.0, &at(step, 0.0)))
        .collect();
    assert_eq!(due, [4, 8, 12]);
    let patient = |since_best| {
        plan.is_out_of_patience(&Progress {
            since_best,
            ..Progress::default()
        })
    };
    assert_eq!([2, 3, 4].map(patient), [false, true, true]);
    let endless = Plan {
        patience: None,
        ..plan
    };
    assert!(!endless.is_out_of_patience(&Progress {
        since_best: u32::MAX,
        ..Progress::default()
    }));
}
