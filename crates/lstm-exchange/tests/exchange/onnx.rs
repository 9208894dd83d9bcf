//! ONNX: models written and imported again, and the models that are refused.

use lstm_exchange::onnx::{from_onnx, from_onnx_file, to_onnx};
use lstm_exchange::{CharModel, TensorFile};
use lstm_fixture::*;
use lstm_model::{BatchState, Batched, Network, NetworkConfig, Span};
use lstm_tasks::LanguageModel;
use lstm_text::{Normalization, Vocabulary};
use std::path::{Path, PathBuf};

mod lstm_fixture {
    use super::*;

    pub fn directory() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
    }

    pub fn bytes(name: &str) -> Vec<u8> {
        std::fs::read(directory().join(format!("onnx/{name}.onnx"))).unwrap()
    }

    pub fn graph(name: &str) -> PathBuf {
        directory().join(format!("onnx_graphs/{name}.onnx"))
    }

    pub fn seven() -> Option<Vocabulary> {
        Some(Vocabulary::from_text("abcdefg").unwrap())
    }

    /// The logits of an imported model for recorded ids, as far as they differ from the recorded ones.
    pub fn off(model: &CharModel, recording: &TensorFile, is_batch_first: bool) -> f64 {
        let (ids, logits) = (&recording.tensors["ids"], &recording.tensors["logits"]);
        let vocab_size = model.vocabulary.len();
        let (mut seq_len, mut batch_size) = (ids.shape[0], ids.shape[1]);
        if is_batch_first {
            std::mem::swap(&mut seq_len, &mut batch_size);
        }
        let place = |t: usize, b: usize| {
            if is_batch_first {
                b * seq_len + t
            } else {
                t * batch_size + b
            }
        };
        let initial: Vec<BatchState<f32>> = model.network.zero_states(batch_size);
        let mut worst = 0.0_f64;
        for t in 0..seq_len {
            let read = (0..=t).flat_map(|t| (0..batch_size).map(move |b| (t, b)));
            let read: Vec<u32> = read.map(|(t, b)| ids.data[place(t, b)] as u32).collect();
            let span = Span::full(t + 1, batch_size);
            let (found, _) = model.network.next_logits(&read, &initial, span);
            for b in 0..batch_size {
                for v in 0..vocab_size {
                    let expected = logits.data[place(t, b) * vocab_size + v];
                    // A column for each sequence.
                    worst = worst.max((f64::from(found[(v, b)]) - expected).abs());
                }
            }
        }
        worst
    }

    pub fn five() -> Option<Vocabulary> {
        Some(Vocabulary::from_text("abcde").unwrap())
    }

    pub fn char_model(embed_size: usize, layers: usize) -> CharModel {
        let vocabulary = Vocabulary::from_text("the cat sat\non a 垫子\"\\").unwrap();
        let config = NetworkConfig {
            vocab_size: vocabulary.len(),
            embed_size,
            hidden_size: 5,
            layers,
            dropout: 0.0,
            head_dropout: 0.0,
            init: lstm_model::Init::PytorchUniform,
        };
        CharModel {
            network: Network::init(config, 3).unwrap(),
            vocabulary,
            normalization: Normalization { nfc: true },
        }
    }

    /// The bytes with every `from` replaced by `to`, a text of the same length; `from` must occur.
    pub fn replaced(mut bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
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

    pub fn refusal(bytes: &[u8]) -> String {
        from_onnx(bytes, five()).unwrap_err().to_string()
    }
}

#[test]
fn a_model_that_was_written_is_taken_over_as_it_was() {
    for (embed_size, layers) in [(0, 1), (0, 2), (3, 1), (4, 3)] {
        let model = char_model(embed_size, layers);
        let back = from_onnx(&to_onnx(&model).unwrap(), None).unwrap();
        assert_eq!(back.network.config(), model.network.config());
        assert_eq!(back.network, model.network);
        assert_eq!(back.vocabulary, model.vocabulary);
        assert_eq!(back.normalization, model.normalization);
    }
}

#[test]
fn an_imported_model_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let model = from_onnx(&bytes("language_model"), five()).unwrap();
    let path = folder.path().join("model.safetensors");
    model.save(&path, "language_model.onnx").unwrap();
    let LanguageModel {
        network,
        description,
    } = LanguageModel::<Batched<f32>>::load(folder.path()).unwrap();
    assert_eq!(network, model.network);
    assert_eq!(
        description.imported_from.as_deref(),
        Some("language_model.onnx")
    );
    let own = CharModel::load(folder.path()).unwrap();
    assert_eq!(own.vocabulary, model.vocabulary);
    // The logits that ONNX Runtime computed.
    let path = directory().join("onnx/language_model.safetensors");
    let recording = TensorFile::open(&path).unwrap();
    let (ids, logits) = (&recording.tensors["ids"], &recording.tensors["logits"]);
    let (seq_len, batch_size) = (ids.shape[0], ids.shape[1]);
    let ids: Vec<u32> = ids.data.iter().map(|&id| id as u32).collect();
    let initial: Vec<BatchState<f32>> = network.zero_states(batch_size);
    let span = Span::full(seq_len, batch_size);
    let (found, _) = network.next_logits(&ids, &initial, span);
    let last = &logits.data[logits.data.len() - batch_size * 5..];
    for (found, expected) in found.iter().zip(last) {
        assert!((f64::from(*found) - expected).abs() < 1e-5);
    }
}

#[test]
fn what_cannot_be_taken_over_is_named() {
    for (name, what) in [
        ("bidirectional", "direction = bidirectional"),
        ("clip", "clip"),
        ("activations", "direction = bidirectional"),
        ("peepholes", "peepholes"),
        ("plain", "whose W is computed"),
    ] {
        let error = refusal(&bytes(name));
        assert!(
            error.contains("LSTM") && error.contains(what),
            "{name}: {error}"
        );
    }
    let model = bytes("language_model");
    let error = from_onnx(&model, None).unwrap_err().to_string();
    assert!(error.contains("which characters"), "{error}");
    let four = Vocabulary::from_text("abcd").unwrap();
    let error = from_onnx(&model, Some(four)).unwrap_err().to_string();
    assert_eq!(error, "4 characters for 5 ids");
    let error = refusal(&replaced(model.clone(), "Gather", "Gobble"));
    assert!(error.contains("Gobble"), "{error}");
    let error = refusal(&replaced(model.clone(), "Transpose", "Transport"));
    assert!(error.contains("linear layer"), "{error}");
    // The graph subtracts the head's bias instead of adding it.
    let error = refusal(&replaced(model, "Add", "Sub"));
    assert!(error.contains("linear layer"), "{error}");
    let error = refusal(b"safetensors");
    assert!(error.contains("not an ONNX model"), "{error}");
}

#[test]
fn what_exporters_put_round_the_layers_is_seen_through() {
    for (name, is_batch_first) in [
        ("tf_language_model", true),
        ("lengths_of_shapes", false),
        ("external_data", false),
    ] {
        let model = from_onnx_file(&graph(name), seven());
        let model = model.unwrap_or_else(|error| panic!("{name}: {error}"));
        let recording = TensorFile::open(&graph(name).with_extension("safetensors")).unwrap();
        let off = off(&model, &recording, is_batch_first);
        assert!(off < 1e-6, "{name} is off by {off:e}");
    }
}

#[test]
fn a_graph_that_computes_something_else_is_refused_by_what_differs() {
    for (name, what) in [
        ("tf_mask", "written out step by step (Loop"),
        ("tf_hard_sigmoid", "written out step by step (Loop"),
        ("tf_bidirectional_relu", "direction = bidirectional"),
        (
            "tf_backwards",
            "ReverseSequence (→ reversed) below the LSTM",
        ),
        ("torch_branch", "without an output that is a linear layer"),
        ("lengths_of_ids", "lengths of its own"),
        ("other_ids", "it reads the id 5 as 2"),
    ] {
        let error = from_onnx_file(&graph(name), seven())
            .unwrap_err()
            .to_string();
        assert!(error.contains(what), "{name}: {error}");
    }
}

/// The weights of `external_data` lie in the file beside it.
#[test]
fn tensors_in_other_files_are_read_from_the_models_folder_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    let data = graph("external_data").with_extension("data");
    let weights = std::fs::read(&data).unwrap();
    let model = std::fs::read(graph("external_data")).unwrap();
    let own = inside.join("own.onnx");
    let import = |bytes: &[u8]| {
        std::fs::write(&own, bytes).unwrap();
        from_onnx_file(&own, seven())
            .map(drop)
            .map_err(|error| error.to_string())
    };
    let error = import(&model).unwrap_err();
    assert!(error.contains("names \"external_data.data\""), "{error}");
    std::fs::write(inside.join("external_data.data"), &weights).unwrap();
    assert_eq!(import(&model), Ok(()));
    // Names of the same length that lead out of the folder.
    std::fs::write(folder.path().join("nal_data.weight"), &weights).unwrap();
    for hostile in [
        "../nal_data.weight",
        "/etc/../etc/passwd",
        "..\\nal_data.weight",
    ] {
        assert_eq!(hostile.len(), "external_data.data".len());
        let error = import(&replaced(model.clone(), "external_data.data", hostile)).unwrap_err();
        assert!(
            error.contains("no file in the model's folder"),
            "{hostile}: {error}"
        );
    }
    let short = &weights[..weights.len() - 4];
    std::fs::write(inside.join("external_data.data"), short).unwrap();
    let error = import(&model).unwrap_err();
    assert!(error.contains("which are not there"), "{error}");
    let error = from_onnx(&model, seven()).unwrap_err().to_string();
    assert!(
        error.contains("cannot be read from the model's bytes alone"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_models_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    let outside = folder.path().join("outside.data");
    std::fs::copy(graph("external_data").with_extension("data"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("external_data.data")).unwrap();
    let own = inside.join("own.onnx");
    std::fs::copy(graph("external_data"), &own).unwrap();
    let error = from_onnx_file(&own, seven()).unwrap_err().to_string();
    assert!(error.contains("no file in the model's folder"), "{error}");
}
