//! Whole runs: resumed at every step, branched, stopped early, and the files in their directory.

use crate::toy::{SETTINGS, TOO_FEW, Toy, ToyRun, ToySettings, begin, bits, resume, settings};
use lstm_train::{
    BEST, Fingerprint, Keep, METRICS, MODEL, Observer, Outcome, RUN, RunDir, StepReport,
    StoredModel, StoredRun, Task, TrainError, Trainer,
};
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use tempfile::tempdir;

const LOCK: &str = "run.lock";

/// Interrupts a session after this number of steps.
struct StopAfter(u64);

impl<T: Task> Observer<T> for StopAfter {
    fn on_step(&mut self, _: &Trainer<T>, _: &StepReport) -> ControlFlow<()> {
        self.0 -= 1;
        if self.0 == 0 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The metrics without the times.
fn curve(dir: &Path) -> Vec<(u64, f64, Option<f64>)> {
    let evaluations = lstm_train::read_metrics(dir).unwrap();
    let lines = fs::read_to_string(dir.join(METRICS)).unwrap();
    assert_eq!(evaluations.len(), lines.lines().count());
    evaluations
        .iter()
        .map(|e| (e.step, e.train_loss, e.val_loss))
        .collect()
}

#[test]
fn a_run_resumed_at_any_step_is_the_uninterrupted_run_to_the_bit() {
    const STEPS: u64 = 8;
    for threads in [1, 2, 3] {
        let whole = tempdir().unwrap();
        let mut run = begin(whole.path(), settings(STEPS, threads));
        assert_eq!(run.train(&mut ()).unwrap(), Outcome::Finished);
        for stop in 1..STEPS {
            let dir = tempdir().unwrap();
            let mut first = begin(dir.path(), settings(STEPS, threads));
            let outcome = first.train(&mut StopAfter(stop)).unwrap();
            assert_eq!(outcome, Outcome::Interrupted);
            drop(first);
            let mut second = resume(dir.path(), STEPS);
            assert_eq!(second.trainer().progress().step, stop);
            assert_eq!(second.train(&mut ()).unwrap(), Outcome::Finished);
            assert_eq!(bits(&second), bits(&run), "{threads} threads, step {stop}");
            assert_eq!(curve(dir.path()), curve(whole.path()));
            for name in [MODEL, BEST] {
                let read = |dir: &Path| fs::read(dir.join(name)).unwrap();
                assert_eq!(read(dir.path()), read(whole.path()), "{name}");
            }
        }
    }
}

#[test]
fn a_run_leaves_its_own_files_and_no_other() {
    let dir = tempdir().unwrap();
    let foreign = [
        "weights-best.safetensors",
        "model.safetensors.bak",
        "notes.txt",
    ];
    for name in foreign {
        fs::write(dir.path().join(name), name).unwrap();
    }
    begin(dir.path(), settings(6, 1)).train(&mut ()).unwrap();
    resume(dir.path(), 10).train(&mut ()).unwrap();
    for name in foreign {
        assert_eq!(fs::read(dir.path().join(name)).unwrap(), name.as_bytes());
    }
    let mut expected: Vec<&str> = foreign.to_vec();
    expected.extend([MODEL, BEST, RUN, METRICS, LOCK]);
    expected.sort_unstable();
    assert_eq!(names(dir.path()), expected);
}

#[test]
fn a_new_run_replaces_neither_a_run_nor_a_file_of_anybody_else() {
    let dir = tempdir().unwrap();
    begin(dir.path(), settings(3, 1)).train(&mut ()).unwrap();
    let refused = |dir: &Path| RunDir::create::<ToySettings>(dir).unwrap_err();
    assert!(matches!(
        refused(dir.path()),
        TrainError::RunExists { step: 3, .. }
    ));
    for name in [MODEL, BEST, METRICS, "loss.svg"] {
        let dir = tempdir().unwrap();
        fs::write(dir.path().join(name), "mine").unwrap();
        let error = refused(dir.path()).to_string();
        assert!(error.contains(name), "{error}");
        assert_eq!(fs::read(dir.path().join(name)).unwrap(), b"mine");
    }
}

#[test]
fn the_best_model_is_the_one_with_the_lowest_validation_loss() {
    let dir = tempdir().unwrap();
    let mut settings = settings(400, 1);
    // The rate is so large that the loss soon rises.
    settings.descent.learning_rate = 2.0;
    settings.plan.eval_every = 1;
    settings.plan.patience = Some(3);
    let mut run = begin(dir.path(), settings);
    run.train(&mut ()).unwrap();
    let lowest = curve(dir.path())
        .into_iter()
        .min_by(|a, b| a.2.partial_cmp(&b.2).unwrap())
        .unwrap();
    let best = run.trainer().progress().best.unwrap();
    assert_eq!(best.step + 3, run.trainer().progress().step);
    assert_eq!((best.step, Some(best.val_loss)), (lowest.0, lowest.2));
    let model = StoredModel::<Toy>::read(&dir.path().join(BEST)).unwrap();
    let (_, network) = model.network::<lstm_model::Spec<f32>>().unwrap();
    let task = &run.trainer().task;
    let found = task.validate(&network, run.trainer().workers());
    assert_eq!(found, Some(best.val_loss));
}

#[test]
fn with_nothing_held_out_the_last_model_is_the_one_to_keep() {
    for keep in [Keep::Both, Keep::Best, Keep::Last] {
        let dir = tempdir().unwrap();
        let mut settings = settings(6, 1);
        settings.keep = keep;
        settings.settings.examples = TOO_FEW;
        begin(dir.path(), settings).train(&mut ()).unwrap();
        assert_eq!(names(dir.path()), [METRICS, MODEL, LOCK, RUN], "{keep:?}");
        assert!(
            curve(dir.path())
                .iter()
                .all(|&(_, _, val_loss)| val_loss.is_none())
        );
    }
}

#[test]
fn keep_says_which_models_are_left() {
    for (keep, expected) in [
        (Keep::Both, vec![BEST, METRICS, MODEL, LOCK, RUN]),
        (Keep::Last, vec![METRICS, MODEL, LOCK, RUN]),
        (Keep::Best, vec![BEST, METRICS, LOCK]),
    ] {
        let dir = tempdir().unwrap();
        let mut settings = settings(6, 1);
        settings.keep = keep;
        let interrupted = begin(dir.path(), settings.clone()).train(&mut StopAfter(4));
        assert_eq!(interrupted.unwrap(), Outcome::Interrupted);
        let mut all = vec![METRICS, MODEL, LOCK, RUN];
        if keep != Keep::Last {
            all.insert(0, BEST);
        }
        assert_eq!(names(dir.path()), all, "{keep:?}, interrupted");
        resume(dir.path(), 6).train(&mut ()).unwrap();
        assert_eq!(names(dir.path()), expected, "{keep:?}");
    }
}

#[test]
fn a_run_without_patience_goes_on_and_one_with_it_stops_when_the_loss_stalls() {
    let patient = tempdir().unwrap();
    let mut all = settings(400, 1);
    // The rate is so large that the loss soon rises.
    all.descent.learning_rate = 2.0;
    all.plan.eval_every = 1;
    let mut run = begin(patient.path(), all.clone());
    assert_eq!(run.train(&mut ()).unwrap(), Outcome::Finished);

    let dir = tempdir().unwrap();
    all.plan.patience = Some(3);
    let mut run = begin(dir.path(), all);
    assert_eq!(run.train(&mut ()).unwrap(), Outcome::OutOfPatience);
    let progress = *run.trainer().progress();
    assert_eq!(progress.step, progress.best.unwrap().step + 3);
    drop(run);
    // Resumed with the same patience, it does no further step.
    let mut again = resume(dir.path(), 400);
    assert_eq!(again.train(&mut ()).unwrap(), Outcome::OutOfPatience);
    assert_eq!(again.trainer().progress().step, progress.step);
}

#[test]
fn a_branch_begins_with_the_metrics_and_the_best_model_and_leaves_its_origin_alone() {
    let (from, to) = (tempdir().unwrap(), tempdir().unwrap());
    begin(from.path(), settings(6, 1)).train(&mut ()).unwrap();
    let before = names(from.path());
    let to = to.path().join("new");
    let mut stored = StoredRun::<ToySettings>::read(from.path()).unwrap();
    stored.header.plan.steps = Some(12);
    let dir = RunDir::branch::<ToySettings>(from.path(), &to).unwrap();
    let mut run: ToyRun = lstm_train::Run::resume(dir, stored, &(), "word").unwrap();
    run.train(&mut ()).unwrap();
    let whole = tempdir().unwrap();
    let mut uninterrupted = begin(whole.path(), settings(12, 1));
    uninterrupted.train(&mut ()).unwrap();
    assert_eq!(bits(&run), bits(&uninterrupted));
    assert_eq!(curve(&to), curve(whole.path()));
    assert_eq!(names(from.path()), before);
    assert_eq!(curve(from.path()).last().unwrap().0, 6);
    assert_eq!(SETTINGS, run.header().settings);
}

#[test]
fn a_run_that_diverges_stops_at_the_step_that_is_not_finite() {
    for (eval_every, step, what) in [(2, 2, "the loss"), (1, 1, "a weight")] {
        let dir = tempdir().unwrap();
        let mut settings = settings(6, 1);
        settings.descent.learning_rate = 1e39;
        settings.plan.eval_every = eval_every;
        let error = begin(dir.path(), settings).train(&mut ()).unwrap_err();
        let message = error.to_string();
        let expected = format!(
            "{what} is not finite at step {step} (learning rate 1000000000000000000000000000000000000000): "
        );
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn the_history_of_a_run_begins_with_the_loss_of_its_first_weights() {
    let dir = tempdir().unwrap();
    let mut run = begin(dir.path(), settings(6, 1));
    run.train(&mut ()).unwrap();
    let history: Vec<_> = run.trainer().history().losses().collect();
    let steps: Vec<u64> = history.iter().map(|&(step, _)| step).collect();
    assert_eq!(steps, [0, 1, 2, 3, 4, 5]);
    // All rows of W are the same, so all three classes are equally probable.
    assert!((history[0].1 - 3.0_f64.ln()).abs() < 1e-6, "{history:?}");
}

#[test]
fn a_run_below_a_file_is_refused_when_its_directory_is_made_and_a_strange_path_at_once() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "mine").unwrap();
    let below = file.join("run");
    assert!(RunDir::create::<ToySettings>(&below).is_ok());
    let error = begin(&below, settings(2, 1)).train(&mut ()).unwrap_err();
    assert!(matches!(error, TrainError::Io { .. }), "{error}");
    let long = dir.path().join("x".repeat(300));
    let error = RunDir::create::<ToySettings>(&long).map(drop).unwrap_err();
    assert!(matches!(error, TrainError::Io { .. }), "{error}");
}

#[test]
fn data_is_known_by_its_text_and_not_by_where_it_came_from() {
    let data = Fingerprint::new("a file", "text");
    assert!(
        data.expect_same(&Fingerprint::new("another file", "text"))
            .is_ok()
    );
    // Another text of the same length, and one of another length.
    for (text, characters) in [("tent", 4), ("texts", 5)] {
        let other = Fingerprint::new("a file", text);
        match data.expect_same(&other).unwrap_err() {
            TrainError::OtherData {
                found,
                found_crc,
                expected,
                expected_crc,
            } => {
                assert_eq!((found, found_crc), (characters, other.crc32));
                assert_eq!((expected, expected_crc), (4, data.crc32));
            }
            error => panic!("{error}"),
        }
    }
}
