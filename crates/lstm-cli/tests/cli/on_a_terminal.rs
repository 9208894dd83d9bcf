//! Progress and colours on a terminal, and plain lines for a program.

use crate::reports::text_of;
use crate::tool::{LINE, Place, train_args};
use std::fs;
use std::process::{Command, Stdio};

/// What `lstm` with these arguments writes to a terminal; `None` without `script`.
fn on_terminal(place: &Place, columns: u32, colour: bool, args: &[&str]) -> Option<String> {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("not tested: script (util-linux) is missing");
        return None;
    }
    let lstm = env!("CARGO_BIN_EXE_lstm");
    let command = format!("stty rows 24 cols {columns}; '{lstm}' {}", args.join(" "));
    let mut script = Command::new("script");
    script
        .args(["-qec", &command, "/dev/null"])
        .env("TERM", "xterm-256color");
    script.current_dir(place.path("")).stdin(Stdio::null());
    script.env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    if !colour {
        script.env("NO_COLOR", "1");
    }
    let output = script.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The lines without what a terminal obeys.
fn lines(shown: &str) -> Vec<String> {
    let plain = console::strip_ansi_codes(shown);
    let lines = plain.split(['\r', '\n']);
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn progress_evaluations_and_samples_fit_the_terminal() {
    let place = Place::new();
    for columns in [40, 80, 120] {
        let out = format!("out{columns}");
        let args = train_args(&out, &["--seconds", "2"]);
        let Some(shown) = on_terminal(&place, columns, true, &args) else {
            return;
        };
        let lines = lines(&shown);
        // The lines about the data and at the end are sentences, which the terminal wraps.
        let begin = lines
            .iter()
            .position(|line| line.starts_with("training:"))
            .unwrap();
        let end = lines
            .iter()
            .position(|line| line.starts_with("done:"))
            .unwrap();
        for line in &lines[begin + 1..end] {
            assert!(
                console::measure_text_width(line) <= columns as usize,
                "{line:?}"
            );
        }
        let bars: Vec<_> = lines
            .iter()
            .filter(|line| line.ends_with(" left"))
            .collect();
        assert!(bars.len() >= 3, "{lines:?}");
        assert!(
            bars.iter()
                .any(|bar| bar.contains("loss ") && bar.contains('%')),
            "{bars:?}"
        );
        if columns >= 80 {
            assert!(
                bars.iter()
                    .any(|bar| bar.contains('█') && bar.contains("chars/s"))
            );
        }
    }
}

#[test]
fn colours_are_shown_unless_no_color_is_set() {
    let place = Place::new();
    for (out, colour) in [("a", true), ("b", false)] {
        let args = train_args(out, &["--seconds", "1"]);
        let Some(shown) = on_terminal(&place, 80, colour, &args) else {
            return;
        };
        assert_eq!(shown.contains("\x1b[32m"), colour, "{shown:?}");
        let codes = ["\x1b[1m", "\x1b[2m", "\x1b[36m"];
        assert_eq!(codes.iter().any(|code| shown.contains(code)), colour);
    }
}

#[test]
fn the_time_left_of_a_resumed_run_counts_down_from_what_is_left() {
    let place = Place::new();
    place.train("out", &["--seconds", "1"]);
    let args = ["train", "--resume", "out", "--seconds", "6"];
    let Some(shown) = on_terminal(&place, 80, true, &args) else {
        return;
    };
    let left = |line: &String| -> Option<u64> {
        let (_, clock) = line.strip_suffix(" left")?.rsplit_once(' ')?;
        let (minutes, seconds) = clock.split_once(':')?;
        Some(60 * minutes.parse::<u64>().ok()? + seconds.parse::<u64>().ok()?)
    };
    let left: Vec<u64> = lines(&shown).iter().filter_map(left).collect();
    // A busy machine may take a second for the first step.
    assert!((3..=5).contains(&left[0]), "{left:?}");
    assert_eq!(left[left.len() - 1], 0, "{left:?}");
    assert!(left.is_sorted_by(|a, b| a >= b), "{left:?}");
}

#[test]
fn open_shows_the_report_in_the_browser_and_no_browser_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    place.write(opener, "#!/bin/sh\nprintf '%s' \"$1\" > opened\n");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.path(opener), executable).unwrap();
    let run = |out, path: &str| {
        let mut command = place.command(&train_args(out, &["--steps", "2", "--open"]));
        let output = command.env("PATH", path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let path = format!("{}:/usr/bin:/bin", place.path("").display());
    assert!(!run("out", &path).contains("warning"));
    let opened = text_of(&place, "opened");
    assert_eq!(
        opened,
        place
            .path("out/report.html")
            .canonicalize()
            .unwrap()
            .to_str()
            .unwrap()
    );
    let told = run("other", "/nowhere");
    assert!(
        told.contains("warning: cannot open other/report.html"),
        "{told}"
    );
}

#[test]
fn a_program_that_reads_gets_plain_lines() {
    let place = Place::new();
    place.write("text.txt", LINE.repeat(40));
    for colours in ["NO_COLOR", "CLICOLOR_FORCE"] {
        let mut command = place.command(&train_args("out", &["--seconds", "1"]));
        let output = command.env(colours, "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        for bytes in [&output.stdout, &output.stderr] {
            let is_control = |b: &&u8| b.is_ascii_control() && **b != b'\n';
            assert_eq!(bytes.iter().find(is_control), None);
        }
        fs::remove_dir_all(place.path("out")).unwrap();
    }
}
