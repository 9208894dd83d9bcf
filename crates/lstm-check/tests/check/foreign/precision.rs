//! Number types: the rounding errors behind the tolerances, and the mistakes that half precision still shows.

use super::plain::{Plain, round, round_all, rounded};
use super::{agreeing, report};
use lstm_check::{
    CheckError, Finding, Mistake, Tolerance, check_recording, check_within, difference, power,
    recompute, vectors,
};
use safetensors::Dtype;

/// The tolerance of y, and how far y is off.
fn of_y(recording: &lstm_check::Recording) -> (f64, f64) {
    let report = report(recording);
    let row = report
        .rows
        .into_iter()
        .find(|row| row.tensor == "y")
        .unwrap();
    match row.finding {
        Finding::Compared {
            tolerance,
            difference,
            ..
        } => (tolerance, difference.relative),
        other => panic!("{other:?}"),
    }
}

/// The largest error of y, hn and cn over sequences of up to a hundred steps, twenty of each length.
fn worst(dtype: Dtype) -> f64 {
    let lengths = [1, 5, 20, 100].into_iter();
    let cases = lengths.flat_map(|seq_len| (0..20).map(move |seed| Plain::new(seed, seq_len, 2)));
    let errors = cases.flat_map(|plain| {
        let (right, rough) = (plain.torch(Dtype::F64), plain.torch(dtype));
        ["y", "hn", "cn"]
            .map(|name| difference(&rough.tensors[name], &right.tensors[name]).relative)
    });
    errors.fold(0.0, f64::max)
}

#[test]
fn the_tolerances_of_half_precision_are_a_decade_above_the_rounding_errors() {
    for (dtype, tolerance, measured) in [
        (Dtype::F32, 1e-5, 3e-7),
        (Dtype::F16, 3e-2, 2.2e-3),
        (Dtype::BF16, 3e-1, 2.3e-2),
    ] {
        let worst = worst(dtype);
        println!("{dtype:?}: {worst:.2e}");
        assert!(
            worst < measured && worst > measured / 4.0,
            "{dtype:?}: {worst:e}"
        );
        assert!(tolerance >= 10.0 * measured);
        let mut recording = Plain::new(1, 20, 2).torch(dtype);
        round_all(&mut recording, dtype, |name| !name.starts_with("weight"));
        assert_eq!(of_y(&recording).0, tolerance);
    }
}

#[test]
fn every_known_mistake_is_found_in_half_precision() {
    for dtype in [Dtype::F16, Dtype::BF16] {
        let mut found = Vec::new();
        let names = ["sequence", "bidirectional", "peepholes", "coupled", "clip"];
        for vector in vectors().into_iter().filter(|v| names.contains(&v.name)) {
            let mut inputs = vector.inputs.clone();
            round_all(&mut inputs, dtype, |name| name != "lengths");
            let recorded = |mistake: Option<Mistake>| {
                let mut recording = vector.recording();
                recording.tensors.extend(inputs.tensors.clone());
                recording
                    .tensors
                    .extend(recompute(&recording, mistake).unwrap());
                round_all(&mut recording, dtype, |name| name != "lengths");
                recording
            };
            let right = recorded(None);
            assert!(report(&right).is_ok(), "{}", vector.name);
            let power = power(&right).unwrap();
            assert_eq!(power.passed, [], "{} in {dtype:?}", vector.name);
            for (mistake, _) in power.rejected {
                let report = report(&recorded(Some(mistake)));
                let what = format!("{mistake:?} in {dtype:?} in {}", vector.name);
                assert!(!report.is_ok(), "{what} passes");
                assert!(
                    report.explanations.contains(&mistake),
                    "{what} is not explained"
                );
                found.push(mistake);
            }
        }
        // These vectors have one bias, no window and no hard sigmoid.
        let missing = Mistake::all().into_iter().filter(|m| !found.contains(m));
        assert_eq!(
            missing.collect::<Vec<_>>(),
            [
                Mistake::BiasDropped(1),
                Mistake::BiasTwice(1),
                Mistake::OtherHardSigmoid,
                Mistake::StateResetAtWindow,
                Mistake::TruncationIgnored
            ]
        );
    }
}

/// In mixed precision the weights are float32, and what is computed from them in half precision.
#[test]
fn mixed_precision_is_judged_tensor_by_tensor() {
    let mut mixed = Plain::new(3, 6, 2).torch(Dtype::F16);
    let is_output = |name: &str| ["y", "hn", "cn"].contains(&name);
    round_all(&mut mixed, Dtype::F32, |name| !is_output(name));
    round_all(&mut mixed, Dtype::F16, is_output);
    assert_eq!(agreeing(&mixed), 3);
    assert_eq!(of_y(&mixed).0, 3e-2);

    // Computed in half precision and stored in single: the type does not say so.
    round(&mut mixed, "y", Dtype::F32);
    assert!(!report(&mixed).is_ok());
    // Inputs in half precision do.
    round(&mut mixed, "x", Dtype::F16);
    assert_eq!(of_y(&mixed).0, 3e-2);
    // But what agrees in single precision is not judged by less.
    let mut exact = Plain::new(3, 6, 2).torch(Dtype::F32);
    round_all(&mut exact, Dtype::F32, |name| name != "x");
    let (tolerance, off) = of_y(&exact);
    assert!(off < 1e-6 && tolerance == 1e-5, "{off:e}");
}

/// Every wrong order of the blocks and a transposed W_h, in an LSTM computed in half precision throughout.
#[test]
fn a_gate_swap_is_found_where_every_operation_is_rounded() {
    for dtype in [Dtype::F16, Dtype::BF16] {
        for mistake in Mistake::wrong_orders()
            .into_iter()
            .chain([Mistake::RecurrentTransposed])
        {
            let plain = Plain::new(5, 6, 2);
            let (rough, right) = (plain.torch(dtype), plain.torch(Dtype::F64));
            let wrong = recompute(&right, Some(mistake)).unwrap();
            // The mistake's numbers with the rounding errors of the correct computation.
            let mut recording = right.clone();
            for (name, tensor) in wrong {
                let errors = rough.tensors[&name]
                    .data
                    .iter()
                    .zip(&right.tensors[&name].data);
                let data = tensor
                    .data
                    .iter()
                    .zip(errors)
                    .map(|(v, (rough, right))| v + rough - right);
                let tensor = lstm_exchange::Tensor::new(&tensor.shape, data.collect());
                recording.tensors.insert(name, tensor);
            }
            round_all(&mut recording, dtype, |_| true);
            let report = report(&recording);
            assert!(!report.is_ok(), "{mistake:?} passes in {dtype:?}");
        }
    }
}

/// A recording whose outputs y, hn and cn are printed with this number of decimals, and with `inputs`
/// every other tensor too.
fn printed(decimals: i32, inputs: bool) -> lstm_check::Recording {
    let mut recording = Plain::new(7, 6, 2).torch(Dtype::F32);
    let unit = 10_f64.powi(decimals);
    for (name, tensor) in &mut recording.tensors {
        if inputs || ["y", "hn", "cn"].contains(&name.as_str()) {
            tensor
                .data
                .iter_mut()
                .for_each(|v| *v = (*v * unit).round() / unit);
        }
    }
    round_all(&mut recording, Dtype::F32, |_| true);
    recording
}

#[test]
fn printed_decimals_are_recognised_and_the_report_says_so() {
    for inputs in [false, true] {
        let recording = printed(4, inputs);
        assert_eq!(agreeing(&recording), 3);
        let text = format!("{:?}", report(&recording).rows);
        assert!(text.contains("printed with 4 decimals"), "{text}");
        assert_eq!(text.contains("inputs with 4"), inputs);
        let wrong = recompute(&recording, Some(Mistake::BlockOrder([0, 2, 1, 3]))).unwrap();
        let mut swapped = recording.clone();
        for (name, tensor) in wrong {
            let data = tensor.data.iter().map(|v| (v * 1e4).round() / 1e4);
            let tensor = lstm_exchange::Tensor::new(&tensor.shape, data.collect());
            swapped.tensors.insert(name.clone(), tensor);
            round(&mut swapped, &name, Dtype::F32);
        }
        assert!(!report(&swapped).is_ok());
    }
    // A number that is off by two units of the last digit is wrong.
    let mut wrong = printed(4, false);
    wrong.tensors.get_mut("y").unwrap().data[3] += 2e-4;
    round(&mut wrong, "y", Dtype::F32);
    assert!(!report(&wrong).is_ok());
    // With one decimal hardly any mistake would show.
    assert!(!report(&printed(1, true)).is_ok());
}

#[test]
fn a_tolerance_may_be_stated_within_limits() {
    for given in [f64::NAN, -1e-3, 0.0, 0.11, 1.0, f64::INFINITY] {
        let refused = Tolerance::stated(given);
        assert!(
            matches!(refused, Err(CheckError::Tolerance { .. })),
            "{given}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vector.safetensors");
    let mut vector = vectors().remove(1);
    vector.computed.get_mut("y").unwrap().data[0] += 1e-4;
    std::fs::write(&path, vector.to_safetensors()).unwrap();
    let is_ok = |tolerance| check_within(&path, tolerance).unwrap().is_ok();
    assert!(!is_ok(Tolerance::ByType));
    assert!(is_ok(Tolerance::stated(1e-3).unwrap()));
    assert!(!is_ok(Tolerance::stated(1e-5).unwrap()));
    assert!(check_recording(&vector.recording()).is_ok());
    assert_eq!(rounded(0.1, Dtype::F64), 0.1);
}
