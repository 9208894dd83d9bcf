//! The project's own vectors: what they hold, and what they can tell.

use lstm_exchange::variant::Mistake;
use lstm_exchange::{Recording, Vector, check_recording, power, recompute, vectors};
use std::collections::BTreeMap;

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
        for (mistake, off) in power.rejected {
            // Visible in single precision and at any tolerance that people use.
            assert!(
                off > 1e-2,
                "{}: {mistake:?} is off by {off:e} alone",
                vector.name
            );
            seen.push(mistake);
        }
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
    let named = |vector: &Vector, change: &dyn Fn(&mut Recording), name: &str| {
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

/// What somebody with that mistake would have recorded is explained by it, and by nothing that gives
/// other numbers.
#[test]
fn the_numbers_of_every_mistake_are_explained_by_it() {
    for vector in vectors() {
        for (mistake, _) in power(&vector.recording()).unwrap().rejected {
            let mut recording = vector.recording();
            let wrong = recompute(&recording, Some(mistake)).unwrap();
            recording.tensors.extend(wrong.clone());
            let report = check_recording(&recording).unwrap();
            assert!(!report.is_ok());
            assert!(
                report.explanations.contains(&mistake),
                "{}: {mistake:?} is explained by {:?}",
                vector.name,
                report.explanations
            );
        }
    }
}

#[test]
fn both_forms_hold_the_same_numbers() {
    for vector in vectors() {
        let read = Recording::parse(&vector.to_safetensors()).unwrap();
        assert_eq!(read.tensors, vector.recording().tensors, "{}", vector.name);
        let json: serde_json::Value = serde_json::from_str(&vector.to_json()).unwrap();
        for (part, tensors) in [
            ("inputs", &vector.inputs.tensors),
            ("computed", &vector.computed),
        ] {
            assert_eq!(json[part].as_object().unwrap().len(), tensors.len());
            for (name, tensor) in tensors {
                let found = &json[part][name];
                assert_eq!(found["shape"], serde_json::json!(tensor.shape));
                assert_eq!(found["data"], serde_json::json!(tensor.data));
            }
        }
    }
}

/// A name and what follows it.
fn words(line: &str) -> (&str, Vec<&str>) {
    let mut words = line.split(' ');
    (words.next().unwrap(), words.collect())
}

/// Inputs to the bit; what is computed to the last digits, which another machine's exponential may
/// round differently.
#[test]
fn the_committed_vectors_are_those_that_the_code_makes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/lstm");
    let mut expected = Vec::new();
    for vector in vectors() {
        let stale = format!(
            "{} is stale: write it with `cargo run -- vectors --out tests/vectors/lstm`",
            vector.name
        );
        let file = |extension| format!("{folder}/{}.{extension}", vector.name);
        let committed = Recording::open(file("safetensors").as_ref()).expect(&stale);
        let text = std::fs::read_to_string(file("txt")).expect(&stale);
        let text: BTreeMap<&str, Vec<&str>> = text.lines().map(words).collect();
        let json = std::fs::read_to_string(file("json")).expect(&stale);
        let json: serde_json::Value = serde_json::from_str(&json).expect(&stale);
        let now = vector.recording();
        assert!(committed.tensors.keys().eq(now.tensors.keys()), "{stale}");
        for (name, tensor) in &now.tensors {
            let recorded = &committed.tensors[name];
            assert_eq!(recorded.shape, tensor.shape, "{name}: {stale}");
            let part = match vector.computed.contains_key(name) {
                true => "computed",
                false => "inputs",
            };
            assert_eq!(
                json[part][name]["data"],
                serde_json::json!(recorded.data),
                "{name}: {stale}"
            );
            let numbers = recorded
                .shape
                .iter()
                .map(|&size| size as f64)
                .chain(recorded.data.clone());
            let expected: Vec<f64> = std::iter::once(recorded.shape.len() as f64)
                .chain(numbers)
                .collect();
            let found: Vec<f64> = text[name.as_str()]
                .iter()
                .map(|word| word.parse().unwrap())
                .collect();
            assert_eq!(found, expected, "{name}: {stale}");
            if part == "inputs" {
                assert_eq!(recorded, tensor, "{name}: {stale}");
            } else {
                let off = lstm_exchange::difference(tensor, recorded).relative;
                assert!(off < 1e-13, "{name} is off by {off:e}: {stale}");
            }
        }
        expected.extend(["json", "safetensors", "txt"].map(|e| format!("{}.{e}", vector.name)));
    }
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "nothing else lies there");
}
