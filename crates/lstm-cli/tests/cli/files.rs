//! Files, locks and signals: a run loses nothing that it has learned, and takes nothing of others.

use crate::interruptions::{send, wait_for};
use crate::tool::{Place, train_args};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, pipe};
use std::iter::from_fn;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// Options of a run that saves all the time, and ends only when it is stopped.
const ENDLESS: [&str; 4] = ["--steps", "1000000000", "--eval-every", "10"];

/// After this time a condition counts as never met.
const LONGEST: Duration = Duration::from_secs(60);

/// A running `lstm`, which ends with the test at the latest, and the lines that it prints.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let (reader, writer) = pipe().unwrap();
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        let child = command.spawn().unwrap();
        let (sender, lines) = channel();
        spawn(move || {
            let mut lines = BufReader::new(reader).lines().map_while(Result::ok);
            lines.try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// A run in `out` that has saved for the first time.
    fn endless(place: &Place, out: &str) -> Self {
        let run = Self::start(place.command(&train_args(out, &ENDLESS)));
        wait_for(&place.path(out).join("model.safetensors"));
        run
    }

    /// Waits for a line with this text.
    fn line_with(&self, text: &str) -> String {
        let start = Instant::now();
        let next = || self.lines.recv_timeout(LONGEST).ok();
        let mut lines = from_fn(next).take_while(|_| start.elapsed() < LONGEST);
        let found = lines.find(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("no line with {text:?} was printed"))
    }

    fn signal(&self, name: &str) {
        send(&format!("-{name}"), &self.child);
    }

    /// Changes the soft limit on the size of the files that it writes.
    fn limit(&self, bytes: &str) {
        let (pid, limit) = (self.child.id().to_string(), format!("--fsize={bytes}:"));
        let args = ["--pid", &pid, &limit];
        let prlimit = Command::new("prlimit").args(args).status();
        assert!(prlimit.unwrap().success());
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end; the exit code, if no signal killed it.
    fn exit_code(&mut self) -> Option<i32> {
        wait_until("the command ends", || !self.is_running());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LONGEST, "never: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// `lstm` with these arguments, after the shell has done `first`.
pub fn after(place: &Place, first: &str, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{first}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_lstm"))
        .args(args)
        .current_dir(place.path(""))
        .stdin(Stdio::null());
    command
}

/// A run in `out` that has no room for its files, and has said so; none without `prlimit`.
fn without_room(place: &Place) -> Option<Running> {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("not tested: prlimit (util-linux) is missing");
        return None;
    }
    let run = Running::endless(place, "out");
    run.limit("1");
    run.line_with("make room");
    Some(run)
}

/// The steps of the evaluations in `out`, each above the one before.
fn steps(place: &Place, out: &str) -> Vec<u64> {
    let (metrics, step) = (place.metrics(out), |m: &Value| m["step"].as_u64().unwrap());
    let steps: Vec<u64> = metrics.iter().map(step).collect();
    assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
    steps
}

/// Waits until the run in `out` has evaluated several times more.
fn goes_on(place: &Place, out: &str) {
    let before = steps(place, out).len();
    wait_until("training goes on", || steps(place, out).len() > before + 3);
}

fn saved_step(place: &Place, out: &str) -> u64 {
    let header = place.header(out);
    header["state"]["progress"]["step"].as_u64().unwrap()
}

#[test]
fn a_run_without_room_waits_for_it_even_when_stopped_and_loses_no_step() {
    let place = Place::new();
    let Some(mut run) = without_room(&place) else {
        return;
    };
    let before = saved_step(&place, "out");
    run.signal("TERM");
    // Time for two tries of the last save.
    sleep(Duration::from_millis(1200));
    assert!(run.is_running(), "the run ended without saving");
    let files = place.files("out").concat();
    assert!(!files.contains(".partial"), "{files}");
    assert_eq!(saved_step(&place, "out"), before);
    place.ok(&["inspect", "--model", "out"]);
    run.limit("unlimited");
    let told = run.line_with("stopped and saved at step");
    assert_eq!(run.exit_code(), Some(0));
    let saved = saved_step(&place, "out");
    assert!(saved > before, "{saved} and {before}");
    assert!(told.contains(&format!("at step {saved};")), "{told}");
    assert_eq!(steps(&place, "out").last(), Some(&(saved - saved % 10)));
    let end = (saved + 5).to_string();
    place.ok(&["train", "--resume", "out", "--steps", &end]);
    assert_eq!(saved_step(&place, "out"), saved + 5);
}

#[test]
fn a_second_sigterm_ends_a_run_that_waits_for_room() {
    let place = Place::new();
    let Some(mut run) = without_room(&place) else {
        return;
    };
    // The system may join two signals that follow closely.
    wait_until("the run ends", || {
        run.signal("TERM");
        sleep(Duration::from_millis(20));
        !run.is_running()
    });
    assert_eq!(run.exit_code(), Some(143));
    place.ok(&["inspect", "--model", "out"]);
}

#[test]
fn an_export_without_room_leaves_nothing_and_succeeds_once_there_is_room() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    let export = [
        "export", "--model", "out", "--to", "pytorch", "--out", "new.st",
    ];
    let before = place.files("");
    let failed = after(&place, "ulimit -S -f 0", &export).output().unwrap();
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    let told = String::from_utf8(failed.stderr).unwrap();
    assert!(told.starts_with("error: cannot write new.st"), "{told}");
    assert_eq!(place.files(""), before);
    assert!(place.ok(&export).starts_with("new.st: "));
}

#[test]
fn a_directory_in_which_a_process_trains_is_refused_and_the_process_is_named() {
    let place = Place::new();
    place.train("out", &["--steps", "10", "--eval-every", "5"]);
    let resume = ["train", "--resume", "out", "--steps", "1000000000"];
    let mut first = Running::start(place.command(&resume));
    let holder = format!("process {}", first.child.id());
    wait_until("the run holds the lock", || {
        fs::read_to_string(place.path("out/run.lock")).unwrap() == holder
    });
    for _ in 0..5 {
        let message = place.fails(&resume);
        let expected = format!("another process ({holder}) is training in out");
        assert!(message.contains(&expected), "{message}");
    }
    goes_on(&place, "out");
    first.signal("TERM");
    assert_eq!(first.exit_code(), Some(0));
    let steps = steps(&place, "out");
    assert!((1..).zip(&steps).all(|(n, &step)| step == 5 * n));
    let end = (saved_step(&place, "out") + 1).to_string();
    place.ok(&["train", "--resume", "out", "--steps", &end]);
}

#[test]
fn a_model_can_be_read_at_any_moment_of_its_training() {
    let place = Place::new();
    let options = ["--steps", "1000000000", "--eval-every", "1"];
    let mut run = Running::start(place.command(&train_args("out", &options)));
    wait_for(&place.path("out").join("model.safetensors"));
    let before = saved_step(&place, "out");
    let mut calls = 0;
    wait_until("fifty calls are made beside ten saves", || {
        place.ok(&["inspect", "--model", "out"]);
        place.ok(&["generate", "--model", "out", "--length", "3"]);
        calls += 2;
        calls >= 50 && saved_step(&place, "out") >= before + 10
    });
    assert!(run.is_running());
}

#[test]
fn a_hangup_stops_a_run_cleanly_unless_it_was_ignored_at_the_start() {
    let place = Place::new();
    let mut run = Running::endless(&place, "out");
    run.signal("HUP");
    run.line_with("stopped and saved at step");
    assert_eq!(run.exit_code(), Some(0));
    if !cfg!(target_os = "linux") {
        return; // Elsewhere the program cannot learn which signals are ignored.
    }
    let args = train_args("ignoring", &ENDLESS);
    let mut run = Running::start(after(&place, "trap '' HUP", &args));
    wait_for(&place.path("ignoring/model.safetensors"));
    run.signal("HUP");
    goes_on(&place, "ignoring");
    run.signal("TERM");
    run.line_with("stopped and saved at step");
    assert_eq!(run.exit_code(), Some(0));
}

#[test]
fn a_run_that_was_suspended_goes_on() {
    let place = Place::new();
    let mut run = Running::endless(&place, "out");
    run.signal("STOP");
    let args = ["-o", "state=", "-p", &run.child.id().to_string()];
    wait_until("the run is suspended", || {
        let state = Command::new("ps").args(args).output().unwrap().stdout;
        state.starts_with(b"T")
    });
    let suspended = steps(&place, "out");
    sleep(Duration::from_millis(100));
    assert_eq!(steps(&place, "out"), suspended);
    run.signal("CONT");
    goes_on(&place, "out");
    run.signal("TERM");
    assert_eq!(run.exit_code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_stream_that_cannot_be_written_is_an_error_only_if_it_has_the_result() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    let generate = ["generate", "--model", "out", "--length", "3"];
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let output = place.command(&generate).stderr(full()).output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty());
    let failed = place.command(&generate).stdout(full()).output().unwrap();
    let told = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(1));
    let expected = "error: cannot write to standard output";
    assert!(told.contains(expected), "{told}");
    let closed = after(&place, "exec 2>&-", &generate).output().unwrap();
    assert!(closed.status.success() && !closed.stdout.is_empty());
    // A run finishes its work, and then says that its report is lost.
    let args = train_args("other", &["--steps", "3", "--eval-every", "1"]);
    let failed = place.command(&args).stdout(full()).output().unwrap();
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert_eq!(place.metrics("other").len(), 3);
}
