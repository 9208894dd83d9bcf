//! The project's own vectors: what they hold, and what they can tell.

use lstm_exchange::variant::Mistake;
use lstm_exchange::{Vector, check_recording, power, vectors};

#[test]
fn every_vector_computed_again_is_itself() {
    for vector in vectors() {
        let report = check_recording(&vector.recording()).unwrap();
        assert!(report.is_ok(), "{}: {:#?}", vector.name, report.rows);
    }
}

/// The smallest that should, and every larger one too.
#[test]
fn every_wrong_lstm_is_rejected_by_every_vector_that_has_what_it_gets_wrong() {
    let mut seen = Vec::new();
    for vector in vectors() {
        let power = power(&vector.recording()).unwrap();
        assert_eq!(power.passed, [], "{} lets them pass", vector.name);
        seen.extend(power.rejected);
    }
    // No vector has two biases of its own or a hard sigmoid; the trace has two biases.
    for mistake in Mistake::all() {
        let expected = mistake != Mistake::OtherHardSigmoid;
        assert_eq!(seen.contains(&mistake), expected, "{mistake:?}");
    }
}

#[test]
fn a_vector_with_a_wrong_number_fails_and_names_it() {
    for vector in vectors() {
        for name in vector.computed.keys() {
            let mut recording = vector.recording();
            recording.tensors.get_mut(name).unwrap().data[0] += 1e-9;
            let report = check_recording(&recording).unwrap();
            let wrong: Vec<_> = report
                .rows
                .iter()
                .filter(|row| !row.finding.is_ok())
                .collect();
            assert_eq!(wrong.len(), 1, "{}: {name}", vector.name);
            assert_eq!(&wrong[0].tensor, name);
        }
    }
}

#[test]
fn a_vector_without_one_of_its_tensors_or_with_another_shape_fails_and_names_it() {
    let named = |vector: &Vector, change: &dyn Fn(&mut lstm_exchange::Recording), name: &str| {
        let mut recording = vector.recording();
        change(&mut recording);
        match check_recording(&recording) {
            Err(error) => assert!(
                error.to_string().contains(name),
                "{}: {name}: {error}",
                vector.name
            ),
            Ok(report) => {
                let wrong: Vec<_> = report
                    .rows
                    .iter()
                    .filter(|row| !row.finding.is_ok())
                    .collect();
                let names: Vec<_> = wrong.iter().map(|row| &row.tensor).collect();
                assert!(
                    names.iter().any(|n| *n == name),
                    "{}: {name}: {names:?}",
                    vector.name
                );
            }
        }
    };
    for vector in vectors() {
        for name in vector.recording().tensors.keys() {
            named(
                &vector,
                &|r| {
                    r.tensors.remove(name);
                },
                name,
            );
            named(
                &vector,
                &|r| {
                    let tensor = r.tensors.get_mut(name).unwrap();
                    tensor.shape.push(2);
                    tensor.data.extend_from_within(..);
                },
                name,
            );
        }
    }
}
