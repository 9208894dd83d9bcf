//! ONNX: models written and imported again, and the models that are refused.

use lstm_exchange::onnx::{from_onnx, to_onnx};
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
        ("activations", "activation_alpha"),
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
