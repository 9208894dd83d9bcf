//! Strange paths, symbolic links, and files whose headers lie.

use crate::files::after;
use crate::tool::{LINE, Place, words};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::iter;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

const SMALL: &str = "--hidden 4 --embed 2 --batch 2 --threads 1 --schedule plateau --eval-every 1";

const PAIRS: &str = "the cat sleeps\tle chat dort\nthe dog sleeps\tle chien dort\n\
    a cat eats\tun chat mange\nthe dog eats\tle chien mange\n";

const RECORDS: &str = r#"{"source": "A fire in Moraby.", "headline": "Fire in Moraby"}
{"source": "The team of Moraby beat Peliby 3-0.", "headline": "Moraby beats Peliby"}
"#;

const SENTENCES: &str = r#"{"id": "1", "w": "the cat sees the dog .", "f": [[2, "see.01", "A0:0-1 V:2-2 A1:3-4"]]}
{"id": "2", "w": "a cat eats the fish .", "f": [[2, "eat.01", "A0:0-1 V:2-2 A1:3-4"]]}
"#;

/// An application: its data, and its commands.
pub struct App {
    /// Trains a new model or resumes a run.
    pub train: &'static str,
    /// Options of a small run.
    small: &'static str,
    /// The options with the data and with the validation data, if the latter exists.
    pub data: [&'static str; 2],
    pub content: &'static str,
    /// Commands that read the model in `run`; `inspect` reads the run, too.
    readers: &'static [&'static str],
}

pub const LANGUAGE_MODEL: App = App {
    train: "train",
    small: SMALL,
    data: ["--text", "--val-text"],
    content: LINE,
    readers: &["inspect --model run", "generate --length 5 --model run"],
};

pub const TRANSLATOR: App = App {
    train: "translate train",
    small: SMALL,
    data: ["--pairs", "--val"],
    content: PAIRS,
    readers: &["translate run cat --model run"],
};

pub const SUMMARIZER: App = App {
    train: "summarize train",
    small: SMALL,
    data: ["--records", "--val"],
    content: RECORDS,
    readers: &["summarize run fire --model run"],
};

pub const LABELER: App = App {
    train: "label train",
    small: SMALL,
    data: ["--sentences", "--val"],
    content: SENTENCES,
    readers: &["label run eats --model run"],
};

/// Its table has one column, which is called 1.
pub const FORECASTER: App = App {
    train: "forecast train",
    small: "--value 1 --hidden 4 --context 5 --horizon 2 --season 2 --batch 2 --threads 1 --schedule plateau \
            --eval-every 1",
    data: ["--data", ""],
    content: "1\n3\n2\n5\n",
    readers: &[
        "inspect --model run",
        "forecast run --model run",
        "forecast eval --model run",
    ],
};

/// Its texts are words; that its data are read again, too, shows the last reader.
pub const CLASSIFIER: App = App {
    train: "classify train",
    small: SMALL,
    data: ["--data", "--val"],
    content: "{\"text\": \"ab\", \"label\": \"x\"}\n{\"text\": \"bab\", \"label\": \"y\"}\n",
    readers: &[
        "inspect --model run",
        "classify run ab --model run",
        "classify eval --model run",
    ],
};

impl App {
    /// The options that name a file of data, which is validated on, too.
    fn files<'a>(&self, name: &'a OsStr) -> Vec<&'a OsStr>
    where
        Self: 'a,
    {
        let options = self.data.into_iter().filter(|option| !option.is_empty());
        options
            .flat_map(|option| [OsStr::new(option), name])
            .collect()
    }

    /// A place with its data and with a run of two steps in `out`.
    pub fn place(&self) -> Place {
        let place = Place::new();
        place.write("data", self.content.repeat(20));
        let train = format!("{} {} --steps 2 --out out", self.train, self.small);
        let mut train = place.command(&words(&train));
        let output = train.args(self.files("data".as_ref())).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        place
    }
}

/// A model or a run: the JSON of its metadata, and everything else in the file.
pub struct Parts {
    pub own: Value,
    pub header: Value,
    pub tensors: Vec<u8>,
}

impl Parts {
    pub fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header: Value = serde_json::from_slice(&bytes[8..8 + len]).unwrap();
        let own = header["__metadata__"]["lstm"].as_str().unwrap();
        Self {
            own: serde_json::from_str(own).unwrap(),
            tensors: bytes[8 + len..].to_owned(),
            header,
        }
    }

    fn to_bytes(&self, own: &Value) -> Vec<u8> {
        let mut header = self.header.clone();
        header["__metadata__"]["lstm"] = own.to_string().into();
        let header = header.to_string().into_bytes();
        let len = (header.len() as u64).to_le_bytes();
        [&len[..], &header, &self.tensors].concat()
    }
}

/// The paths of all values below this one. The values of a list are alike: only the first is taken.
pub fn fields(value: &Value, path: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(list) => list.iter().take(1).map(|v| ("0".into(), v)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let path = format!("{path}/{key}");
        found.push(path.clone());
        fields(child, &path, found);
    }
}

/// The value with another one, or with none, at this path.
fn changed(value: &Value, path: &str, to: Option<&Value>) -> Value {
    let mut value = value.clone();
    if let Some(to) = to {
        *value.pointer_mut(path).unwrap() = to.clone();
        return value;
    }
    let (parent, key) = path.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(map) => drop(map.remove(key)),
        other => drop(other.as_array_mut().unwrap().remove(0)),
    }
    value
}

/// Runs `lstm` with 4 GB of address space and 20 s of computing time. What went wrong, if it was more
/// than an error message.
fn misbehaviour(place: &Place, command: &str) -> Option<String> {
    let limits = "ulimit -v 4000000; ulimit -t 20";
    let output = after(place, limits, &words(command)).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    let is_fine = matches!(output.status.code(), Some(0 | 1)) && !told.contains("panicked");
    (!is_fine).then(|| format!("{}: {told}", output.status))
}

/// Makes `run` a copy of the run in `out`, in which the file `name` has these bytes.
fn copy_with(place: &Place, name: &str, bytes: &[u8]) {
    let (out, run) = (place.path("out"), place.path("run"));
    let _ = fs::remove_dir_all(&run);
    fs::create_dir(&run).unwrap();
    for file in ["run.safetensors", "model.safetensors", "metrics.jsonl"] {
        fs::copy(out.join(file), run.join(file)).unwrap();
    }
    fs::write(run.join(name), bytes).unwrap();
}

/// Removes every field of the headers of a run and of its model, and gives it wrong values, one at a
/// time. Every command that reads the file may refuse it, and may do nothing worse.
fn survives_every_header(app: &App) {
    let place = app.place();
    let wrong = json!([null, -1, 0, 1e300, u32::MAX, u64::MAX, "x", [], {}]);
    let wrong = wrong.as_array().unwrap().iter().map(Some);
    let values: Vec<_> = iter::once(None).chain(wrong).collect();
    let resume = format!("{} --resume run --steps 4", app.train);
    let mut faults = Vec::new();
    for name in ["run.safetensors", "model.safetensors"] {
        let parts = Parts::read(&place.path("out").join(name));
        let reads_run = |c: &&str| {
            ["inspect", "forecast", "classify"]
                .iter()
                .any(|begin| c.starts_with(begin))
        };
        let reads = |c: &&str| name.starts_with("model") || reads_run(c);
        let readers = || app.readers.iter().copied().filter(reads);
        let commands = || readers().chain([resume.as_str()]);
        for command in commands() {
            copy_with(&place, name, &parts.to_bytes(&parts.own));
            place.ok(&words(command));
        }
        let mut paths = Vec::new();
        fields(&parts.own, "", &mut paths);
        let cases = paths
            .iter()
            .flat_map(|p| values.iter().map(move |v| (p, v)));
        for (path, to) in cases {
            let bytes = parts.to_bytes(&changed(&parts.own, path, *to));
            for command in commands() {
                copy_with(&place, name, &bytes);
                if let Some(fault) = misbehaviour(&place, command) {
                    faults.push(format!("{name}: {path} = {to:?}: {command}: {fault}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_header_of_a_language_model_makes_a_command_crash_or_hang() {
    survives_every_header(&LANGUAGE_MODEL);
}

#[test]
fn no_header_of_a_translator_makes_a_command_crash_or_hang() {
    survives_every_header(&TRANSLATOR);
}

#[test]
fn no_header_of_a_labeler_makes_a_command_crash_or_hang() {
    survives_every_header(&LABELER);
}

#[test]
fn no_header_of_a_forecaster_makes_a_command_crash_or_hang() {
    survives_every_header(&FORECASTER);
}

#[test]
fn no_header_of_a_classifier_makes_a_command_crash_or_hang() {
    survives_every_header(&CLASSIFIER);
}

#[test]
fn no_terminal_obeys_the_text_of_a_file() {
    let place = LANGUAGE_MODEL.place();
    let forged = "\u{1b}]0;forged\u{7}\u{202e}\nforged";
    for (name, path) in [
        ("model.safetensors", "/header/imported_from"),
        ("model.safetensors", "/header/\u{1b}[2J\u{202e}\nforged"),
        ("model.safetensors", "/kind"),
        ("run.safetensors", "/header/data/source"),
        ("run.safetensors", "/header/engine"),
        ("run.safetensors", "/format"),
    ] {
        let parts = Parts::read(&place.path("out").join(name));
        let (mut own, (parent, key)) = (parts.own.clone(), path.rsplit_once('/').unwrap());
        own.pointer_mut(parent).unwrap()[key] = forged.into();
        copy_with(&place, name, &parts.to_bytes(&own));
        let mut shown = String::new();
        for command in ["inspect --model run", "train --resume run --steps 4"] {
            let output = place.run(&words(command));
            shown += &String::from_utf8(output.stdout).unwrap();
            shown += &String::from_utf8(output.stderr).unwrap();
        }
        assert!(shown.contains("\\u{1b}"), "{path}: {shown:?}");
        let obeyed = ['\u{1b}', '\u{7}', '\u{202e}'];
        assert!(!shown.contains(obeyed), "{path}: {shown:?}");
        let is_forged = |line: &str| line.trim_start().starts_with("forged");
        assert!(!shown.lines().any(is_forged), "{path}: {shown}");
    }
}

// macOS allows no such name.
#[cfg(target_os = "linux")]
#[test]
fn a_file_of_any_name_is_learned_and_learned_further() {
    let names = [&b"data\xff"[..], b"a + b, validated on c \xe2\x80\xae"];
    let apps = [LANGUAGE_MODEL, TRANSLATOR, SUMMARIZER, LABELER, FORECASTER];
    let cases = apps.iter().flat_map(|app| names.map(|name| (app, name)));
    for (app, name) in cases {
        let (place, name) = (Place::new(), OsStr::from_bytes(name));
        fs::write(place.path("").join(name), app.content.repeat(20)).unwrap();
        let files = app.files(name);
        for (options, files, step) in [
            (format!("{} --steps 2 --out out", app.small), &files[..], 2),
            ("--resume out --steps 4".to_owned(), &[], 4),
        ] {
            let mut train = place.command(&words(&format!("{} {options}", app.train)));
            let output = train.args(files).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            let told = String::from_utf8(output.stdout).unwrap();
            assert!(told.contains(&format!("done: step {step}")), "{told}");
        }
    }
}

#[test]
fn files_of_others_and_links_to_them_are_not_written() {
    let place = TRANSLATOR.place();
    let pairs = fs::read(place.path("data")).unwrap();
    place.write("precious", "mine");
    place.train("lm", &["--steps", "2"]);
    symlink("precious", place.path("link")).unwrap();
    for out in ["precious", "link"] {
        for command in [
            "export --model lm --to onnx --out",
            "generate --model lm --length 3 --out",
            "states --model lm --text text.txt --out",
            "translate eval --model out --pairs data --out",
            "translate run cat --model out --plot",
            "compare lm --plot",
        ] {
            let message = place.fails(&words(&format!("{command} {out}")));
            let exists = format!("{out} already exists");
            assert!(message.starts_with(&exists), "{command}: {message}");
        }
    }
    fs::remove_file(place.path("lm/loss.svg")).unwrap();
    symlink("../precious", place.path("lm/loss.svg")).unwrap();
    let output = place.run(&words("train --resume lm --steps 4"));
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    let expected = "warning: lm/loss.svg is a symbolic link";
    assert!(told.starts_with(expected), "{told}");
    fs::remove_file(place.path("lm/metrics.jsonl")).unwrap();
    symlink("../precious", place.path("lm/metrics.jsonl")).unwrap();
    let message = place.fails(&words("train --resume lm --steps 6"));
    let expected = "lm/metrics.jsonl is a symbolic link";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(fs::read(place.path("precious")).unwrap(), b"mine");
    assert_eq!(fs::read(place.path("data")).unwrap(), pairs);
}
