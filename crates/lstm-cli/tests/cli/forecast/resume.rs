//! Runs that are stopped, killed and resumed.

use super::{place, train, words};
use crate::interruptions::{outcome, start, wait_for};
use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

#[cfg(unix)]
#[test]
fn a_run_stopped_by_ctrl_c_or_killed_goes_on_as_if_nothing_had_been() {
    let place = place();
    let options = "--steps 1500 --eval-every 25";
    place.ok(&words(&train("whole", options)));
    for signal in ["-INT", "-KILL"] {
        let mut child = start(&place, &words(&train("parts", options)));
        wait_for(&place.path("parts").join("model.safetensors"));
        sleep(Duration::from_millis(150));
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        child.wait().unwrap();
        let step = place.header("parts")["state"]["progress"]["step"]
            .as_u64()
            .unwrap();
        assert!(step < 1500, "it was done before it was stopped");
        place.ok(&words("forecast train --resume parts"));
        assert_eq!(
            outcome(&place, "parts"),
            outcome(&place, "whole"),
            "{signal}"
        );
        fs::remove_dir_all(place.path("parts")).unwrap();
    }
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
