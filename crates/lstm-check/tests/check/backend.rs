//! The test cases for ONNX runtimes: the committed files, and which wrong LSTMs they reject.

use lstm_check::{BackendCase, Mistake, backend_cases, check};
use lstm_exchange::Tensor;
use lstm_exchange::onnx::{AttributeValue, LSTM_INPUTS, StoredTensor};
use std::path::{Path, PathBuf};

/// The tolerance of ONNX's own runner.
const RTOL: f64 = 1e-3;
const ATOL: f64 = 1e-7;

/// How many tolerances a wrong LSTM must be off at least.
const FAR: f64 = 50.0;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/onnx_backend")
}

fn case(name: &str) -> BackendCase {
    let mut cases = backend_cases().into_iter();
    cases.find(|case| case.name == name).unwrap()
}

/// How many tolerances the numbers are off, at the worst place.
fn off(found: &[Tensor; 3], expected: &[Tensor; 3]) -> f64 {
    let mut worst = 0.0_f64;
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.data.len(), expected.data.len());
        for (found, expected) in found.data.iter().zip(&expected.data) {
            worst = worst.max((found - expected).abs() / (ATOL + RTOL * expected.abs()));
        }
    }
    worst
}

/// Asserts that a runtime that computes `wrong` in the place of `right` fails.
fn assert_far(right: &BackendCase, wrong: &[Tensor; 3], what: &str) {
    let off = off(wrong, &right.outputs(None));
    assert!(
        off > FAR,
        "{}: {what} is off by {off:.1} tolerances alone",
        right.name
    );
}

fn without_attribute(case: &BackendCase, name: &str) -> BackendCase {
    let mut wrong = case.clone();
    wrong.attributes.remove(name).unwrap();
    if name == "layout" {
        // (B, dirs, H), taken for (dirs, B, H); with T = B and one direction every size still fits.
        let states = wrong.inputs[5..7].iter_mut().flatten();
        states.for_each(|state| state.shape.swap(0, 1));
    }
    wrong
}

fn without_input(case: &BackendCase, name: &str) -> BackendCase {
    let mut wrong = case.clone();
    let n = LSTM_INPUTS.iter().position(|own| *own == name).unwrap();
    wrong.inputs[n].take().unwrap();
    wrong
}

#[test]
fn every_known_mistake_fails_every_case_that_has_what_it_gets_wrong() {
    let (mut passed, mut seen) = (Vec::new(), Vec::new());
    for case in backend_cases() {
        for mistake in Mistake::forward().into_iter().filter(|&m| case.applies(m)) {
            if off(&case.outputs(Some(mistake)), &case.outputs(None)) > FAR {
                seen.push(mistake);
            } else {
                passed.push((case.name, mistake));
            }
        }
    }
    // One case has no bias, and begins with zeros.
    let nothing = [
        Mistake::BiasDropped(0),
        Mistake::BiasTwice(0),
        Mistake::InitialHIgnored,
        Mistake::InitialCIgnored,
        Mistake::InitialStatesSwapped,
    ];
    assert_eq!(
        passed,
        nothing.map(|mistake| ("lstm_only_needed_inputs", mistake))
    );
    for mistake in Mistake::forward() {
        // No operator has windows of truncated back-propagation.
        let expected = mistake != Mistake::StateResetAtWindow;
        assert_eq!(seen.contains(&mistake), expected, "{mistake:?}");
    }
}

#[test]
fn a_runtime_that_ignores_an_attribute_or_an_input_fails() {
    let mut ignored = Vec::new();
    for case in backend_cases() {
        let is_bidirectional = case.name.contains("bidirectional");
        for name in case.attributes.keys().filter(|name| *name != "hidden_size") {
            // Two directions cannot be taken for one; see below.
            if name != "direction" || !is_bidirectional {
                let wrong = without_attribute(&case, name);
                assert_far(&case, &wrong.outputs(None), name);
                ignored.push(name.clone());
            }
        }
        for (name, input) in LSTM_INPUTS.into_iter().zip(&case.inputs).skip(3) {
            if input.is_some() {
                let wrong = without_input(&case, name);
                assert_far(&case, &wrong.outputs(None), name);
                ignored.push(name.into());
            }
        }
    }
    for name in [
        "activation_alpha",
        "activation_beta",
        "activations",
        "clip",
        "direction",
        "input_forget",
        "layout",
        "B",
        "sequence_lens",
        "initial_h",
        "initial_c",
        "P",
    ] {
        assert!(ignored.iter().any(|own| own == name), "{name}");
    }
}

/// The two directions of (…, 2, B, H), exchanged.
fn exchanged(tensor: &Tensor) -> Tensor {
    let run: usize = tensor.shape[tensor.shape.len() - 2..].iter().product();
    let pairs = tensor.data.chunks(2 * run);
    let data = pairs.flat_map(|pair| [&pair[run..], &pair[..run]].concat());
    Tensor::new(&tensor.shape, data.collect())
}

#[test]
fn a_runtime_that_mixes_up_the_two_directions_fails() {
    for case in backend_cases() {
        if !case.name.contains("bidirectional") {
            continue;
        }
        let swapped = case.outputs(None).each_ref().map(exchanged);
        assert_far(&case, &swapped, "the order of the directions");
        // The directions are computed alone, each with its own weights; both read forwards.
        let alone = |n: usize| {
            let mut one = case.clone();
            one.attributes.remove("direction");
            if let Some(AttributeValue::Texts(names)) = one.attributes.get_mut("activations") {
                *names = names[3 * n..3 * n + 3].to_vec();
            }
            for (name, input) in LSTM_INPUTS.iter().zip(&mut one.inputs) {
                if let Some(tensor) = input
                    .as_mut()
                    .filter(|_| !["X", "sequence_lens"].contains(name))
                {
                    tensor.data = tensor.part(n).data;
                    tensor.shape[0] = 1;
                }
            }
            one.outputs(None)
        };
        let (first, second) = (alone(0), alone(1));
        let joined = std::array::from_fn(|n| {
            let run: usize = first[n].shape[first[n].shape.len() - 2..].iter().product();
            let pairs = first[n].data.chunks(run).zip(second[n].data.chunks(run));
            let data = pairs.flat_map(|(a, b)| [a, b].concat());
            Tensor::new(&case.outputs(None)[n].shape, data.collect())
        });
        assert_far(&case, &joined, "the second direction, read forwards,");
    }
    let case = case("lstm_bidirectional_activations");
    let mut wrong = case.clone();
    let Some(AttributeValue::Texts(names)) = wrong.attributes.get_mut("activations") else {
        panic!("it has activations")
    };
    let first = names[..3].to_vec();
    names[3..].clone_from_slice(&first);
    assert_far(
        &case,
        &wrong.outputs(None),
        "the second direction's activations",
    );
}

/// The specification can be read so that c_t in E7, the input of an activation too, is clipped as well.
#[test]
fn no_cell_state_reaches_the_bound_of_the_clip_case() {
    let case = case("lstm_clip");
    let Some(AttributeValue::Float(clip)) = case.attributes.get("clip") else {
        panic!("it clips")
    };
    // The states of every step are the last states of shorter sequences.
    for steps in 1..=4 {
        let mut shorter = case.clone();
        let batch_size = shorter.inputs[0].as_ref().unwrap().shape[1];
        shorter.inputs[4] = Some(Tensor::new(
            &[batch_size],
            vec![f64::from(steps); batch_size],
        ));
        let [_, _, c] = shorter.outputs(None);
        assert!(c.data.iter().all(|c| c.abs() < f64::from(*clip)), "{c:?}");
    }
}

#[test]
fn every_committed_case_computed_again_is_itself() {
    let cases = backend_cases();
    for case in &cases {
        let report = check(&folder().join(case.name).join("model.onnx")).unwrap();
        assert!(report.is_ok(), "{}: {:#?}", case.name, report.rows);
        assert_eq!(report.rows.len(), 3);
    }
    let entries = std::fs::read_dir(folder()).unwrap();
    let folders = entries.filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(
        folders.count(),
        cases.len(),
        "the folder holds these cases and no others"
    );
}

/// Inputs and models agree to the bit, outputs up to the rounding of another machine's exponential.
#[test]
fn the_committed_cases_are_those_that_the_code_makes() {
    let stale =
        "is stale: write it with `cargo run -- vectors --onnx --out tests/vectors/onnx_backend`";
    for case in backend_cases() {
        for (path, bytes) in case.files() {
            let path = folder().join(case.name).join(path);
            let committed = std::fs::read(&path).unwrap_or_default();
            let name = path.display();
            if !name.to_string().contains("output_") {
                assert!(committed == bytes, "{name} {stale}");
                continue;
            }
            let [then, now] = [&committed, &bytes].map(|bytes| StoredTensor::parse(bytes).unwrap());
            assert_eq!((&then.name, then.data_type), (&now.name, now.data_type));
            let (then, now) = (then.value.tensor, now.value.tensor);
            assert_eq!(then.shape, now.shape, "{name} {stale}");
            let far = then
                .data
                .iter()
                .zip(&now.data)
                .any(|(a, b)| (a - b).abs() > 1e-6);
            assert!(!far, "{name} {stale}");
        }
    }
}

/// The table in the book says for which cases it was made: for those with this CRC-32 of all names and
/// bytes.
#[test]
fn the_table_of_runtimes_is_of_these_cases() {
    let mut paths = Vec::new();
    for case in backend_cases() {
        let files = case.files().into_iter();
        paths.extend(files.map(|(path, _)| Path::new(case.name).join(path)));
    }
    paths.sort();
    let mut crc = crc32fast::Hasher::new();
    for path in paths {
        let name: Vec<_> = path.iter().map(|part| part.to_str().unwrap()).collect();
        crc.update(name.join("/").as_bytes());
        crc.update(&std::fs::read(folder().join(&path)).unwrap());
    }
    let fingerprint = format!("{:08x}", crc.finalize());
    let runtimes = folder().join("../../interop/runtimes");
    for file in ["table.md", "results.json"] {
        let text = std::fs::read_to_string(runtimes.join(file)).unwrap();
        let is_of_these = text.contains(&fingerprint);
        assert!(
            is_of_these,
            "{file} is stale ({fingerprint}): run tests/interop/runtimes.sh again"
        );
    }
}
