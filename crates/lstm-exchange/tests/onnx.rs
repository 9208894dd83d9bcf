//! ONNX: recordings computed again, models written and taken over, and what is refused.

use lstm_exchange::onnx::{from_onnx, to_onnx};
use lstm_exchange::variant::Mistake;
use lstm_exchange::{CharModel, Recording, check, power_of};
use lstm_fixture::*;
use lstm_model::{BatchState, Batched, LanguageModel, Network, NetworkConfig, Span};
use lstm_text::{Normalization, Vocabulary};
use std::path::{Path, PathBuf};

mod lstm_fixture {
    use super::*;

    pub fn directory() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
    }

    pub fn model(name: &str) -> PathBuf {
        directory().join(format!("onnx/{name}.onnx"))
    }

    pub fn bytes(name: &str) -> Vec<u8> {
        std::fs::read(model(name)).unwrap()
    }

    pub fn files(extension: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory().join("onnx")).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .collect();
        files.sort();
        files
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

    /// The bytes with a text in place of another of the same length, which must be there.
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
fn every_recording_and_every_model_computed_again_is_itself() {
    let all = [files("safetensors"), files("onnx")].concat();
    assert_eq!(all.len(), 22);
    for path in all {
        let report = check(&path).unwrap();
        assert!(report.is_ok(), "{}: {:#?}", path.display(), report.rows);
        assert!(!report.rows.is_empty());
    }
}

#[test]
fn the_recordings_were_made_by_the_script_as_it_stands() {
    let script = std::fs::read(directory().join("make_onnx_vectors.py")).unwrap();
    let readme = std::fs::read_to_string(directory().join("README.md")).unwrap();
    for path in files("safetensors") {
        let recording = Recording::open(&path).unwrap();
        let crc = recording.metadata["script_crc32"].parse();
        assert_eq!(
            crc,
            Ok(crc32fast::hash(&script)),
            "{} is stale: run make_onnx_vectors.py again",
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
fn a_model_that_was_taken_over_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let model = from_onnx(&bytes("language_model"), five()).unwrap();
    model.save(folder.path(), "language_model.onnx").unwrap();
    let LanguageModel { network, header } =
        LanguageModel::<Batched<f32>>::load(folder.path()).unwrap();
    assert_eq!(network, model.network);
    assert_eq!(header.text.source, "language_model.onnx");
    let own = CharModel::load(folder.path()).unwrap();
    assert_eq!(own.vocabulary, model.vocabulary);
    // What ONNX Runtime computed with it.
    let path = directory().join("onnx/language_model.safetensors");
    let recording = Recording::open(&path).unwrap();
    let (ids, logits) = (&recording.tensors["ids"], &recording.tensors["logits"]);
    let (seq_len, batch_size) = (ids.shape[0], ids.shape[1]);
    let ids: Vec<u32> = ids.data.iter().map(|&id| id as u32).collect();
    let initial: Vec<BatchState<f32>> = network.zero_states(batch_size);
    let span = Span::full(seq_len, batch_size);
    let (found, _) = network.next_logits(&ids, &initial, &span);
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
    // The head's bias is subtracted from, not added.
    let error = refusal(&replaced(model, "Add", "Sub"));
    assert!(error.contains("linear layer"), "{error}");
    let error = refusal(b"safetensors");
    assert!(error.contains("not an ONNX model"), "{error}");
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
