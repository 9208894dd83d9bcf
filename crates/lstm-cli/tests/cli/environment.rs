//! Little memory, few open files, and directories without permission: a command says what is missing, and
//! works once it is there.

use crate::files::after;
use crate::tool::words;
use crate::tool::{LINE, Place, train_args};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn told(place: &Place, limit: &str, args: &[&str]) -> (Option<i32>, String) {
    let output = after(place, limit, args).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains("panicked"), "{limit}: {told}");
    (output.status.code(), told)
}

#[test]
fn a_run_or_a_text_that_does_not_fit_into_the_address_space_is_refused_by_its_size() {
    let place = Place::new();
    let large = train_args("out", &["--hidden", "4000", "--steps", "1"]);
    let (code, message) = told(&place, "ulimit -v 600000", &large);
    assert_eq!(code, Some(1), "{message}");
    assert!(message.contains("GB of memory, and 0."), "{message}");
    assert!(!place.path("out").exists());
    place.write("large.txt", LINE.repeat((80 << 20) / LINE.len()));
    let args = words("train --text large.txt --out out --steps 1");
    let (code, message) = told(&place, "ulimit -v 600000", &args);
    assert_eq!(code, Some(1), "{message}");
    assert!(message.contains("large.txt is larger than"), "{message}");
    assert!(message.contains("--max-input"), "{message}");
    // A fifth of that in rows of four bytes, each of which takes far more.
    place.write("rows.tsv", "a\tb\nc\td\n".repeat((16 << 20) / 8));
    let args = words("translate train --pairs rows.tsv --out out --steps 1");
    let (code, message) = told(&place, "ulimit -v 600000", &args);
    assert_eq!(code, Some(1), "{message}");
    let expected = "rows.tsv has so many rows that it counts for more than";
    assert!(message.contains(expected), "{message}");
    let small = train_args("out", &["--steps", "1"]);
    let (code, message) = told(&place, "ulimit -v 600000", &small);
    assert_eq!(code, Some(0), "{message}");
}

#[test]
fn with_few_open_files_a_run_is_saved_or_the_limit_is_named() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    let mut succeeded = 0;
    for files in 4..16 {
        let limit = format!("ulimit -n {files}");
        let end = files.to_string();
        let resume = ["train", "--resume", "out", "--steps", &end];
        let (code, message) = told(&place, &limit, &resume);
        // Below that, the system cannot even load the program.
        let is_named = message.contains("oo many open files") || message.contains("Error 24");
        assert!(code == Some(0) || is_named, "{limit}: {code:?} {message}");
        succeeded += usize::from(code == Some(0));
        // Whatever happened, the run is whole.
        place.ok(&["inspect", "--model", "out"]);
        let left = place.files("out").concat();
        assert!(!left.contains(".partial"), "{left}");
    }
    assert!(succeeded > 0);
    place.ok(&["train", "--resume", "out", "--steps", "40"]);
}

#[test]
fn a_directory_without_permission_is_named_and_left_alone() {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    if id == b"0\n" {
        eprintln!("not tested: the administrator may write everywhere");
        return;
    }
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    let allow = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(place.path("out"), permissions).unwrap();
    };
    let before = place.files("out");
    allow(0o555);
    let message = place.fails(&["train", "--resume", "out", "--steps", "3"]);
    place.ok(&["inspect", "--model", "out"]);
    allow(0o755);
    assert!(message.contains("ermission denied"), "{message}");
    assert_eq!(place.files("out"), before);
    place.ok(&["train", "--resume", "out", "--steps", "3"]);
}

#[cfg(not(feature = "mpi"))]
#[test]
fn without_mpi_a_program_refuses_to_be_one_of_several_processes() {
    let place = Place::new();
    for (rank, size) in [
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
        ("PMI_RANK", "PMI_SIZE"),
        ("PMIX_RANK", "SLURM_NTASKS"),
    ] {
        let mut command = place.command(&train_args("out", &["--steps", "1"]));
        let output = command.env(rank, "0").env(size, "3").output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        let expected = "mpirun has started 3 processes, but this lstm was built without MPI";
        assert!(message.contains(expected), "{message}");
        assert!(!place.path("out").exists());
        // One process trains as usual.
        let train = train_args(rank, &["--steps", "1"]);
        let mut command = place.command(&train);
        let status = command.env(rank, "0").env(size, "1").status().unwrap();
        assert!(status.success(), "{rank}");
    }
    // So does a process without a rank in a batch job of Slurm.
    let mut command = place.command(&train_args("out", &["--steps", "1"]));
    assert!(command.env("SLURM_NTASKS", "3").status().unwrap().success());
}
