//! Optimisers (E23) and schedules against worked examples.

use lstm_model::{Alone, Parameters};
use lstm_train::{Optimizer, OptimizerState, Schedule, ScheduleState, Workers};

/// Every rule with its usual constants.
pub const RULES: [Optimizer; 5] = [
    Optimizer::Sgd,
    Optimizer::MOMENTUM,
    Optimizer::ADAM,
    Optimizer::ADAM_W,
    Optimizer::RMS_PROP,
];

#[derive(Clone, Debug, PartialEq)]
struct Weights(Vec<f64>);

impl Parameters for Weights {
    type Scalar = f64;

    fn slices(&self) -> Vec<&[f64]> {
        vec![&self.0]
    }

    fn slices_mut(&mut self) -> Vec<&mut [f64]> {
        vec![&mut self.0]
    }
}

/// θ after a step on each gradient, from θ = 1 with η = 0.5.
fn descend(rule: Optimizer, gradients: &[f64]) -> Vec<f64> {
    let mut theta = Weights(vec![1.0]);
    let mut state = OptimizerState::new(rule, &theta);
    gradients
        .iter()
        .map(|&g| {
            state.step(&mut theta, &Weights(vec![g]), 0.5, &Alone);
            theta.0[0]
        })
        .collect()
}

fn near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!(
            (f - e).abs() < 1e-12,
            "found {found:?}, expected {expected:?}"
        );
    }
}

#[test]
fn sgd_goes_down_the_gradient() {
    near(&descend(Optimizer::Sgd, &[0.2, -0.4]), &[0.9, 1.1]);
}

#[test]
fn momentum_remembers_the_gradients_before() {
    // v = 0.2, then 0.5·0.2 − 0.4 = −0.3.
    near(
        &descend(Optimizer::Momentum { momentum: 0.5 }, &[0.2, -0.4]),
        &[0.9, 1.05],
    );
}

#[test]
fn adam_takes_a_first_step_of_eta_whatever_the_gradient() {
    let adam = Optimizer::Adam {
        beta1: 0.5,
        beta2: 0.75,
        epsilon: 0.0,
    };
    near(&descend(adam, &[1e-3]), &[0.5]);
    near(&descend(adam, &[-1e3]), &[1.5]);
    // n = 2: m = 0.5·1 + 0.5·3 = 2 → 2/0.75; v = 0.75·1 + 0.25·9 = 3 → 3/0.4375 (g = 2 then 3 gives
    // m₁ = 1, v₁ = 1).
    let second = 0.5 - 0.5 * (2.0 / 0.75) / (3.0_f64 / 0.4375).sqrt();
    near(&descend(adam, &[2.0, 3.0]), &[0.5, second]);
    // ε is added outside the root.
    let damped = Optimizer::Adam {
        beta1: 0.5,
        beta2: 0.75,
        epsilon: 2.0,
    };
    near(&descend(damped, &[2.0]), &[1.0 - 0.5 * 2.0 / (2.0 + 2.0)]);
}

#[test]
fn adam_w_shrinks_the_weights_before_it_steps() {
    let rule = Optimizer::AdamW {
        beta1: 0.5,
        beta2: 0.75,
        epsilon: 0.0,
        weight_decay: 0.2,
    };
    near(&descend(rule, &[7.0]), &[0.9 - 0.5]);
}

#[test]
fn rms_prop_divides_by_the_running_root_mean_square() {
    let rule = Optimizer::RmsProp {
        alpha: 0.75,
        epsilon: 1.0,
    };
    // v = 0.25·4 = 1: 1 − 0.5·2/(1 + 1). Then v = 0.75·1 + 0.25·16 = 4.75.
    let second = 0.5 - 0.5 * 4.0 / (4.75_f64.sqrt() + 1.0);
    near(&descend(rule, &[2.0, 4.0]), &[0.5, second]);
}

#[test]
fn an_optimizer_keeps_the_moments_that_its_rule_needs_and_no_other() {
    for (rule, first, second) in [
        (Optimizer::Sgd, false, false),
        (Optimizer::MOMENTUM, true, false),
        (Optimizer::ADAM, true, true),
        (Optimizer::ADAM_W, true, true),
        (Optimizer::RMS_PROP, false, true),
    ] {
        let state = OptimizerState::new(rule, &Weights(vec![1.0]));
        let kept = (state.first.is_some(), state.second.is_some());
        assert_eq!(kept, (first, second), "{rule:?}");
    }
}

fn schedule(schedule: Schedule) -> ScheduleState {
    ScheduleState::new(schedule, 0.1).unwrap()
}

#[test]
fn the_cosine_falls_from_the_full_rate_to_zero_and_stays() {
    let cosine = schedule(Schedule::Cosine { steps: 100 });
    near(
        &[0, 50, 100, 1000].map(|step| cosine.rate(step)),
        &[0.1, 0.05, 0.0, 0.0],
    );
    near(
        &[0, 9999].map(|step| schedule(Schedule::Constant).rate(step)),
        &[0.1, 0.1],
    );
}

#[test]
fn a_plateau_halves_the_rate_after_its_patience_and_starts_to_wait_again() {
    let mut plateau = schedule(Schedule::PLATEAU);
    let rates: Vec<f64> = [3.0, 2.0, 2.5, 2.0, 2.1, 1.9, 1.95, 1.9]
        .into_iter()
        .map(|loss| {
            plateau.observe(loss);
            plateau.rate(0)
        })
        .collect();
    near(&rates, &[0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025]);
    assert_eq!(plateau.best, Some(1.9));
}

#[test]
fn a_learning_rate_must_be_a_positive_number() {
    for (rate, shown) in [
        (0.0, "0"),
        (-1.0, "-1"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
    ] {
        let message = ScheduleState::new(Schedule::Constant, rate)
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            format!("learning rate is {shown}, expected a positive number")
        );
    }
}

#[test]
fn threads_that_share_a_step_change_no_bit() {
    const MANY: usize = 300_000;
    let numbers = |scale: f64| {
        let number = |n| scale * f64::from(n).sin();
        Weights((0..MANY as u32).map(number).collect())
    };
    let workers = Workers::new(3).unwrap();
    for rule in RULES {
        let (mut alone, mut shared) = (numbers(1.0), numbers(1.0));
        let mut state = OptimizerState::new(rule, &alone);
        let mut shared_state = state.clone();
        for scale in [0.1, -0.3] {
            let g = numbers(scale);
            state.step(&mut alone, &g, 0.01, &Alone);
            shared_state.step(&mut shared, &g, 0.01, &workers.team());
        }
        assert_ne!(alone, numbers(1.0));
        assert!(alone == shared, "{rule:?}: weights");
        assert!(state.first == shared_state.first, "{rule:?}: first moment");
        assert!(state.second == shared_state.second, "{rule:?}: second");
    }
}
