//! The gradient of the whole network's loss (E9–E17, E19–E21, E26), embedding and head included,
//! against dual numbers and central differences of the spec engine's forward pass.

use lstm_bptt::oracle::Disagreement;
use lstm_model::gradcheck::{
    CENTRAL_TOLERANCE, DUAL_TOLERANCE, GradientCheck, SINGLE_TOLERANCE, TensorReport,
};
use lstm_model::{Batched, Engine, Init, NetworkConfig, Spec};
use proptest::prelude::*;

prop_compose! {
    fn case()(
        vocab_size in 2..=5_usize, embed_size in 0..=4_usize, hidden_size in 1..=4_usize,
        layers in 1..=3_usize, batch_size in 1..=3_usize, seq_len in 1..=6_usize, seed: u64,
    ) -> GradientCheck {
        let config = NetworkConfig {
            vocab_size, embed_size, hidden_size, layers,
            dropout: 0.0, head_dropout: 0.0, init: Init::default(),
        };
        GradientCheck::random(config, batch_size, seq_len, seed).unwrap()
    }
}

fn agree<R: Engine<Scalar = f64>>(case: &GradientCheck) -> Result<(), TestCaseError> {
    let reports = case.check::<R>();
    prop_assert_eq!(reports.len(), case.tensors().len());
    for report in reports {
        prop_assert!(report.is_ok(), "{} engine: {:?}", R::NAME, report);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn every_gradient_of_the_spec_engine_agrees_with_both_oracles(case in case()) {
        agree::<Spec<f64>>(&case)?;
    }

    #[test]
    fn every_gradient_in_single_precision_is_near_that_of_the_spec_engine(case in case()) {
        let differences = case.compare::<Batched<f32>>();
        prop_assert_eq!(differences.len(), case.tensors().len());
        for ((name, len), difference) in case.tensors().into_iter().zip(differences) {
            prop_assert!(difference.relative <= SINGLE_TOLERANCE, "{name}: {difference:?}");
            prop_assert!(difference.index < len, "{name}: {difference:?}");
        }
    }

    #[test]
    fn every_gradient_of_the_batched_engine_agrees_with_both_oracles(case in case()) {
        agree::<Batched<f64>>(&case)?;
    }
}

#[test]
fn a_gradient_is_right_only_if_both_oracles_agree() {
    let of = |relative| Disagreement {
        relative,
        index: 0,
        analytic: 0.0,
        oracle: 0.0,
    };
    let is_ok = |dual, central| {
        let report = TensorReport {
            name: "w".to_owned(),
            len: 1,
            dual: of(dual),
            central: of(central),
        };
        report.is_ok()
    };
    assert!(is_ok(DUAL_TOLERANCE, CENTRAL_TOLERANCE));
    assert!(!is_ok(2.0 * DUAL_TOLERANCE, 0.0));
    assert!(!is_ok(0.0, 2.0 * CENTRAL_TOLERANCE));
}
