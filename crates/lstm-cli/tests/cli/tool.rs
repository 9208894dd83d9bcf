//! Running the command and looking at what it leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A directory for one test, with a small text in it.
pub struct Place {
    dir: tempfile::TempDir,
}

/// Twelve kinds of character.
pub const LINE: &str = "the cat sat on the mat.\n";

/// Options of a run so small that a step takes a millisecond.
pub const SMALL: [&str; 12] = [
    "--layers",
    "1",
    "--hidden",
    "8",
    "--embed",
    "4",
    "--batch",
    "4",
    "--seq-len",
    "10",
    "--threads",
    "1",
];

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("text.txt"), LINE.repeat(40)).unwrap();
        Self { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(name), bytes).unwrap();
        self
    }

    /// `lstm` with these arguments, in this directory.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lstm"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Standard output of a run that must succeed.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Standard error of a run that must succeed.
    pub fn told(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The one line that a run which must fail says.
    pub fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?} succeeded");
        let stderr = String::from_utf8(output.stderr).unwrap();
        let stderr = stderr
            .strip_prefix("error: ")
            .unwrap_or_else(|| panic!("{args:?}: {stderr}"));
        let line = stderr.strip_suffix('\n').unwrap().to_owned();
        assert!(!line.contains('\n'), "more than one line: {line}");
        line
    }

    /// Trains into `out` with the small options and these.
    pub fn train(&self, out: &str, options: &[&str]) -> String {
        self.ok(&train_args(out, options))
    }

    pub fn metrics(&self, out: &str) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.path(out).join("metrics.jsonl")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The header of the run in `out`.
    pub fn header(&self, out: &str) -> serde_json::Value {
        let bytes = fs::read(self.path(out).join("run.safetensors")).unwrap();
        let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let json: serde_json::Value = serde_json::from_slice(&bytes[8..8 + len]).unwrap();
        let own = json["__metadata__"]["lstm"].as_str().unwrap();
        let own: serde_json::Value = serde_json::from_str(own).unwrap();
        own["header"].clone()
    }

    /// The names of the files in a directory, sorted.
    pub fn files(&self, dir: &str) -> Vec<String> {
        names(&self.path(dir))
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The words of a command.
pub fn words(command: &str) -> Vec<&str> {
    command.split_whitespace().collect()
}

/// Small options where `options` does not decide otherwise.
pub fn train_args<'a>(out: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["train", "--text", "text.txt", "--out", out];
    let undecided = SMALL.chunks(2).filter(|pair| !options.contains(&pair[0]));
    args.extend(undecided.flatten());
    args.extend(options);
    args
}
