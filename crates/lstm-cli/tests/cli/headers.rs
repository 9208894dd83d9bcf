//! Every field of every header of our own files, hostile in every way, for every application: version 1,
//! fields that are given twice, numbers that JSON does not have, and the headers of safetensors. The files
//! are read in a process of little memory and computing time, which also trains if a file is accepted.

use crate::edit::Edit;
use crate::hostile::{
    App, CLASSIFIER, FORECASTER, LABELER, LANGUAGE_MODEL, Parts, SUMMARIZER, TRANSLATOR, fields,
};
use crate::tool::LINE;
use lstm_fast::Fast;
use lstm_tasks::classify::ClassifySettings;
use lstm_tasks::forecast::ForecastSettings;
use lstm_tasks::{LabelSettings, PairSettings, TextSettings};
use lstm_text::InputLimit;
use lstm_train::{
    Application, Description, MODEL, Observer, RUN, Run, RunDir, StepReport, StoredModel,
    StoredRun, TrainError, Trainer,
};
use safetensors::SafeTensors;
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The variable with the directory of a test, for the process that reads the files.
const INSIDE: &str = "LSTM_HEADERS_INSIDE";

/// Stops after one step.
struct OneStep;

impl<T: lstm_train::Task> Observer<T> for OneStep {
    fn on_step(&mut self, _: &Trainer<T>, _: &StepReport) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

/// An application in this test.
struct Kind<A: Application> {
    app: &'static App,
    /// The name of the test, which the second process runs, too.
    test: &'static str,
    /// What headers of version 1 have in addition to the fields that all have, from the description of a
    /// model and the settings of its run; `None` if the application is younger.
    version_1: Option<fn(&Value, &Value) -> Value>,
    data: fn(&A, &A::Description) -> Option<A::Data>,
}

impl<A: Application> Kind<A> {
    /// Runs this test in a process of its own, or, there, tries everything.
    fn survives(&self) {
        if let Some(dir) = env::var_os(INSIDE) {
            return self.try_all(&PathBuf::from(dir));
        }
        let place = self.app.place();
        let limits = "ulimit -v 1500000; ulimit -t 100; exec \"$0\" \"$@\"";
        let output = Command::new("sh")
            .args(["-c", limits])
            .arg(env::current_exe().unwrap())
            .args(["--exact", self.test, "--nocapture"])
            .env(INSIDE, place.path(""))
            .current_dir(place.path(""))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        let last = fs::read_to_string(place.path("case")).unwrap_or_default();
        let is_run = String::from_utf8_lossy(&output.stdout).contains("1 passed");
        assert!(output.status.success() && is_run, "at {last}: {told}");
    }

    fn try_all(&self, dir: &Path) {
        if let Some(version_1) = self.version_1 {
            Self::write_version_1(dir, version_1);
            let sidecar = fs::read(dir.join("v1/checkpoint.json")).unwrap();
            let sidecar: Value = serde_json::from_slice(&sidecar).unwrap();
            self.try_fields(dir, ("v1", "checkpoint.json"), &sidecar, String::into_bytes);
        }
        for name in [RUN, MODEL] {
            let parts = Parts::read(&dir.join("out").join(name));
            let to_bytes = |own: String| parts.with_own(&own);
            self.try_fields(dir, ("out", name), &parts.own, to_bytes);
            for (what, bytes) in parts.broken_headers() {
                self.try_case(dir, ("out", name), &what, &bytes);
            }
        }
    }

    /// Every field of `json`, with every edit; `to_bytes` makes the file of it.
    fn try_fields(
        &self,
        dir: &Path,
        file: (&str, &str),
        json: &Value,
        to_bytes: impl Fn(String) -> Vec<u8>,
    ) {
        let whole = self.try_case(dir, file, "unchanged", &to_bytes(json.to_string()));
        assert!(whole, "the unchanged file is refused");
        let mut paths = Vec::new();
        fields(json, "", &mut paths);
        let cases = paths.iter().flat_map(|p| Edit::all().map(move |e| (p, e)));
        for (path, edit) in cases {
            if let Some(text) = edit.apply(json, path) {
                let what = format!("{path} {edit:?}");
                let is_accepted = self.try_case(dir, file, &what, &to_bytes(text));
                let is_wrong = is_accepted && edit.must_be_refused();
                assert!(!is_wrong, "{file:?}, {what} was accepted");
            }
        }
    }

    /// Reads the model and the run in a copy of a directory in which one file has these bytes. Returns
    /// whether both can be read.
    fn try_case(&self, dir: &Path, (from, name): (&str, &str), what: &str, bytes: &[u8]) -> bool {
        fs::write(dir.join("case"), format!("{from}/{name}, {what}")).unwrap();
        let copy = dir.join("copy");
        let _ = fs::remove_dir_all(&copy);
        fs::create_dir(&copy).unwrap();
        for entry in fs::read_dir(dir.join(from)).unwrap() {
            let path = entry.unwrap().path();
            let needed = path.extension().is_some_and(|end| end != "svg");
            if needed && !path.ends_with("best.safetensors") {
                fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
            }
        }
        fs::write(copy.join(name), bytes).unwrap();
        let tried = catch_unwind(|| {
            let model = StoredModel::<A::Description>::read(&copy);
            let network = model.and_then(StoredModel::network::<Fast>);
            (network.is_ok(), self.resume(&copy).is_ok())
        });
        let (model, run) = tried.unwrap_or_else(|_| panic!("{from}/{name}, {what}"));
        model && run
    }

    fn resume(&self, dir: &Path) -> Result<(), TrainError> {
        let locked = RunDir::resume(dir)?;
        let stored = StoredRun::<A>::read(dir)?;
        let settings = &stored.header.settings;
        let Some(data) = (self.data)(settings, &stored.model.description) else {
            return Ok(());
        };
        settings.steps_per_epoch(&data)?;
        let mut run = Run::<A, Fast>::resume(locked, stored, &data, "char")?;
        run.train(&mut OneStep).map(drop)
    }

    /// Writes the run in `out` as a checkpoint of version 1 into `v1`.
    fn write_version_1(dir: &Path, version_1: fn(&Value, &Value) -> Value) {
        let [run, model] = [RUN, MODEL].map(|name| dir.join("out").join(name));
        let (parts, described) = (Parts::read(&run), Parts::read(&model));
        let [run, model] = [run, model].map(|path| fs::read(path).unwrap());
        let [run, model] = [&run, &model].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
        let weights = model.tensors().into_iter();
        let weights = weights.map(|(name, tensor)| (format!("weights.{name}"), tensor));
        let all: Vec<_> = weights.chain(run.tensors()).collect();
        let bytes = safetensors::serialize(all, None).unwrap();
        let (run, model) = (&parts.own["header"], &described.own["header"]);
        let mut header = version_1(model, &run["settings"]);
        for (old, new) in [
            ("engine", "engine"),
            ("threads", "threads"),
            ("text", "data"),
            ("plan", "plan"),
            ("state", "state"),
            ("network", "network"),
        ] {
            let value = run.get(new).unwrap_or(&model[new]).clone();
            header[old] = value;
        }
        let sidecar = json!({
            "format": "lstm-checkpoint",
            "version": 1,
            "kind": A::Description::KIND,
            "tensors": {
                "file": "all.safetensors",
                "bytes": bytes.len(),
                "crc32": crc32fast::hash(&bytes),
            },
            "header": header,
        });
        let dir = dir.join("v1");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("all.safetensors"), bytes).unwrap();
        fs::write(dir.join("checkpoint.json"), sidecar.to_string()).unwrap();
    }
}

impl Parts {
    fn with_own(&self, own: &str) -> Vec<u8> {
        let mut header = self.header.clone();
        header["__metadata__"]["lstm"] = own.into();
        self.with_header(&header.to_string())
    }

    fn with_header(&self, header: &str) -> Vec<u8> {
        let len = (header.len() as u64).to_le_bytes();
        [&len[..], header.as_bytes(), &self.tensors].concat()
    }

    /// Files whose safetensors header lies: about its length, or about the first two tensors.
    fn broken_headers(&self) -> Vec<(String, Vec<u8>)> {
        let whole = self.with_header(&self.header.to_string());
        let lengths = [0, 1, 8, whole.len() as u64, 1 << 62, u64::MAX];
        let lengths = lengths.into_iter().map(|length| {
            let bytes = [&length.to_le_bytes()[..], &whole[8..]].concat();
            (format!("length {length}"), bytes)
        });
        let mut paths = Vec::new();
        fields(&self.header, "", &mut paths);
        let tensors = paths
            .iter()
            .filter(|path| !path.starts_with("/__metadata__"));
        let cases = tensors
            .take(8)
            .flat_map(|p| Edit::all().map(move |e| (p, e)));
        let headers = cases.filter_map(|(path, edit)| {
            let header = edit.apply(&self.header, path)?;
            Some((format!("{path} {edit:?}"), self.with_header(&header)))
        });
        lengths.chain(headers).collect()
    }
}

#[test]
fn no_field_of_a_language_model_does_harm() {
    let kind = Kind::<TextSettings> {
        app: &LANGUAGE_MODEL,
        test: "headers::no_field_of_a_language_model_does_harm",
        version_1: Some(|model, settings| {
            json!({
                "vocabulary": model["vocabulary"],
                "normalization": model["normalization"],
                "data": settings,
            })
        }),
        data: |_, description| description.encode(&LINE.repeat(40)).ok(),
    };
    kind.survives();
}

fn transducer(app: &'static App, test: &'static str) -> Kind<PairSettings> {
    Kind {
        app,
        test,
        version_1: Some(|model, settings| {
            json!({
                "application": model["transduction"],
                "source": model["source"],
                "target": model["target"],
                "origin": settings["source"],
                "pairs": {
                    "max_source": model["max_source"],
                    "batch_size": settings["batch_size"],
                    "smoothing": settings["smoothing"],
                    "seed": settings["seed"],
                },
            })
        }),
        data: |settings, _| settings.source.read(InputLimit::default()).ok(),
    }
}

#[test]
fn no_field_of_a_translator_does_harm() {
    transducer(&TRANSLATOR, "headers::no_field_of_a_translator_does_harm").survives();
}

#[test]
fn no_field_of_a_summarizer_does_harm() {
    transducer(&SUMMARIZER, "headers::no_field_of_a_summarizer_does_harm").survives();
}

#[test]
fn no_field_of_a_labeler_does_harm() {
    let kind = Kind::<LabelSettings> {
        app: &LABELER,
        test: "headers::no_field_of_a_labeler_does_harm",
        version_1: Some(|model, settings| {
            json!({
                "features": model["features"],
                "labels": model["labels"],
                "predicates": model["predicates"],
                "origin": settings["source"],
                "batch_size": settings["batch_size"],
                "seed": settings["seed"],
            })
        }),
        data: |settings, _| settings.source.read(InputLimit::default()).ok(),
    };
    kind.survives();
}

#[test]
fn no_field_of_a_forecaster_does_harm() {
    let kind = Kind::<ForecastSettings> {
        app: &FORECASTER,
        test: "headers::no_field_of_a_forecaster_does_harm",
        version_1: None,
        data: |settings, _| settings.source.read(InputLimit::default()).ok(),
    };
    kind.survives();
}

#[test]
fn no_field_of_a_classifier_does_harm() {
    let kind = Kind::<ClassifySettings> {
        app: &CLASSIFIER,
        test: "headers::no_field_of_a_classifier_does_harm",
        version_1: None,
        data: |settings, _| settings.read(InputLimit::default()).ok(),
    };
    kind.survives();
}
