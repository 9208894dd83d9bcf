//! Single steps of a layer against the spec engine's forward pass in double precision.

use crate::case::{odd_sizes, widened, widened_params};
use crate::compare::agree;
use lstm_fast::{Fast, Level, Stepper};
use lstm_gates::{Init, LstmParams};
use lstm_model::{Alone, BatchState, Input, Layer, Pass, Purpose, Span, Spec};
use nalgebra::DMatrix;
use proptest::prelude::*;
use rand::RngExt;

/// As for a reader, which computes the same sums in the same order.
const TOLERANCE: f64 = 1.2e-6;

fn uniform(rows: usize, columns: usize, seed: u64) -> DMatrix<f32> {
    let rng = &mut Purpose::Check.rng(seed, rows as u64, columns as u64);
    DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-1.0..1.0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn stepping_agrees_with_the_spec_engine_and_goes_on_from_a_state_to_the_bit(
        d in odd_sizes(), h in odd_sizes(), steps in 2..=8_usize, seed: u64,
    ) {
        let rng = &mut Purpose::Weights.rng(seed, 0, 0);
        let params = LstmParams::<f32>::init(Init::PytorchUniform, d, h, rng);
        let x = uniform(d, steps, seed);
        let initial = BatchState { h: uniform(h, 1, seed ^ 1), c: uniform(h, 1, seed ^ 2) };
        let spec = Spec::from_params(&widened_params(&params));
        let forward = spec.forward(Pass {
            input: Input::Dense(&widened(&x)),
            initial: &BatchState { h: widened(&initial.h), c: widened(&initial.c) },
            span: Span::full(steps, 1),
            team: &Alone,
        });
        let expected = [("outputs".to_owned(), forward.outputs), ("c".to_owned(), forward.last.c)];
        for level in Level::available() {
            let layer = Fast::at(level, &params);
            let mut stepper = Stepper::new(&layer);
            stepper.step(&vec![1.0; d]); // is forgotten
            stepper.set_state(&initial);
            let mut outputs = DMatrix::zeros(h, steps);
            for (t, x_t) in x.column_iter().enumerate() {
                if t == steps / 2 {
                    let state = stepper.state();
                    stepper = Stepper::new(&layer);
                    stepper.set_state(&state);
                }
                outputs.column_mut(t).copy_from_slice(stepper.step(x_t.into_owned().as_slice()));
            }
            let c = widened(&stepper.state().c);
            let found = [("outputs".to_owned(), widened(&outputs)), ("c".to_owned(), c)];
            agree(&level, &expected, &found, TOLERANCE)?;
        }
    }
}

#[test]
#[should_panic(expected = "x_t has D numbers")]
fn a_vector_of_another_length_is_refused() {
    let params = LstmParams::zeros(3, 4);
    Stepper::new(&Fast::from_params(&params)).step(&[1.0; 4]);
}
