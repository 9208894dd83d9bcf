//! Runs that are interrupted: by Ctrl-C, by SIGKILL, by a reader that goes away.

use crate::tool::{Place, train_args, words};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub fn start(place: &Place, args: &[&str]) -> Child {
    place
        .command(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{} never came",
            path.display()
        );
        sleep(Duration::from_millis(2));
    }
}

/// Sends a signal, such as `-INT`.
#[cfg(unix)]
pub fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let kill = Command::new("kill").args([signal, &pid]).status();
    assert!(kill.unwrap().success());
}

/// A run of 1,500 steps that is stopped by Ctrl-C, or killed, and then resumed by the command `resume` ends
/// as one that was left alone. `train` makes the words of a run into a directory.
#[cfg(unix)]
pub fn expect_resumed(place: &Place, train: impl Fn(&str) -> String, resume: &str) {
    place.ok(&words(&train("whole")));
    for signal in ["-INT", "-KILL"] {
        let mut child = start(place, &words(&train("parts")));
        wait_for(&place.path("parts").join("model.safetensors"));
        sleep(Duration::from_millis(150));
        send(signal, &child);
        child.wait().unwrap();
        let step = place.header("parts")["state"]["progress"]["step"]
            .as_u64()
            .unwrap();
        assert!(step < 1500, "it was done before it was stopped");
        place.ok(&words(resume));
        assert_eq!(outcome(place, "parts"), outcome(place, "whole"), "{signal}");
        fs::remove_dir_all(place.path("parts")).unwrap();
    }
}

/// The last and the best model at the end of a run, and its metrics without the clock.
pub fn outcome(place: &Place, out: &str) -> (Vec<u8>, Vec<u8>, Vec<String>) {
    let read = |name| fs::read(place.path(out).join(name)).unwrap();
    let metrics = place.metrics(out);
    let lines = metrics
        .iter()
        .map(|m| format!("{} {} {}", m["step"], m["train_loss"], m["val_loss"]))
        .collect();
    (read("model.safetensors"), read("best.safetensors"), lines)
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_stops_cleanly_and_the_run_goes_on_as_if_nothing_had_been() {
    let place = Place::new();
    let options = ["--steps", "2000", "--eval-every", "100"];
    place.train("whole", &options);
    let mut child = start(&place, &train_args("out", &options));
    wait_for(&place.path("out").join("model.safetensors"));
    sleep(Duration::from_millis(150));
    send("-INT", &child);
    assert!(child.wait().unwrap().success());
    place.ok(&["train", "--resume", "out"]);
    assert_eq!(outcome(&place, "out"), outcome(&place, "whole"));
}

#[test]
fn killed_at_any_moment_a_run_goes_on_from_its_last_checkpoint_and_ends_the_same() {
    let place = Place::new();
    // An evaluation and a save at every third step: most kills fall into the writing.
    let options = ["--steps", "600", "--eval-every", "3"];
    place.train("whole", &options);
    let mut kills = 0;
    let mut child = start(&place, &train_args("out", &options));
    wait_for(&place.path("out").join("model.safetensors"));
    for round in 0..25_u64 {
        sleep(Duration::from_millis(5 + 13 * round % 50));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
        place.ok(&["inspect", "--model", "out"]);
        child = start(&place, &["train", "--resume", "out"]);
    }
    assert!(child.wait().unwrap().success());
    assert!(kills >= 3, "only {kills} kills found the run alive");
    assert_eq!(outcome(&place, "out"), outcome(&place, "whole"));
}

#[test]
fn a_run_may_go_on_elsewhere_and_leaves_the_first_as_it_was() {
    let place = Place::new();
    let to = |steps| ["--steps", steps, "--eval-every", "5"];
    place.train("first", &to("10"));
    place.train("whole", &to("20"));
    let before = outcome(&place, "first");
    place.ok(&[
        "train", "--resume", "first", "--out", "second", "--steps", "20",
    ]);
    assert_eq!(outcome(&place, "second"), outcome(&place, "whole"));
    assert_eq!(outcome(&place, "first"), before);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    let generate = [
        "generate", "--model", "out", "--length", "200000", "--seed", "1",
    ];
    let train = train_args("other", &["--steps", "40", "--eval-every", "1"]);
    let commands: [&[&str]; 4] = [
        &generate,
        &train,
        &["inspect", "--model", "out"],
        &["gradcheck"],
    ];
    for args in commands {
        let mut child = place
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = [0; 10];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut first)
            .unwrap();
        drop(child.stdout.take());
        assert!(child.wait().unwrap().success(), "{args:?}");
    }
    // Training does not need a reader, not even at its first word.
    let unread = train_args("unread", &["--steps", "40", "--eval-every", "1"]);
    let mut child = place
        .command(&unread)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(place.metrics("unread").len(), 40);
    assert_eq!(place.metrics("other").len(), 40);
}
