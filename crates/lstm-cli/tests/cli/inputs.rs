//! Inputs without end, inputs that unpack to far more than they are, and pipes in the place of files: a
//! limit stops them early, and one option raises it.

use crate::files::after;
use crate::hostile::{CLASSIFIER, LABELER, LANGUAGE_MODEL, SUMMARIZER, TRANSLATOR};
use crate::tool::{LINE, Place, words};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{Write, copy, repeat};
use std::process::{Child, Command, Output, Stdio};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// A command with little memory and computing time must end with one line of error.
const LIMITS: &str = "ulimit -v 2000000; ulimit -t 20";

fn error(output: Output) -> String {
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    told.strip_prefix("error: ").unwrap_or(&told).to_owned()
}

/// The error of a command that must end within a minute, whatever it waits for.
fn ends(place: &Place, command: &str) -> String {
    let mut command = after(place, LIMITS, &words(command));
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        sleep(Duration::from_millis(2));
    }
    error(child.wait_with_output().unwrap())
}

fn make_pipe(place: &Place, name: &str) {
    let path = place.path(name);
    let _ = fs::remove_file(&path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Writes letters without end into a pipe or a standard input, as long as somebody reads them.
fn endless(into: impl Write + Send + 'static) {
    spawn(|| {
        let mut into = into;
        let _ = copy(&mut repeat(b'a'), &mut into);
    });
}

fn with_endless_input(place: &Place, command: &str) -> Output {
    let mut command = after(place, LIMITS, &words(command));
    command.stdin(Stdio::piped());
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child = piped.spawn().unwrap();
    endless(child.stdin.take().unwrap());
    child.wait_with_output().unwrap()
}

/// All commands that read a text or data, with the input in place of `@`.
const READERS: [&str; 18] = [
    "train --out new --text @",
    "train --out new --text text.txt --val-text @",
    "eval --model lm --text @",
    "states --model lm --out new --text @",
    "generate --model lm --prime-file @",
    "translate train --out new --pairs @",
    "translate train --out new --pairs pairs --val @",
    "translate eval --model tr --pairs @",
    "summarize train --out new --records @",
    "label train --out new --sentences @",
    "label train --out new --sentences sentences --val @",
    "label eval --model la --sentences @",
    "forecast train --out new --value y --data @",
    "classify train --out new --data @",
    "classify train --out new --data classes --val @",
    "classify eval --model cl --data @",
    "classify run --model cl --input @",
    "import --from keras --out new weights.h5 --vocabulary @",
];

/// A place with a trained model of each kind.
fn place_with_models() -> Place {
    let place = Place::new();
    place
        .write("pairs", TRANSLATOR.content.repeat(20))
        .write("sentences", LABELER.content.repeat(20))
        .write("classes", CLASSIFIER.content.repeat(20))
        .write("weights.h5", "");
    let small = "--hidden 4 --embed 2 --batch 2 --threads 1 --steps 1";
    for train in [
        "train --text text.txt --out lm",
        "translate train --pairs pairs --out tr",
        "label train --sentences sentences --out la",
        "classify train --data classes --out cl",
    ] {
        place.ok(&words(&format!("{train} {small}")));
    }
    place
}

#[test]
fn every_reader_stops_at_the_limit_and_names_the_option() {
    let place = place_with_models();
    place.write("large", format!("{LINE}\n").repeat(200_000));
    for reader in READERS {
        for input in ["/dev/zero", "large"] {
            let command = reader.replace('@', input);
            let message = ends(&place, &format!("{command} --max-input 1M"));
            assert!(message.contains(input), "{command}: {message}");
            assert!(message.contains("1 MiB, the limit"), "{command}: {message}");
            assert!(message.contains("--max-input"), "{command}: {message}");
            assert!(!place.path("new").exists(), "{command}");
        }
    }
}

#[test]
fn inputs_without_end_meet_a_limit_that_nobody_asked_for() {
    let place = place_with_models();
    for (command, expected) in [
        ("train --out new --text /dev/zero", "MiB, the limit"),
        (
            "translate train --out new --pairs /dev/zero",
            "MiB, the limit",
        ),
    ] {
        let message = ends(&place, command);
        assert!(message.contains(expected), "{command}: {message}");
    }
    for (command, expected) in [
        ("train --out new --text -", "standard input is larger than"),
        ("eval --model lm --text -", "standard input is larger than"),
        (
            "label train --out new --sentences /dev/stdin",
            "/dev/stdin is larger than",
        ),
        (
            "translate run --model tr",
            "line 1 of standard input is longer than 1 MiB",
        ),
        (
            "label run --model la",
            "line 1 of standard input is longer than 1 MiB",
        ),
        (
            "classify run --model cl",
            "line 1 of standard input is longer than 1 MiB",
        ),
    ] {
        let message = error(with_endless_input(&place, command));
        assert!(message.contains(expected), "{command}: {message}");
        assert!(message.contains("--max-input"), "{command}: {message}");
    }
    make_pipe(&place, "pipe");
    let path = place.path("pipe");
    spawn(move || endless(fs::File::options().write(true).open(path).unwrap()));
    let message = ends(&place, "translate train --out new --pairs pipe");
    assert!(message.contains("pipe is larger than"), "{message}");
    assert!(!place.path("new").exists());
}

#[test]
fn a_bomb_is_stopped_and_what_is_trusted_is_unpacked() {
    for app in [&TRANSLATOR, &SUMMARIZER, &LABELER, &CLASSIFIER] {
        let place = Place::new();
        let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
        let lines = format!("{}{}", app.content, "\n".repeat(1 << 20));
        (0..260).for_each(|_| bomb.write_all(lines.as_bytes()).unwrap());
        place.write("bomb.gz", bomb.finish().unwrap());
        let train = format!("{} {} bomb.gz --out out", app.train, app.data[0]);
        let message = ends(&place, &train);
        let expected = "bomb.gz unpacks to more than ";
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("--max-input"), "{message}");
        assert!(!place.path("out").exists());
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(app.content.repeat(20).as_bytes()).unwrap();
        place.write("good.gz", packed.finish().unwrap());
        let train = format!("{} {} good.gz --out out", app.train, app.data[0]);
        let small = "--hidden 4 --embed 2 --batch 2 --threads 1 --schedule constant";
        let message = ends(&place, &format!("{train} {small} --max-input 100"));
        let expected = "good.gz unpacks to more than 100 bytes";
        assert!(message.contains(expected), "{message}");
        place.ok(&words(&format!(
            "{train} {small} --steps 1 --max-input 10K"
        )));
        // The option is not stored.
        place.ok(&words(&format!("{} --resume out --steps 2", app.train)));
        let resume = format!("{} --resume out --steps 3 --max-input 100", app.train);
        assert!(place.fails(&words(&resume)).contains("a resumed run needs"));
    }
}

#[test]
fn a_pipe_can_be_evaluated_because_it_is_read_once() {
    let place = place_with_models();
    make_pipe(&place, "pipe");
    let path = place.path("pipe");
    spawn(move || fs::write(path, TRANSLATOR.content).unwrap());
    let args = words("translate eval --model tr --beam 1 --pairs pipe");
    let output = after(&place, LIMITS, &args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_pipe_a_device_or_a_directory_in_place_of_a_file_of_ours_is_refused_at_once() {
    let place = LANGUAGE_MODEL.place();
    let old = "checkpoint.json";
    for (name, commands) in [
        (
            "metrics.jsonl",
            &["train --resume run --steps 4", "compare run"][..],
        ),
        (
            "run.safetensors",
            &["train --resume run --steps 4", "inspect --model run"],
        ),
        ("run.lock", &["train --resume run --steps 4"]),
        (
            "best.safetensors",
            &["train --resume run --out branch --steps 4"],
        ),
        (
            "model.safetensors",
            &[
                "train --resume run --steps 4",
                "train --from run --text text.txt --out new",
                "inspect --model run",
                "eval --model run --text text.txt",
                "generate --model run/model.safetensors",
                "export --model run --to onnx --out new",
                "import --from pytorch --out new run/model.safetensors",
            ],
        ),
        (
            old,
            &["train --resume run --steps 4", "inspect --model run"],
        ),
    ] {
        for kind in ["pipe", "device", "directory"] {
            let run = place.path("run");
            let _ = fs::remove_dir_all(&run);
            fs::create_dir(&run).unwrap();
            for entry in fs::read_dir(place.path("out")).unwrap() {
                let path = entry.unwrap().path();
                if name != old || path.ends_with("metrics.jsonl") {
                    fs::copy(&path, run.join(path.file_name().unwrap())).unwrap();
                }
            }
            let _ = fs::remove_file(run.join(name));
            match kind {
                "pipe" => make_pipe(&place, &format!("run/{name}")),
                "device" => std::os::unix::fs::symlink("/dev/zero", run.join(name)).unwrap(),
                _ => fs::create_dir(run.join(name)).unwrap(),
            }
            for command in commands {
                let message = ends(&place, command);
                let is_refused = message.contains("only regular files are read and written here")
                    || message.contains("is a directory")
                    || message.contains("holds no model");
                assert!(is_refused, "{kind}, {command}: {message}");
                assert!(message.contains(name), "{kind}, {command}: {message}");
            }
        }
    }
}

#[test]
fn options_of_the_data_are_not_ignored_when_they_cannot_be_honoured() {
    let place = SUMMARIZER.place();
    place.train("lm", &["--steps", "1"]);
    for command in [
        "summarize train --resume out --text-field x",
        "summarize train --resume out --summary-field headline",
        "summarize train --out new --text-field x",
        "summarize eval --model out --summary-field x",
        "translate train --resume out --val data",
        "train --resume lm --unknown skip",
        "train --resume lm --preset article",
    ] {
        let output = place.run(&words(command));
        assert_eq!(output.status.code(), Some(2), "{command}: {output:?}");
    }
}

#[test]
fn a_validation_text_that_was_moved_is_found_by_its_option_alone() {
    let place = Place::new();
    place.write("val.txt", LINE);
    place.train("out", &["--steps", "1", "--val-text", "val.txt"]);
    fs::rename(place.path("val.txt"), place.path("moved.txt")).unwrap();
    let resume = ["train", "--resume", "out", "--steps", "2"];
    let message = place.fails(&resume);
    assert!(message.contains("val.txt does not exist"), "{message}");
    place.ok(&[&resume[..], &["--val-text", "moved.txt"]].concat());
    // And again, now that the run knows its new place; the text may be named, too.
    place.ok(&["train", "--resume", "out", "--steps", "3"]);
    place.ok(&[
        "train", "--resume", "out", "--text", "text.txt", "--steps", "4",
    ]);
}
