//! ONNX recordings and models: computed again, and the ones that are refused.

use lstm_check::{Mistake, Recording, check, power_of};
use std::path::{Path, PathBuf};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

fn model(name: &str) -> PathBuf {
    directory().join(format!("onnx/{name}.onnx"))
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(model(name)).unwrap()
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory().join(folder)).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}

/// The bytes with every `from` replaced by `to`, a text of the same length; `from` must occur.
fn replaced(mut bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let starts = bytes.windows(from.len()).enumerate();
    let starts: Vec<usize> = starts
        .filter(|(_, window)| *window == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!starts.is_empty(), "there is no {from}");
    for at in starts {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[test]
fn every_recording_and_every_model_computed_again_is_itself() {
    let graphs = files("onnx_graphs", "onnx");
    let all = [files("onnx", "safetensors"), files("onnx", "onnx"), graphs].concat();
    assert_eq!(all.len(), 22 + 13);
    for path in all {
        let report = check(&path).unwrap();
        assert!(report.is_ok(), "{}: {:#?}", path.display(), report.rows);
        assert!(!report.rows.is_empty());
    }
}

#[test]
fn the_recordings_were_made_by_the_script_as_it_stands() {
    let readme = std::fs::read_to_string(directory().join("README.md")).unwrap();
    let of = |folder, script: &'static str| {
        files(folder, "safetensors")
            .into_iter()
            .map(move |file| (file, script))
    };
    let vectors = of("onnx", "make_onnx_vectors.py");
    for (path, name) in vectors.chain(of("onnx_graphs", "make_onnx_graphs.py")) {
        let script = std::fs::read(directory().join(name)).unwrap();
        let recording = Recording::open(&path).unwrap();
        let crc = recording.metadata["script_crc32"].parse();
        assert_eq!(
            crc,
            Ok(crc32fast::hash(&script)),
            "{} is stale: run {name} again",
            path.display()
        );
        for tool in ["onnx", "onnxruntime"] {
            let version = format!("{tool} {}", recording.metadata[tool]);
            assert!(
                readme.contains(&version),
                "README.md does not say {version}"
            );
        }
    }
}

/// Each case shows what it is there for.
#[test]
fn ignoring_what_a_case_is_about_is_seen() {
    for (name, mistake) in [
        ("clip", Mistake::ClipIgnored),
        ("clip", Mistake::ClipOnCell),
        ("clip", Mistake::PeepholeOrder),
        ("input_forget", Mistake::CouplingIgnored),
        ("peepholes", Mistake::OutputPeepholeReadsOldCell),
        ("reverse", Mistake::PaddingNotFrozen),
        ("reverse", Mistake::ReverseNotReversed),
        ("bidirectional", Mistake::DirectionsSwapped),
        ("batch_first", Mistake::InitialCIgnored),
        ("language_model", Mistake::BiasDropped(1)),
    ] {
        let power = power_of(&model(name)).unwrap();
        let is_seen = power.rejected.iter().any(|(seen, _)| *seen == mistake);
        assert!(is_seen, "{name}: {mistake:?}");
    }
}

#[test]
fn a_wrong_number_in_the_recording_or_the_model_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("plain.onnx");
    let beside = folder.path().join("plain.safetensors");
    std::fs::copy(model("plain"), &own).unwrap();
    let error = check(&own).unwrap_err().to_string();
    assert!(error.contains("no recording"), "{error}");
    assert!(error.contains("plain.safetensors"), "{error}");
    let mut recording = std::fs::read(model("plain").with_extension("safetensors")).unwrap();
    std::fs::write(&beside, &recording).unwrap();
    assert!(check(&own).unwrap().is_ok());
    // The last number of the last tensor, most significant bits.
    *recording.last_mut().unwrap() ^= 0x80;
    std::fs::write(&beside, &recording).unwrap();
    let report = check(&own).unwrap();
    let wrong = report.rows.iter().filter(|row| !row.finding.is_ok());
    assert_eq!(wrong.count(), 1);
}

#[test]
fn the_recording_may_be_named_without_the_maker_and_lie_one_folder_up() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    std::fs::create_dir(&raw).unwrap();
    let recording = folder.path().join("plain.safetensors");
    std::fs::copy(model("plain").with_extension("safetensors"), recording).unwrap();
    let own = raw.join("plain.dynamo.onnx");
    std::fs::copy(model("plain"), &own).unwrap();
    assert!(check(&own).unwrap().is_ok());
}

#[test]
fn unknown_attributes_activations_and_operators_of_a_recorded_model_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let recording = model("activations").with_extension("safetensors");
    std::fs::copy(recording, folder.path().join("own.safetensors")).unwrap();
    let own = folder.path().join("own.onnx");
    for (from, to) in [
        ("SCALEDTANH", "SCALEDTENT"),
        ("direction", "dimension"),
        ("LSTM", "GRUE"),
    ] {
        std::fs::write(&own, replaced(bytes("activations"), from, to)).unwrap();
        let error = check(&own).unwrap_err().to_string();
        assert!(
            error.contains(to) && error.contains("not supported"),
            "{error}"
        );
    }
}

/// A wrong number shows in a graph whose LSTM is written out in a loop too, and a mistake in the layers is
/// named where they are nodes of their own.
#[test]
fn wrong_numbers_of_an_exporters_graph_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for graph in files("onnx_graphs", "onnx") {
        let name = graph.file_stem().unwrap().to_str().unwrap();
        let mut recording = std::fs::read(graph.with_extension("safetensors")).unwrap();
        *recording.last_mut().unwrap() ^= 0x40;
        for extension in ["onnx", "data"] {
            let from = graph.with_extension(extension);
            let to = folder.path().join(name).with_extension(extension);
            let _ = std::fs::copy(from, to);
        }
        let own = folder.path().join(name).with_extension("onnx");
        std::fs::write(own.with_extension("safetensors"), &recording).unwrap();
        let is_ok = check(&own).map(|report| report.is_ok());
        assert!(!matches!(is_ok, Ok(true)), "{name}");
    }
    let power =
        |name: &str| power_of(&directory().join(format!("onnx_graphs/{name}.onnx"))).unwrap();
    let seen = power("tf_backwards").rejected;
    assert!(
        Mistake::wrong_orders()
            .iter()
            .all(|order| seen.iter().any(|(m, _)| m == order))
    );
    assert_eq!(power("tf_mask").rejected, []);
}
