//! A run beside others, and a run without room: nothing is lost and nothing of anybody else is touched.

use crate::toy::{Toy, ToyRun, ToySettings, begin, bits, resume, settings};
use lstm_model::Spec;
use lstm_train::{MODEL, Optimizer, RUN, RunDir, StoredModel, StoredRun, TrainError};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tempfile::tempdir;

#[test]
fn a_second_run_in_the_same_directory_is_told_who_trains_there() {
    let dir = tempdir().unwrap();
    let mut first = begin(dir.path(), settings(4, 1));
    first.train(&mut ()).unwrap();
    let error = RunDir::resume(dir.path()).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, TrainError::Locked { .. }), "{message}");
    let holder = format!("process {}", std::process::id());
    assert!(message.contains(&holder), "{message}");
    drop(first);
    RunDir::resume(dir.path()).unwrap();
}

#[test]
fn a_file_of_somebody_else_in_place_of_the_lock_is_kept() {
    let dir = tempdir().unwrap();
    for notes in [&b"notes"[..], b"my\xff notes"] {
        fs::write(dir.path().join("run.lock"), notes).unwrap();
        let error = begin(dir.path(), settings(2, 1))
            .train(&mut ())
            .unwrap_err();
        assert!(matches!(error, TrainError::Exists { .. }), "{error}");
        assert_eq!(fs::read(dir.path().join("run.lock")).unwrap(), notes);
    }
}

#[test]
fn of_two_runs_that_begin_at_once_in_an_empty_directory_one_is_refused() {
    let dir = tempdir().unwrap();
    let [mut one, mut other] = [(); 2].map(|()| begin(dir.path(), settings(4, 1)));
    one.train(&mut ()).unwrap();
    assert!(matches!(
        other.train(&mut ()).unwrap_err(),
        TrainError::Locked { .. }
    ));
    let trained = bits(&one);
    drop(one);
    // It saw an empty directory when it began; now there is a run.
    let error = other.train(&mut ()).unwrap_err();
    assert!(matches!(error, TrainError::Exists { .. }), "{error}");
    drop(other);
    assert_eq!(bits(&resume(dir.path(), 4)), trained);
}

#[test]
fn what_is_read_beside_a_training_run_is_always_one_run() {
    let dir = tempdir().unwrap();
    let path = dir.path();
    let mut plan = settings(100, 1);
    plan.plan.eval_every = 1;
    let mut run = begin(path, plan);
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut last) = (0, 0);
            while !is_done.load(Ordering::Relaxed) {
                match StoredRun::<ToySettings>::read(path) {
                    Ok(stored) => {
                        assert_eq!(stored.model.crc32, stored.header.model_crc32);
                        let step = stored.header.state.progress.step;
                        assert!(step >= last);
                        (reads, last) = (reads + 1, step);
                    }
                    // Before the first save.
                    Err(TrainError::NoRun { .. }) if reads == 0 => {}
                    Err(error) => panic!("after {reads} reads: {error}"),
                }
            }
            reads
        });
        run.train(&mut ()).unwrap();
        is_done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
}

/// Every number of a run's header, out of its range in every way: the run is refused, by a message that
/// names the file.
#[test]
fn every_number_of_a_header_is_checked_before_the_run_goes_on() {
    let dir = tempdir().unwrap();
    begin(dir.path(), settings(4, 1)).train(&mut ()).unwrap();
    let whole = fs::read(dir.path().join(RUN)).unwrap();
    for (from, to) in [
        (r#"\"threads\":1"#, r#"\"threads\":60000"#),
        (r#"\"threads\":1"#, r#"\"threads\":0"#),
        (r#"\"batch_size\":4"#, r#"\"batch_size\":0"#),
        (r#"\"eval_every\":2"#, r#"\"eval_every\":0"#),
        (r#"\"learning_rate\":0.002"#, r#"\"learning_rate\":-0.5"#),
        (r#"\"learning_rate\":0.002"#, r#"\"learning_rate\":1e999"#),
        (r#"\"learning_rate\":0.002"#, r#"\"learning_rate\":null"#),
        (r#"\"max_norm\":5.0"#, r#"\"max_norm\":-5.0"#),
        (r#"\"beta1\":0.9"#, r#"\"beta1\":1.5"#),
        (r#"\"beta2\":0.999"#, r#"\"beta2\":-0.1"#),
        (r#"\"epsilon\":1e-8"#, r#"\"epsilon\":-1e-8"#),
        (
            r#"_best\":0,\"step\":4"#,
            r#"_best\":0,\"step\":18446744073709551615"#,
        ),
        (
            r#"\"optimizer_steps\":4"#,
            r#"\"optimizer_steps\":18446744073709551615"#,
        ),
        (
            r#"\"interval_seconds\":0.0"#,
            r#"\"interval_seconds\":-1.0"#,
        ),
        (r#"\"seconds\":null"#, r#"\"seconds\":-1"#),
    ] {
        fs::write(dir.path().join(RUN), replaced(&whole, from, to)).unwrap();
        let error = StoredRun::<ToySettings>::read(dir.path()).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, TrainError::File { .. }), "{to}: {message}");
        assert!(message.contains(RUN), "{to}: {message}");
    }
}

#[test]
fn a_model_that_does_not_fit_is_refused_with_the_bytes_that_it_needs() {
    for (optimizer, moments) in [
        (Optimizer::Sgd, 0),
        (Optimizer::MOMENTUM, 1),
        (Optimizer::RMS_PROP, 1),
        (Optimizer::ADAM, 2),
        (Optimizer::ADAM_W, 2),
    ] {
        for threads in [1, 3] {
            let mut settings = settings(1, threads);
            settings.descent.optimizer = optimizer;
            let header = settings.header("spec").unwrap();
            // Five numbers for each class.
            let (classes, numbers) = (1 << 50, 5 << 50);
            let dir = RunDir::elsewhere("never written".as_ref());
            let run = ToyRun::begin(dir, Toy { classes }, None, header, &(), "word");
            match run.map(drop).unwrap_err() {
                TrainError::Memory { needed, available } => {
                    assert_eq!(needed, numbers * (2 * (1 + moments) + threads as u64) * 4);
                    assert!(available < needed);
                }
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn a_save_that_fails_leaves_the_last_one_even_if_that_was_stopped_before_its_end() {
    const NEXT: &str = "model.safetensors.next";
    let (old, new) = (tempdir().unwrap(), tempdir().unwrap());
    let path = new.path();
    begin(old.path(), settings(4, 1)).train(&mut ()).unwrap();
    begin(path, settings(6, 1)).train(&mut ()).unwrap();
    // The last save has not renamed its model yet.
    fs::rename(path.join(MODEL), path.join(NEXT)).unwrap();
    fs::copy(old.path().join(MODEL), path.join(MODEL)).unwrap();
    let mut run = resume(path, 8);
    let kept = fs::read(path.join(RUN)).unwrap();
    // A directory is in the way of the next save.
    fs::remove_file(path.join(RUN)).unwrap();
    fs::create_dir(path.join(RUN)).unwrap();
    assert!(run.train(&mut ()).is_err());
    drop(run);
    assert!(!path.join(NEXT).exists());
    fs::remove_dir(path.join(RUN)).unwrap();
    fs::write(path.join(RUN), kept).unwrap();
    let stored = StoredRun::<ToySettings>::read(path).unwrap();
    assert_eq!(stored.header.state.progress.step, 6);
}

#[test]
fn a_model_file_that_promises_more_than_twice_what_it_holds_takes_no_memory() {
    let dir = tempdir().unwrap();
    begin(dir.path(), settings(2, 1)).train(&mut ()).unwrap();
    let whole = fs::read(dir.path().join(MODEL)).unwrap();
    // It has three classes of five numbers.
    for (classes, expected) in [
        ("6", "tensor w: its shape is [3, 4], expected [6, 4]"),
        (
            "7",
            "tensor (all): 15 numbers, and its description asks for 35",
        ),
        (
            "1000000000000000",
            "tensor (all): 15 numbers, and its description asks for 5000000000000000",
        ),
    ] {
        let to = format!(r#"\"classes\":{classes}"#);
        let path = dir.path().join("changed");
        fs::write(&path, replaced(&whole, r#"\"classes\":3"#, &to)).unwrap();
        let model = StoredModel::<Toy>::read(&path).unwrap();
        let message = model.network::<Spec<f32>>().unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

/// A safetensors file with another text in its metadata.
fn replaced(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let json = std::str::from_utf8(&file[8..8 + header]).unwrap();
    let changed = json.replace(from, to);
    assert_ne!(json, changed, "{from}");
    let len = (changed.len() as u64).to_le_bytes();
    [&len[..], changed.as_bytes(), &file[8 + header..]].concat()
}
