//! Runs that are stopped, killed and resumed.

use super::{place, train};
use crate::interruptions::{expect_resumed, outcome};
use crate::tool::words;
use std::fs;

#[cfg(unix)]
#[test]
fn a_run_stopped_by_ctrl_c_or_killed_goes_on_as_if_nothing_had_been() {
    let place = place();
    let options = "--steps 1500 --eval-every 25";
    expect_resumed(
        &place,
        |out| train(out, options),
        "forecast train --resume parts",
    );
}

#[test]
fn a_short_run_resumes_at_every_step_to_the_bit() {
    let place = place();
    place.ok(&words(&train(
        "whole",
        "--steps 6 --schedule constant --eval-every 1",
    )));
    for step in 1..6 {
        place.ok(&words(&train(
            "parts",
            &format!("--steps {step} --schedule constant --eval-every 1"),
        )));
        place.ok(&words("forecast train --resume parts --steps 6"));
        assert_eq!(
            outcome(&place, "parts"),
            outcome(&place, "whole"),
            "from step {step}"
        );
        fs::remove_dir_all(place.path("parts")).unwrap();
    }
}
