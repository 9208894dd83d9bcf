//! Writes the files from which the fuzzer starts into the directory given, one folder for each reader, and
//! the unchanging parts of some readers into `fuzz/parts`.

#[allow(dead_code)]
#[path = "../../crates/lstm-exchange/tests/exchange/pytorch/build.rs"]
mod build;
#[allow(dead_code)]
#[path = "../../crates/lstm-exchange/tests/exchange/keras/made.rs"]
mod made;

use flate2::Compression;
use flate2::write::GzEncoder;
use lstm_exchange::{CharModel, keras, onnx, pytorch};
use lstm_model::{Init, Network, NetworkConfig, Spec};
use lstm_tasks::classify::{
    ClassSource, ClassifierDescription, ClassifySettings, NewClassifier, Pooling,
};
use lstm_tasks::data::series::Columns;
use lstm_tasks::data::{Argument, Frame, Sentence, to_srl_json};
use lstm_tasks::forecast::{HeldOut, NewForecaster, Objective, SeriesSource};
use lstm_tasks::{
    EncoderDecoderConfig, FEATURES, Features, LabelerConfig, LabelerDescription, LanguageModel,
    TasksError, TextSettings, TransducerDescription, Transduction, label_names,
};
use lstm_text::{BytePair, InputLimit, Normalization, Vocabulary};
use lstm_train::{
    Description, Fingerprint, Keep, MODEL, Plan, RUN, Run, RunDir, RunSettings, StoredRun,
    write_model,
};
use made::{dense, embedding, functional, lstm, sequential, weights_file};
use serde_json::json;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    let out: PathBuf = env::args_os().nth(1).ok_or("give a directory")?.into();
    let dir = |name: &str| -> Result<PathBuf, Box<dyn Error>> {
        let dir = out.join(name);
        fs::create_dir_all(&dir)?;
        Ok(dir)
    };
    of_pytorch(&dir("safetensors")?, &dir("pytorch")?, &dir("pickle")?)?;
    of_onnx(&dir("onnx")?)?;
    of_keras(&dir("keras")?, &dir("keras_config")?)?;
    texts(&dir("text")?)?;
    rows(&dir("pairs")?, &dir("records")?, &dir("sentences")?)?;
    tables(&dir("series")?)?;
    labelled(&dir("labelled")?)?;
    own(&dir("model")?, &dir("run")?, &dir("checkpoint")?)
}

/// A model of five characters.
fn model() -> Result<CharModel, Box<dyn Error>> {
    let config = NetworkConfig {
        vocab_size: 5,
        embed_size: 3,
        hidden_size: 4,
        layers: 1,
        dropout: 0.0,
        head_dropout: 0.0,
        init: Init::PytorchUniform,
    };
    Ok(CharModel {
        network: Network::init(config, 1)?,
        vocabulary: Vocabulary::from_text("abcde")?,
        normalization: Normalization::default(),
    })
}

fn of_pytorch(safetensors: &Path, any: &Path, pickle: &Path) -> Done {
    let tensors = build::model();
    fs::write(safetensors.join("ours"), pytorch::to_pytorch(&model()?)?)?;
    fs::write(safetensors.join("plain"), build::safetensors(&tensors, &[]))?;
    let object = build::pickle(&build::state_dict(&tensors));
    fs::write(pickle.join("state_dict"), &object)?;
    let inner = build::object(
        build::global("argparse", "Namespace"),
        &[("lr", build::int(1))],
    );
    let checkpoint = build::dict(&[("model", build::state_dict(&tensors)), ("args", inner)]);
    fs::write(pickle.join("checkpoint"), build::pickle(&checkpoint))?;
    let module = build::module(build::global("__main__", "Net"), &[], &[], &[]);
    fs::write(pickle.join("module"), build::pickle(&module))?;
    let zip = build::saved(&build::state_dict(&tensors), &tensors);
    fs::write(any.join("zip"), zip)?;
    fs::write(any.join("legacy"), build::legacy(&object, &tensors, true))?;
    Ok(())
}

fn of_onnx(dir: &Path) -> Done {
    fs::write(dir.join("ours"), onnx::to_onnx(&model()?)?)?;
    let mut two = model()?;
    let config = NetworkConfig {
        layers: 2,
        embed_size: 0,
        ..two.network.config().clone()
    };
    two.network = Network::init(config, 1)?;
    fs::write(dir.join("one-hot"), onnx::to_onnx(&two)?)?;
    Ok(())
}

fn of_keras(any: &Path, config: &Path) -> Done {
    let model = made::model(5, 5, 1);
    let weights = weights_file(&model, "sequential", &["layers/lstm"]).bytes();
    fs::write(any.join("weights"), &weights)?;
    fs::write(any.join("ours"), keras::to_keras(&model)?)?;
    let plain = sequential(vec![embedding(), lstm("lstm"), dense()]);
    fs::write(any.join("archive"), made::keras(&plain, &weights))?;
    let layers = vec![
        (embedding(), vec!["ids"]),
        (lstm("lstm"), vec!["embedding"]),
        (dense(), vec!["lstm"]),
    ];
    fs::write(config.join("sequential"), plain.to_string())?;
    fs::write(
        config.join("functional"),
        functional(layers, "dense").to_string(),
    )?;
    fs::write(parts().join("weights.h5"), &weights)?;
    Ok(())
}

fn texts(dir: &Path) -> Done {
    let text = "床前明月光，\r\nÇa va? 🌙\n";
    fs::write(dir.join("utf-8"), text)?;
    fs::write(dir.join("marked"), format!("\u{FEFF}{text}"))?;
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(dir.join("utf-16"), [&b"\xFF\xFE"[..], &utf_16].concat())?;
    fs::write(dir.join("utf-16-unmarked"), utf_16)?;
    fs::write(dir.join("gb18030"), b"one\n\xC4\xE3\xBA\xC3\n")?;
    fs::write(dir.join("windows-1252"), b"l\x92\xE9t\xE9 arrive")?;
    fs::write(dir.join("gzip"), gzip(text.as_bytes())?)?;
    fs::write(dir.join("vocabulary"), r#"{"a": 1, "b": 2, "<pad>": 0}"#)?;
    Ok(())
}

fn rows(pairs: &Path, records: &Path, sentences: &Path) -> Done {
    let two = "Go.\tVa !\nRun!\tCours !\tCC-BY\n";
    fs::write(pairs.join("two"), two)?;
    fs::write(pairs.join("gzip"), gzip(two.as_bytes())?)?;
    fs::write(pairs.join("four"), "1\tGo.\t2\tVa !\n3\tRun!\t4\tCours !\n")?;
    let lines = "{\"a\": \"Go.\", \"b\": \"Va !\"}\n{\"a\": \"\\u00e9\", \"b\": [1, null]}\n";
    fs::write(records.join("two"), lines)?;
    fs::write(sentences.join("json"), to_srl_json(&sentence()) + "\n")?;
    let columns = "# global.columns = ID FORM UP:PRED UP:ARGHEADS UP:ARGSPANS\n# text = She ran\n";
    let words = "1\tShe\t_\t_\t_\n2\tran\trun.01\tARG0:1\tARG0:1-1|V:2-2\n\n";
    fs::write(sentences.join("conllup"), columns.to_owned() + words)?;
    Ok(())
}

fn tables(dir: &Path) -> Done {
    let numbers = "v\n1\n-2.5e3\n\nNA\n4\n";
    fs::write(dir.join("numbers"), numbers)?;
    fs::write(dir.join("gzip"), gzip(numbers.as_bytes())?)?;
    let dates = "\u{FEFF}t;id;v;k\r\n2024-03-31;\"a;b\";1,5;0\r\n2024-04-30;\"a;b\";;1\r\n";
    fs::write(dir.join("dates"), dates)?;
    let hours = "t,id,v,k\n2024-10-27T02:00+02:00,a,1,0\n2024-10-27T02:00+01:00,a,2,1\n";
    fs::write(dir.join("hours"), hours)?;
    fs::write(
        dir.join("steps"),
        "t\tid\tv\tk\n1\ta\t3\t0\n3\ta\t4\t1\n4\ta\t5\t0\n",
    )?;
    Ok(())
}

fn labelled(dir: &Path) -> Done {
    let texts = "text,label\r\n\"a, \"\"b\"\"\r\nc\",x\r\n\r\nd,y\r\n";
    fs::write(dir.join("texts"), texts)?;
    let json = "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":\"y\"}\n";
    fs::write(dir.join("json"), json)?;
    fs::write(dir.join("gzip"), gzip(json.as_bytes())?)?;
    let series = "id;t;v;label\na;1;0,5;x\nb;1;;y\na;2;1e3;x\nb;2;-4;y\n";
    fs::write(dir.join("series"), series)?;
    Ok(())
}

fn sentence() -> Sentence {
    Sentence {
        id: "1".to_owned(),
        words: ["She", "ran", "home"].map(str::to_owned).to_vec(),
        frames: vec![Frame {
            predicate: 1,
            roleset: "run.01".to_owned(),
            arguments: vec![Argument {
                label: "ARG0".to_owned(),
                first: 0,
                last: 0,
            }],
        }],
    }
}

/// Our own files, of every application.
fn own(models: &Path, runs: &Path, checkpoints: &Path) -> Done {
    model()?.save(&models.join("language"), "a file")?;
    let words = BytePair::train(["ab ab", "cd"], 270)?;
    let transducer = TransducerDescription {
        transduction: Transduction::Translation,
        network: EncoderDecoderConfig {
            source_vocab: words.len(),
            target_vocab: words.len(),
            embed_size: 1,
            hidden_size: 2,
            layers: 1,
            dropout: 0.0,
            copies: false,
        },
        source: words,
        target: None,
        max_source: 9,
    };
    save(&models.join("transducer"), &transducer)?;
    let features = Features::from_words(&["She", "ran", "home"], 1)?;
    let labels = label_names(&[sentence()]);
    let labeler = LabelerDescription {
        network: LabelerConfig {
            vocab_sizes: features.sizes(),
            embed_sizes: [1; FEATURES],
            hidden_size: 2,
            layers: 1,
            labels: labels.len(),
            dropout: 0.0,
        },
        features,
        labels,
        predicates: vec!["ran".to_owned()],
    };
    save(&models.join("labeler"), &labeler)?;
    let columns = Columns {
        values: vec!["v".to_owned()],
        ..Columns::default()
    };
    let new = NewForecaster {
        columns,
        horizon: 2,
        season: Some(2),
        reference: None,
        objective: Objective::default(),
        layers: 1,
        hidden_size: 2,
        dropout: 0.0,
    };
    let series = SeriesSource::Generated.read(InputLimit::default())?;
    let (forecaster, _) = new.describe("generated", &series, HeldOut::default())?;
    save(&models.join("forecaster"), &forecaster)?;
    save(&models.join("classifier"), &classifier()?)?;
    a_run(runs, checkpoints)
}

fn classifier() -> Result<ClassifierDescription, TasksError> {
    let settings = ClassifySettings {
        source: ClassSource::Generated,
        held_out: HeldOut::default(),
        batch_size: 2,
        seed: 1,
    };
    let new = NewClassifier {
        columns: settings.source.columns(),
        words: None,
        min_count: 1,
        max_length: 9,
        embed_size: 1,
        hidden_size: 2,
        layers: 1,
        bidirectional: true,
        pooling: Pooling::Mean,
        dropout: 0.0,
    };
    new.describe("generated", &settings.read(InputLimit::default())?.train)
}

fn save<D: Description>(path: &Path, description: &D) -> Done {
    let network = description.init::<Spec<f32>>(1)?;
    Ok(write_model(path, description, &network)?)
}

/// A run after two steps, and the same as a checkpoint of version 1.
fn a_run(runs: &Path, checkpoints: &Path) -> Done {
    let dir = tempfile::tempdir()?;
    let start = dir.path().join("start");
    model()?.save(&start, "a file")?;
    let description = LanguageModel::<Spec<f32>>::load(start)?.description;
    let text: Vec<u32> = (0..90).map(|n| n % 5).collect();
    let settings = RunSettings {
        settings: TextSettings {
            batch_size: 2,
            seq_len: 5,
            ..TextSettings::default()
        },
        threads: 1,
        descent: Default::default(),
        plan: Plan {
            eval_every: 1,
            ..Plan::steps(2)
        },
        keep: Keep::Both,
        data: Fingerprint::new("a text", "abcde"),
    };
    let path = dir.path().join("run");
    let header = settings.header("spec")?;
    let place = RunDir::create::<TextSettings>(&path)?;
    let mut run =
        Run::<TextSettings, Spec<f32>>::begin(place, description, None, header, &text, "char")?;
    run.train(&mut ())?;
    fs::copy(path.join(RUN), runs.join("run"))?;
    fs::copy(path.join("metrics.jsonl"), runs.join("metrics"))?;
    fs::copy(path.join(MODEL), parts().join("model.safetensors"))?;
    version_1(&StoredRun::read(&path)?, checkpoints)
}

fn version_1(run: &StoredRun<TextSettings>, checkpoints: &Path) -> Done {
    let mut tensors = run.tensors.clone();
    for (name, tensor) in &run.model.tensors {
        tensors.insert(format!("weights.{name}"), tensor.clone());
    }
    let bytes: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes: Vec<u8> = tensor.data.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name, tensor.shape.clone(), bytes)
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes);
        (name.as_str(), view.expect("the shape is right"))
    });
    let file = safetensors::serialize(views, None)?;
    let description = &run.model.description;
    let sidecar = json!({
        "format": "lstm-checkpoint",
        "version": 1,
        "kind": "language-model",
        "tensors": {
            "file": "weights.safetensors",
            "bytes": file.len(),
            "crc32": crc32fast::hash(&file),
        },
        "header": {
            "engine": "spec",
            "threads": 1,
            "network": description.network,
            "vocabulary": description.vocabulary,
            "normalization": description.normalization,
            "data": run.header.settings,
            "text": run.header.data,
            "plan": run.header.plan,
            "state": run.header.state,
        },
    });
    fs::write(parts().join("weights.safetensors"), file)?;
    fs::write(checkpoints.join("sidecar"), sidecar.to_string())?;
    Ok(())
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn parts() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "parts"].iter().collect()
}
