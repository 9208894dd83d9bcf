//! Runs that are stopped, killed, resumed, branched, and shared among threads.

use super::{SERIES, place, train};
use crate::interruptions::{expect_resumed, outcome};
use crate::tool::words;
use std::fs;

#[cfg(unix)]
#[test]
fn a_run_stopped_by_ctrl_c_or_killed_goes_on_as_if_nothing_had_been() {
    let place = place();
    let options = "--data texts --embed 4 --steps 1500 --eval-every 25";
    expect_resumed(
        &place,
        |out| train(out, options),
        "classify train --resume parts",
    );
}

/// 40 series in batches of 16: an epoch has three steps, and its last batch is short.
#[test]
fn a_run_resumes_at_every_step_of_two_epochs_to_the_bit_with_any_number_of_threads() {
    let place = place();
    for threads in 1..=3 {
        let options = format!(
            "--data series {SERIES} --batch 16 --schedule constant --eval-every 1 --dropout 0.3 \
             --bidirectional --hidden 8 --threads {threads}"
        );
        let run = |out: &str, steps: usize| {
            place.ok(&words(&format!(
                "classify train --out {out} {options} --steps {steps}"
            )));
        };
        run("whole", 7);
        for step in 1..7 {
            run("parts", step);
            place.ok(&words("classify train --resume parts --steps 7"));
            assert_eq!(
                outcome(&place, "parts"),
                outcome(&place, "whole"),
                "from step {step}"
            );
            fs::remove_dir_all(place.path("parts")).unwrap();
        }
        // A branch, while the first run stays as it was.
        run("first", 4);
        let before = outcome(&place, "first");
        place.ok(&words(
            "classify train --resume first --out branch --steps 7",
        ));
        assert_eq!(outcome(&place, "branch"), outcome(&place, "whole"));
        assert_eq!(outcome(&place, "first"), before);
        for out in ["whole", "first", "branch"] {
            fs::remove_dir_all(place.path(out)).unwrap();
        }
    }
}

#[test]
fn a_resumed_run_keeps_its_settings_and_its_data() {
    let place = place();
    let constant = "--data texts --steps 1 --schedule constant";
    place.ok(&words(&train("out", constant)));
    for option in [
        "--pooling last",
        "--bidirectional",
        "--words 10",
        "--min-count 1",
        "--max-length 9",
        "--seed 2",
        "--hidden 9",
    ] {
        let message = place.fails(&words(&format!(
            "classify train --resume out --steps 2 {option}"
        )));
        let option = option.split(' ').next().unwrap();
        assert!(
            message.starts_with(&format!("{option} differs from")),
            "{message}"
        );
    }
    place.ok(&words(
        "classify train --resume out --steps 2 --pooling mean --max-length 500",
    ));
    place.write("texts", super::texts(84));
    let message = place.fails(&words("classify train --resume out --steps 3"));
    assert!(
        message.contains("not the one this run was trained on"),
        "{message}"
    );
    let message = place.fails(&words("classify eval --model out"));
    assert!(
        message.contains("not the one this run was trained on"),
        "{message}"
    );
}
