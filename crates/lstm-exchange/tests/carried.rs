//! Models saved by PyTorch and Keras: once imported, they compute the logits that the framework recorded.

use approx::assert_abs_diff_eq;
#[cfg(feature = "keras")]
use lstm_exchange::keras::from_keras;
use lstm_exchange::pytorch::from_pytorch;
use lstm_exchange::{CharModel, ExchangeError};
use lstm_model::{Alone, Span, StackPass};
use lstm_text::Vocabulary;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Record {
    package: String,
    script_crc32: u32,
    /// (T, B)
    ids: Vec<Vec<u32>>,
    /// (T, B, V)
    logits: Vec<Vec<Vec<f64>>>,
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

    let (seq_len, batch_size) = (record.ids.len(), record.ids[0].len());
    let ids = record.ids.concat();
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
    let logits = network.head.logits(tape.output());
    for (column, expected) in logits.column_iter().zip(record.logits.concat()) {
        for (&found, expected) in column.iter().zip(expected) {
            assert_abs_diff_eq!(f64::from(found), expected, epsilon = 1e-5);
        }
    }
}

#[test]
fn what_pytorch_saved_computes_what_pytorch_computed() {
    agrees("pytorch", "pytorch.safetensors", from_pytorch);
}

#[cfg(feature = "keras")]
#[test]
fn what_keras_saved_computes_what_keras_computed() {
    agrees("keras", "keras.weights.h5", from_keras);
}

#[test]
fn the_models_were_saved_by_the_scripts_as_they_stand() {
    let readme = fs::read_to_string(tests().join("vectors/README.md")).unwrap();
    for (name, script) in [("pytorch", "with_torch.py"), ("keras", "with_keras.py")] {
        let record = record(name);
        let script = fs::read(tests().join("interop").join(script)).unwrap();
        assert_eq!(
            record.script_crc32,
            crc32fast::hash(&script),
            "{name} is stale: run tests/interop/{}.sh --record",
            if name == "keras" { "keras" } else { "torch" }
        );
        assert!(
            readme.contains(&record.package),
            "README.md does not say {}",
            record.package
        );
    }
}
