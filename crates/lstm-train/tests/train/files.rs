//! The files of a run: they are read as they were saved, even if a save was stopped, and no other files are
//! accepted.

use crate::toy::{Toy, ToySettings, begin, bits, resume, settings};
use lstm_model::Spec;
use lstm_train::{BEST, MODEL, RUN, StoredModel, StoredRun, TrainError};
use serde_json::json;
use std::fs;
use std::path::Path;
use tempfile::{TempDir, tempdir};

const NEXT: &str = "model.safetensors.next";

fn saved(steps: u64) -> TempDir {
    let dir = tempdir().unwrap();
    begin(dir.path(), settings(steps, 1))
        .train(&mut ())
        .unwrap();
    dir
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

fn error(path: &Path) -> String {
    let message = match StoredModel::<Toy>::read(path) {
        Err(error) => error.to_string(),
        Ok(model) => model.network::<Spec<f32>>().unwrap_err().to_string(),
    };
    message.replace(&path.display().to_string(), "DIR")
}

/// All states of the directory during a save from step 4 to step 6. In each, the run that is read is the one
/// of step 4 or of step 6, and continuing it gives the bits of an uninterrupted run.
#[test]
fn wherever_a_save_stops_a_run_and_its_model_belong_together() {
    let (old, new) = (saved(4), saved(6));
    let file = |dir: &TempDir, name: &str| fs::read(dir.path().join(name)).unwrap();
    let whole = saved(9);
    let expected = bits(&resume(whole.path(), 9));
    type Write<'a> = (&'a str, Vec<u8>);
    let writes: [Write<'_>; 2] = [(NEXT, file(&new, MODEL)), (RUN, file(&new, RUN))];
    for done in 0..=writes.len() {
        let dir = tempdir().unwrap();
        copy(old.path(), dir.path());
        // The partial file of a process that was killed while writing.
        fs::write(dir.path().join("run.safetensors.1-0.partial"), b"half").unwrap();
        for (name, bytes) in &writes[..done] {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        let stored = StoredRun::<ToySettings>::read(dir.path()).unwrap();
        let step = if done == writes.len() { 6 } else { 4 };
        assert_eq!(stored.header.state.progress.step, step);
        assert_eq!(stored.model.crc32, stored.header.model_crc32);
        let mut run = resume(dir.path(), 9);
        run.train(&mut ()).unwrap();
        assert_eq!(bits(&run), expected, "stopped after {done} writes");
        assert!(!dir.path().join(NEXT).exists());
    }
}

#[test]
fn a_run_beside_a_model_that_is_not_its_own_is_refused() {
    let (one, other) = (saved(2), saved(4));
    fs::copy(other.path().join(MODEL), one.path().join(MODEL)).unwrap();
    let message = StoredRun::<ToySettings>::read(one.path())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("does not belong to run.safetensors"),
        "{message}"
    );
    // The model by itself can be used.
    StoredModel::<Toy>::read(one.path()).unwrap();
}

#[test]
fn a_model_file_can_be_copied_anywhere_and_read_without_its_run() {
    let (run, elsewhere) = (saved(4), tempdir().unwrap());
    let path = elsewhere.path().join("copy.bin");
    fs::copy(run.path().join(MODEL), &path).unwrap();
    let model = StoredModel::<Toy>::read(&path).unwrap();
    assert_eq!(model.description, Toy { classes: 3 });
    let (_, network) = model.network::<Spec<f32>>().unwrap();
    let trained = resume(run.path(), 4);
    assert_eq!(network, trained.trainer().network);
    let error = StoredRun::<ToySettings>::read(elsewhere.path()).unwrap_err();
    assert!(matches!(error, TrainError::NoRun { .. }), "{error}");
}

#[test]
fn every_truncation_and_a_changed_bit_are_noticed() {
    let dir = saved(2);
    // Then the directory means its last model.
    fs::remove_file(dir.path().join(BEST)).unwrap();
    let path = dir.path().join(MODEL);
    let whole = fs::read(&path).unwrap();
    for len in [0, 1, 7, 8, 9, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        let message = error(dir.path());
        assert!(
            message.contains("truncated") && message.contains(MODEL),
            "{message}"
        );
    }
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&path, changed).unwrap();
    let message = error(dir.path());
    assert!(
        message.contains("it was changed after it was saved"),
        "{message}"
    );
    fs::write(&path, whole).unwrap();
    StoredModel::<Toy>::read(dir.path()).unwrap();
}

#[test]
fn foreign_files_are_refused_by_name() {
    let dir = saved(2);
    for (from, to, expected) in [
        (
            "lstm-model",
            "llama-text",
            "its format is llama-text version 1, expected lstm-model version 1",
        ),
        (
            "\\\"version\\\":1",
            "\\\"version\\\":2",
            "its format is lstm-model version 2",
        ),
        (
            "\\\"toy\\\"",
            "\\\"cat\\\"",
            "it holds a model of kind cat, expected toy",
        ),
        (
            "\\\"classes\\\":3",
            "\\\"classes\\\":4",
            "tensor w: its shape is [3, 4], expected [4, 4]",
        ),
    ] {
        let other = tempdir().unwrap();
        let bytes = fs::read(dir.path().join(MODEL)).unwrap();
        let (from, to) = (from.as_bytes(), to.as_bytes());
        let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
        let changed = [&bytes[..at], to, &bytes[at + from.len()..]].concat();
        fs::write(other.path().join(MODEL), changed).unwrap();
        let message = error(other.path());
        assert!(message.contains(expected), "{message}");
    }
    let empty = tempdir().unwrap();
    let message = error(empty.path());
    assert!(
        message.starts_with("DIR holds no model (no model.safetensors)"),
        "{message}"
    );
}

/// Writes a checkpoint of version 1: `checkpoint.json` with the name of a file of all tensors.
fn write_version_1(dir: &Path) -> Vec<u32> {
    let run = saved(4);
    let stored = StoredRun::<ToySettings>::read(run.path()).unwrap();
    let mut tensors = stored.tensors;
    for (name, tensor) in stored.model.tensors {
        tensors.insert(format!("weights.{name}"), tensor);
    }
    let views: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes: Vec<u8> = tensor.data.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name.clone(), tensor.shape.clone(), bytes)
        })
        .collect();
    let views = views.iter().map(|(name, shape, bytes)| {
        let dtype = safetensors::Dtype::F32;
        let view = safetensors::tensor::TensorView::new(dtype, shape.clone(), bytes);
        (name.as_str(), view.unwrap())
    });
    let bytes = safetensors::serialize(views, None).unwrap();
    let state = serde_json::to_value(&stored.header.state).unwrap();
    let sidecar = json!({
        "format": "lstm-checkpoint",
        "version": 1,
        "kind": "toy",
        "tensors": {
            "file": "weights-00000004.safetensors",
            "bytes": bytes.len(),
            "crc32": crc32fast::hash(&bytes),
        },
        "header": {
            "engine": "spec",
            "threads": 1,
            "network": {"classes": 3},
            "data": {"batch_size": 4, "examples": 11},
            "text": stored.header.data,
            "plan": {"steps": 4, "seconds": null, "eval_every": 2},
            "state": state,
        },
    });
    fs::write(dir.join("weights-00000004.safetensors"), bytes).unwrap();
    fs::write(dir.join("checkpoint.json"), sidecar.to_string()).unwrap();
    bits(&resume(run.path(), 4))
}

#[test]
fn a_checkpoint_of_version_1_is_a_model_and_a_run() {
    let dir = tempdir().unwrap();
    let expected = write_version_1(dir.path());
    let (_, network) = StoredModel::<Toy>::read(dir.path())
        .unwrap()
        .network::<Spec<f32>>()
        .unwrap();
    let found: Vec<u32> = network
        .w
        .iter()
        .chain(&network.b)
        .map(|v| v.to_bits())
        .collect();
    assert_eq!(found, expected);
    // The run can be resumed, and the files of version 1 remain.
    let mut run = resume(dir.path(), 9);
    run.train(&mut ()).unwrap();
    let trained = bits(&run);
    drop(run);
    assert_eq!(trained, bits(&resume(saved(9).path(), 9)));
    assert!(dir.path().join("weights-00000004.safetensors").exists());
    assert_eq!(bits(&resume(dir.path(), 9)), trained);
}

#[test]
fn a_checkpoint_of_another_format_version_or_kind_is_refused() {
    for (from, to, expected) in [
        (
            r#""format":"lstm-checkpoint""#,
            r#""format":"llama""#,
            "its format is llama version 1, expected lstm-checkpoint version 1",
        ),
        (
            r#""version":1"#,
            r#""version":2"#,
            "its format is lstm-checkpoint version 2, expected lstm-checkpoint version 1",
        ),
        (
            r#""kind":"toy""#,
            r#""kind":"cat""#,
            "it holds a model of kind cat, expected toy",
        ),
    ] {
        let dir = tempdir().unwrap();
        write_version_1(dir.path());
        let path = dir.path().join("checkpoint.json");
        let json = fs::read_to_string(&path).unwrap();
        let changed = json.replace(from, to);
        assert_ne!(json, changed, "{from}");
        fs::write(&path, changed).unwrap();
        let message = error(dir.path());
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_checkpoint_of_version_1_reads_no_file_of_another_directory_or_kind() {
    for name in ["../w.safetensors", "a\\\\w.safetensors", "w.bin"] {
        let dir = tempdir().unwrap();
        write_version_1(dir.path());
        let path = dir.path().join("checkpoint.json");
        let json = fs::read_to_string(&path).unwrap();
        let json = json.replace("weights-00000004.safetensors", name);
        fs::write(&path, json).unwrap();
        let message = error(dir.path());
        let expected = "expected a .safetensors file in the same directory";
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_directory_means_the_best_model_and_without_one_the_last() {
    let dir = saved(6);
    let read = |path: &Path| StoredModel::<Toy>::read(path).unwrap().crc32;
    let (best, last) = (dir.path().join(BEST), dir.path().join(MODEL));
    // Another model than the last one.
    let earlier = saved(2);
    fs::copy(earlier.path().join(MODEL), &best).unwrap();
    assert_ne!(read(&best), read(&last));
    assert_eq!(read(dir.path()), read(&best));
    fs::remove_file(&best).unwrap();
    assert_eq!(read(dir.path()), read(&last));
}
