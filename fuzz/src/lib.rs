//! The readers of files, one function each, for fuzzing and for replaying the corpora.
//!
//! A function reads bytes as its reader would read a file, and drops what it gets, be it data or an error.
//! The fuzzer looks for bytes at which a reader panics, hangs or takes too much memory.

use lstm_exchange::pytorch::{PytorchOptions, from_pytorch_with};
use lstm_exchange::{CharModel, ExchangeError, GivenVocabulary, TensorFile, keras, onnx};
use lstm_model::Spec;
use lstm_tasks::classify::ClassifyModel;
use lstm_tasks::data::series::{Columns, read_series};
use lstm_tasks::data::{
    LabelledColumns, Labels, RecordFields, SequenceColumns, read_conllup, read_labelled,
    read_pairs, read_records, read_srl_json,
};
use lstm_tasks::forecast::ForecastModel;
use lstm_tasks::{LanguageModel, RoleLabeler, TextSettings, Transducer, read_sentences};
use lstm_text::{ByteSize, InputLimit, Normalization, Vocabulary, read_text};
use lstm_train::{METRICS, MODEL, RUN, StoredRun, read_metrics};
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use tempfile::{tempdir, tempdir_in};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Reads bytes as a file.
pub type Reader = fn(&[u8]);

/// All readers by the names of their corpora.
pub const READERS: [(&str, Reader); 15] = [
    ("safetensors", safetensors),
    ("pytorch", pytorch),
    ("pickle", pickle),
    ("onnx", onnx),
    ("keras", keras),
    ("keras_config", keras_config),
    ("text", text),
    ("pairs", pairs),
    ("records", records),
    ("sentences", sentences),
    ("series", series),
    ("labelled", labelled),
    ("model", model),
    ("run", run),
    ("checkpoint", checkpoint),
];

/// The storages of the tensors of a pickle, and the number of their elements.
pub const STORAGES: [(&str, usize); 7] = [
    ("encoder.weight", 15),
    ("rnn.weight_ih_l0", 48),
    ("rnn.weight_hh_l0", 64),
    ("rnn.bias_ih_l0", 16),
    ("rnn.bias_hh_l0", 16),
    ("decoder.weight", 20),
    ("decoder.bias", 5),
];

/// A safetensors file.
pub fn safetensors(bytes: &[u8]) {
    drop(TensorFile::parse(bytes));
    pytorch(bytes);
}

/// Any file of PyTorch.
pub fn pytorch(bytes: &[u8]) {
    let options = PytorchOptions {
        vocabulary: Some(characters("abcde").into()),
        ..PytorchOptions::default()
    };
    imported(from_pytorch_with(bytes, &options));
}

/// The object of a file of `torch.save`. The zip archive around it is always right.
pub fn pickle(bytes: &[u8]) {
    let storages = STORAGES.map(|(name, len)| (format!("a/data/{name}"), vec![0; 4 * len]));
    let storages = storages.iter().map(|(name, bytes)| (&name[..], &bytes[..]));
    let object = [("a/data.pkl", bytes), ("a/byteorder", b"little")];
    pytorch(&zipped(object.into_iter().chain(storages)));
}

/// An ONNX model.
pub fn onnx(bytes: &[u8]) {
    imported(onnx::from_onnx(bytes, Some(characters("abcde"))));
}

/// Any file of Keras.
pub fn keras(bytes: &[u8]) {
    imported(keras::from_keras(bytes, Some(characters("abcdefg"))));
}

/// The configuration in a `.keras` file. The archive around it and the weights are always right.
pub fn keras_config(bytes: &[u8]) {
    let weights = include_bytes!("../parts/weights.h5");
    let entries = [("config.json", bytes), ("model.weights.h5", weights)];
    keras(&zipped(entries));
}

/// A text, or the JSON of a vocabulary.
pub fn text(bytes: &[u8]) {
    if let Ok(text) = in_file("text.txt", bytes, |path| read_text(path, limit())) {
        drop(Vocabulary::from_text(
            &Normalization::default().apply(&text),
        ));
        drop(GivenVocabulary::from_json(&text));
    }
}

/// Tab-separated pairs, which may be compressed.
pub fn pairs(bytes: &[u8]) {
    drop(in_file("pairs.tsv", bytes, |path| {
        read_pairs(path, limit())
    }));
}

/// Pairs as JSON lines.
pub fn records(bytes: &[u8]) {
    let fields = RecordFields {
        source: "a".to_owned(),
        target: "b".to_owned(),
    };
    drop(in_file("pairs.jsonl", bytes, |path| {
        read_records(path, &fields, limit())
    }));
}

/// Sentences with roles, in CoNLL-U Plus or as JSON lines.
pub fn sentences(bytes: &[u8]) {
    in_file("sentences", bytes, |path| {
        drop(read_sentences(path, limit()));
        drop(read_conllup(path, limit()));
        drop(read_srl_json(path, limit()));
    });
}

/// A table of series in CSV, with and without times and ids.
pub fn series(bytes: &[u8]) {
    in_file("series.csv", bytes, |path| {
        for columns in [
            columns(None, None, &[]),
            columns(Some("t"), Some("id"), &["k"]),
        ] {
            drop(read_series(path, &columns, None, limit()));
        }
    });
}

/// Texts or series with a label, in CSV or as JSON lines.
pub fn labelled(bytes: &[u8]) {
    in_file("labelled", bytes, |path| {
        let series = |time| SequenceColumns::Series(columns(time, Some("id"), &[]));
        let text = SequenceColumns::Text("text".to_owned());
        for sequence in [text, series(None), series(Some("t"))] {
            let columns = LabelledColumns {
                sequence,
                label: "label".to_owned(),
            };
            drop(read_labelled(path, &columns, Labels::Needed, limit()));
            drop(read_labelled(path, &columns, Labels::Ignored, limit()));
        }
    });
}

/// The columns of a table with the values `v`.
fn columns(time: Option<&str>, id: Option<&str>, known: &[&str]) -> Columns {
    Columns {
        time: time.map(str::to_owned),
        id: id.map(str::to_owned),
        values: vec!["v".to_owned()],
        known: known.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// A model file of each application.
pub fn model(bytes: &[u8]) {
    in_file(MODEL, bytes, load);
}

/// A run file and its metrics; the model beside them is always right.
pub fn run(bytes: &[u8]) {
    in_file(RUN, bytes, |path| {
        let dir = path.parent().expect("a file is in a directory");
        write(
            &dir.join(MODEL),
            include_bytes!("../parts/model.safetensors"),
        );
        write(&dir.join(METRICS), bytes);
        drop(StoredRun::<TextSettings>::read(dir));
        drop(read_metrics(dir));
    });
}

/// The description of a checkpoint of version 1; the tensors beside it are always right.
pub fn checkpoint(bytes: &[u8]) {
    in_file("checkpoint.json", bytes, |path| {
        let dir = path.parent().expect("a file is in a directory");
        let tensors = include_bytes!("../parts/weights.safetensors");
        write(&dir.join("weights.safetensors"), tensors);
        drop(StoredRun::<TextSettings>::read(dir));
        load(dir);
    });
}

fn load(path: &Path) {
    drop(LanguageModel::<Spec<f32>>::load(path));
    drop(Transducer::<Spec<f32>>::load(path));
    drop(RoleLabeler::<Spec<f32>>::load(path));
    drop(ForecastModel::<Spec<f32>>::load(path));
    drop(ClassifyModel::<Spec<f32>>::load(path));
}

/// The file that an imported model is written to can be read, and holds the same.
fn imported(model: Result<CharModel, ExchangeError>) {
    let Ok(model) = model else { return };
    in_file(MODEL, b"", |path| {
        fs::remove_file(path).expect("it is there");
        if model.save(path, "a file").is_ok() {
            let again = CharModel::load(path).expect("what was written can be read");
            assert_eq!(again.network, model.network, "written and read again");
        }
    });
}

/// What a packed file may unpack to.
fn limit() -> InputLimit {
    InputLimit::of(ByteSize(1 << 20))
}

/// The characters of the ids of the models in the corpora.
fn characters(all: &str) -> Vocabulary {
    Vocabulary::from_text(all).expect("it is not empty")
}

/// What `read` makes of a file with these bytes in a directory of its own; in memory, if the system has a
/// place for it.
fn in_file<T>(name: &str, bytes: &[u8], read: impl FnOnce(&Path) -> T) -> T {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() {
        tempdir_in(memory)
    } else {
        tempdir()
    };
    let dir = dir.expect("there is room");
    let path = dir.path().join(name);
    write(&path, bytes);
    read(&path)
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("there is room");
}

/// A zip archive, nothing compressed.
pub fn zipped<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(name, options).expect("memory has room");
        zip.write_all(bytes).expect("memory has room");
    }
    zip.finish().expect("memory has room").into_inner()
}
