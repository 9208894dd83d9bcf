//! Models saved by PyTorch and Keras: once imported, they compute the logits that the framework recorded.

#[cfg(feature = "keras")]
use lstm_exchange::keras::from_keras;
use lstm_exchange::pytorch::from_pytorch;
use lstm_exchange::{CharModel, ExchangeError};
use lstm_model::{Alone, Batched, Network, Span, StackPass};
use lstm_text::Vocabulary;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Record {
    package: String,
    script_crc32: u32,
    /// (T, B)
    ids: Vec<Vec<u32>>,
    logits: Logits,
}

/// (T, B, V)
type Logits = Vec<Vec<Vec<f64>>>;

/// What PyTorch computes with models as people have them, by file.
#[derive(Deserialize)]
struct Kinds {
    package: String,
    script_crc32: u32,
    ids: Vec<Vec<u32>>,
    logits: BTreeMap<String, Logits>,
}

fn kinds() -> Kinds {
    let path = tests().join("vectors/exchange/pytorch_kinds/logits.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

fn record(name: &str) -> Record {
    let path = tests().join(format!("vectors/exchange/{name}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn agrees(
    name: &str,
    file: &str,
    read: fn(&[u8], Option<Vocabulary>) -> Result<CharModel, ExchangeError>,
) {
    let record = record(name);
    let bytes = fs::read(tests().join("vectors/exchange").join(file)).unwrap();
    let characters: Vec<char> = ('a'..).take(record.logits[0][0].len()).collect();
    let vocabulary = Vocabulary::from_chars(characters).unwrap();
    let CharModel { network, .. } = read(&bytes, Some(vocabulary)).unwrap();

    expect_logits(name, &network, &record.ids, &record.logits);
}

fn expect_logits(name: &str, network: &Network<Batched<f32>>, ids: &[Vec<u32>], logits: &Logits) {
    let (seq_len, batch_size) = (ids.len(), ids[0].len());
    let ids = ids.concat();
    let input = network.embedding.input(&ids);
    let span = Span::full(seq_len, batch_size);
    let initial = network.zero_states(batch_size);
    let tape = network.stack.forward(StackPass {
        input,
        initial: &initial,
        span,
        dropout: None,
        team: &Alone,
    });
    let found = network.head.logits(tape.output());
    assert_eq!(
        found.shape(),
        (logits[0][0].len(), logits.len() * logits[0].len()),
        "{name}"
    );
    for (column, expected) in found.column_iter().zip(logits.concat()) {
        for (&found, expected) in column.iter().zip(expected) {
            let found = f64::from(found);
            assert!(
                (found - expected).abs() < 1e-5,
                "{name}: {found}, expected {expected}"
            );
        }
    }
}

#[test]
fn what_pytorch_saved_computes_what_pytorch_computed() {
    agrees("pytorch", "pytorch.safetensors", from_pytorch);
}

#[test]
fn models_as_people_have_them_compute_what_pytorch_computed() {
    let kinds = kinds();
    let vocabulary = Vocabulary::from_chars("abcde".chars().collect()).unwrap();
    let folder = tests().join("vectors/exchange/pytorch_kinds");
    let files = fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, kinds.logits.len() + 1, "files without logits");
    for (file, logits) in &kinds.logits {
        let bytes = fs::read(folder.join(file)).unwrap();
        let model = from_pytorch(&bytes, Some(vocabulary.clone()));
        let model = model.unwrap_or_else(|e| panic!("{file}: {e}"));
        expect_logits(file, &model.network, &kinds.ids, logits);
    }
}

#[cfg(feature = "keras")]
#[test]
fn what_keras_saved_computes_what_keras_computed() {
    for file in ["keras.weights.h5", "keras.keras", "keras.h5"] {
        agrees("keras", file, from_keras);
    }
}

#[test]
fn the_models_were_saved_by_the_scripts_as_they_stand() {
    let readme = fs::read_to_string(tests().join("vectors/README.md")).unwrap();
    let kinds = kinds();
    let of_kinds = (
        "pytorch_kinds",
        "with_torch.py",
        kinds.package,
        kinds.script_crc32,
    );
    let others = [("pytorch", "with_torch.py"), ("keras", "with_keras.py")];
    let others = others.map(|(name, script)| {
        let record = record(name);
        (name, script, record.package, record.script_crc32)
    });
    for (name, script, package, script_crc32) in others.into_iter().chain([of_kinds]) {
        let script = fs::read(tests().join("interop").join(script)).unwrap();
        assert_eq!(
            script_crc32,
            crc32fast::hash(&script),
            "{name} is stale: run tests/interop/{}.sh --record",
            if name == "keras" { "keras" } else { "torch" }
        );
        assert!(
            readme.contains(&package),
            "README.md does not say {package}"
        );
    }
}
