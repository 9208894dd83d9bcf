//! Checkpoints: what is saved is what is read, and nothing else is read.

use lstm_model::{
    Batched, Corpus, Cut, DataConfig, Descent, Init, LanguageModel, LanguageModelHeader,
    LanguageTask, Network, NetworkConfig, Optimizer, Plan, Recurrent, RunHeader, Schedule, Spec,
    TextRecord, Trainer, Workers, store,
};
use lstm_text::{Normalization, Vocabulary};
use std::fs;
use std::path::{Path, PathBuf};

/// Ten kinds of character.
pub const TEXT: &str = "abcdefghi abcdefghi abcdefghi abcdefghi ";

fn text() -> String {
    TEXT.repeat(6)
}

fn network_config() -> NetworkConfig {
    NetworkConfig {
        vocab_size: 10,
        embed_size: 5,
        hidden_size: 12,
        layers: 2,
        dropout: 0.1,
        head_dropout: 0.1,
        init: Init::default(),
    }
}

fn data(cut: Cut) -> DataConfig {
    DataConfig {
        cut,
        batch_size: 5,
        seq_len: 6,
        val_fraction: 0.1,
        seed: 11,
    }
}

/// A small run that differs from step to step in everything that can differ.
pub fn trainer<R: Recurrent<Scalar = f32>>(
    cut: Cut,
    threads: usize,
    learning_rate: f64,
) -> Trainer<LanguageTask<R>> {
    let tokens = Vocabulary::from_text(&text())
        .unwrap()
        .encode(&text())
        .unwrap();
    let corpus = Corpus::new(&tokens, data(cut)).unwrap();
    let network = Network::init(network_config(), 11).unwrap();
    let task = LanguageTask::new(corpus, &network, Workers::new(threads).unwrap());
    let descent = Descent {
        optimizer: Optimizer::ADAM,
        learning_rate,
        schedule: Schedule::PLATEAU,
        max_norm: Some(1.0),
    };
    Trainer::new(task, network, descent).unwrap()
}

pub fn header(cut: Cut, threads: usize) -> LanguageModelHeader {
    let (state, _) = trainer::<Batched<f32>>(cut, 1, 0.01).export();
    LanguageModelHeader {
        engine: "batched".into(),
        threads,
        network: network_config(),
        vocabulary: Vocabulary::from_text(&text()).unwrap().into(),
        normalization: Normalization::default(),
        text: TextRecord::new("a test", &text()),
        data: data(cut),
        plan: Plan {
            steps: Some(3),
            seconds: None,
            eval_every: 1,
        },
        state,
    }
}

fn saved() -> (tempfile::TempDir, Trainer<LanguageTask<Batched<f32>>>) {
    let dir = tempfile::tempdir().unwrap();
    let trainer = trainer(Cut::Streams, 1, 0.01);
    header(Cut::Streams, 1).save(dir.path(), &trainer).unwrap();
    (dir, trainer)
}

fn tensor_files(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
        .collect()
}

fn error(dir: &Path) -> String {
    let message = LanguageModel::<Batched<f32>>::load(dir)
        .unwrap_err()
        .to_string();
    message.replace(&dir.display().to_string(), "DIR")
}

#[test]
fn a_saved_model_is_read_back_to_the_bit_by_either_engine() {
    let (dir, trainer) = saved();
    let batched = LanguageModel::<Batched<f32>>::load(dir.path()).unwrap();
    assert_eq!(batched.network, trainer.params);
    assert_eq!(batched.header, header(Cut::Streams, 1));
    let spec = LanguageModel::<Spec<f32>>::load(dir.path()).unwrap();
    assert_eq!(spec.network.to_engine::<Batched<f32>>(), trainer.params);
}

#[test]
fn a_second_save_replaces_the_first_and_leaves_nothing_behind() {
    let (dir, trainer) = saved();
    for _ in 0..3 {
        header(Cut::Streams, 1).save(dir.path(), &trainer).unwrap();
        assert_eq!(tensor_files(dir.path()).len(), 1);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(LanguageModel::<Batched<f32>>::load(dir.path()).is_ok());
    }
}

#[test]
fn a_save_that_did_not_finish_leaves_the_checkpoint_before_it() {
    let (dir, _) = saved();
    // What a kill leaves: the new tensors, whole or in part, and a sidecar not yet renamed.
    fs::write(dir.path().join("weights-00000099.safetensors"), b"half").unwrap();
    fs::write(dir.path().join("checkpoint.json.partial"), b"{\"format\":").unwrap();
    assert!(LanguageModel::<Batched<f32>>::load(dir.path()).is_ok());
}

#[test]
fn every_truncation_of_either_file_is_noticed() {
    let (dir, _) = saved();
    let files = [
        tensor_files(dir.path())[0].clone(),
        dir.path().join(store::SIDECAR),
    ];
    for path in files {
        let whole = fs::read(&path).unwrap();
        for len in [0, 1, 7, 8, 9, 100, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..len]).unwrap();
            let message = error(dir.path());
            assert!(
                message.contains("truncated") || message.contains("damaged"),
                "{message}"
            );
            assert!(
                message.contains(path.file_name().unwrap().to_str().unwrap()),
                "{message}"
            );
        }
        fs::write(&path, &whole).unwrap();
    }
    assert!(LanguageModel::<Batched<f32>>::load(dir.path()).is_ok());
}

#[test]
fn one_changed_bit_in_the_tensors_is_noticed() {
    let (dir, _) = saved();
    let path = &tensor_files(dir.path())[0];
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
    assert!(error(dir.path()).contains("it was changed after it was saved"));
}

fn rewrite(dir: &Path, change: impl FnOnce(String) -> String) {
    let path = dir.join(store::SIDECAR);
    let json = change(fs::read_to_string(&path).unwrap());
    fs::write(path, json).unwrap();
}

#[test]
fn foreign_checkpoints_are_refused_by_name() {
    let expectations: [(&str, &str, &str); 5] = [
        (
            "\"lstm-checkpoint\"",
            "\"llama\"",
            "its format is llama version 1, expected lstm-checkpoint version 1",
        ),
        (
            "\"version\": 1",
            "\"version\": 2",
            "its format is lstm-checkpoint version 2",
        ),
        (
            "\"language-model\"",
            "\"translation\"",
            "it is a translation checkpoint, expected a language-model one",
        ),
        (
            "\"hidden_size\": 12",
            "\"hidden_size\": 13",
            "tensor weights.layers.0.i.w_x: its shape is [12, 5], expected [13, 5]",
        ),
        (
            "\"vocab_size\": 10",
            "\"vocab_size\": 9",
            "its vocabulary has 10 tokens, its network 9",
        ),
    ];
    for (from, to, expected) in expectations {
        let (dir, _) = saved();
        rewrite(dir.path(), |json| {
            assert!(json.contains(from), "{from}");
            json.replacen(from, to, 1)
        });
        let message = error(dir.path());
        assert!(message.contains(expected), "{message}");
        assert!(
            message.starts_with("the checkpoint DIR/checkpoint.json cannot be used: "),
            "{message}"
        );
    }
}

#[test]
fn a_sidecar_that_names_a_file_elsewhere_is_refused() {
    let (dir, _) = saved();
    rewrite(dir.path(), |json| {
        json.replace("\"weights-", "\"../weights-")
    });
    assert!(error(dir.path()).contains("as its tensors"));
}

#[test]
fn a_directory_without_a_checkpoint_is_named() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        error(dir.path()),
        "DIR holds no checkpoint (no checkpoint.json); name the directory that training wrote to"
    );
}

#[test]
fn another_text_is_not_taken_for_the_run_s_own() {
    let record = TextRecord::new("here", "abc");
    assert!(
        record
            .expect_same(&TextRecord::new("elsewhere", "abc"))
            .is_ok()
    );
    let message = record
        .expect_same(&TextRecord::new("here", "abd"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("the text is not the one this run was trained on: 3 characters"),
        "{message}"
    );
}
