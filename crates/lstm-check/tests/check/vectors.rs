//! The test vectors: what they hold, and which mistakes they reveal.

use lstm_check::{
    Mistake, Recording, TestVector, check_recording, difference, power, recompute, vectors,
};
use std::collections::BTreeMap;

#[test]
fn every_vector_computed_again_is_itself() {
    for vector in vectors() {
        let report = check_recording(&vector.recording()).unwrap();
        assert!(report.is_ok(), "{}: {:#?}", vector.name, report.rows);
    }
}

#[test]
fn every_wrong_lstm_is_rejected_by_every_vector_that_has_what_it_gets_wrong() {
    let mut seen = Vec::new();
    for vector in vectors() {
        let power = power(&vector.recording()).unwrap();
        assert_eq!(power.passed, [], "{} lets them pass", vector.name);
        for (mistake, off) in power.rejected {
            // Visible in single precision and at any usual tolerance.
            assert!(
                off > 1e-2,
                "{}: {mistake:?} is off by {off:e} alone",
                vector.name
            );
            seen.push(mistake);
        }
    }
    // No vector has a hard sigmoid. Only the training trace has two biases.
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
    let named = |vector: &TestVector, change: &dyn Fn(&mut Recording), name: &str| {
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

/// The mistake is among the explanations of what somebody who makes it would have recorded.
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

/// A line's first word and the others.
fn words(line: &str) -> (&str, Vec<&str>) {
    let mut words = line.split(' ');
    (words.next().unwrap(), words.collect())
}

/// The committed files of one vector.
struct Committed {
    recording: Recording,
    json: serde_json::Value,
    text: String,
}

impl Committed {
    fn open(folder: &str, name: &str, stale: &str) -> Self {
        let file = |extension| format!("{folder}/{name}.{extension}");
        let text = |extension| std::fs::read_to_string(file(extension)).expect(stale);
        Self {
            recording: Recording::open(file("safetensors").as_ref()).expect(stale),
            json: serde_json::from_str(&text("json")).expect(stale),
            text: text("txt"),
        }
    }

    /// The three files hold the same numbers.
    fn assert_agree(&self, name: &str, part: &str, stale: &str) {
        let recorded = &self.recording.tensors[name];
        assert_eq!(
            self.json[part][name]["data"],
            serde_json::json!(recorded.data),
            "{name}: {stale}"
        );
        let text: BTreeMap<&str, Vec<&str>> = self.text.lines().map(words).collect();
        let sizes = recorded.shape.iter().map(|&size| size as f64);
        let expected: Vec<f64> = std::iter::once(recorded.shape.len() as f64)
            .chain(sizes)
            .chain(recorded.data.clone())
            .collect();
        let found: Vec<f64> = text[name]
            .iter()
            .map(|word| word.parse().unwrap())
            .collect();
        assert_eq!(found, expected, "{name}: {stale}");
    }
}

/// The inputs agree to the bit, the computed numbers up to rounding: another machine's exponential
/// function may differ in the last digits.
#[test]
fn the_committed_vectors_are_those_that_the_code_makes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/lstm");
    let mut expected = Vec::new();
    for vector in vectors() {
        let stale = format!(
            "{} is stale: write it with `cargo run -- vectors --out tests/vectors/lstm`",
            vector.name
        );
        let committed = Committed::open(folder, vector.name, &stale);
        let (then, now) = (&committed.recording, vector.recording());
        for (key, entry) in &now.metadata {
            assert_eq!(then.metadata.get(key), Some(entry), "{key}: {stale}");
        }
        assert!(then.tensors.keys().eq(now.tensors.keys()), "{stale}");
        for (name, tensor) in &now.tensors {
            let recorded = &then.tensors[name];
            assert_eq!(recorded.shape, tensor.shape, "{name}: {stale}");
            if vector.computed.contains_key(name) {
                committed.assert_agree(name, "computed", &stale);
                let off = difference(tensor, recorded).relative;
                assert!(off < 1e-13, "{name} is off by {off:e}: {stale}");
            } else {
                committed.assert_agree(name, "inputs", &stale);
                assert_eq!(recorded, tensor, "{name}: {stale}");
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
    assert_eq!(
        found, expected,
        "the folder holds these files and no others"
    );
}
