//! Single files: nothing of anybody else is replaced, and nothing too large is read.

use crate::toy::{Toy, ToySettings};
use lstm_model::{Head, Spec};
use lstm_train::{
    METRICS, MODEL, RunDir, StoredModel, TrainError, create_file, replace_file,
    replace_marked_file, write_model,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;
use tempfile::tempdir;

fn files_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn only_a_file_with_the_mark_is_replaced() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("report.html");
    let write = |text: &str| replace_marked_file(&path, "<!-- ours -->", text.as_bytes());
    let content = || fs::read_to_string(&path).unwrap();
    write("<!-- ours --> 1").unwrap();
    write("<!-- ours --> 2").unwrap();
    assert_eq!(content(), "<!-- ours --> 2");
    for other in ["", "<!-- our", "mine", "x<!-- ours -->"] {
        fs::write(&path, other).unwrap();
        let error = write("<!-- ours --> 3").unwrap_err();
        assert!(
            matches!(error, TrainError::Exists { .. }),
            "{other:?}: {error}"
        );
        assert_eq!(content(), other);
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(write("<!-- ours --> 4").is_err());
}

#[test]
#[cfg(unix)]
fn nothing_is_written_through_a_symbolic_link() {
    use std::os::unix::fs::symlink;
    let (dir, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let precious = elsewhere.path().join("precious");
    fs::write(&precious, "mine").unwrap();
    let link = dir.path().join(METRICS);
    symlink(&precious, &link).unwrap();
    assert!(matches!(
        replace_file(&link, b"ours").unwrap_err(),
        TrainError::NotAFile { .. }
    ));
    assert!(matches!(
        create_file(&link, b"ours").unwrap_err(),
        TrainError::Exists { .. }
    ));
    let refused = RunDir::create::<ToySettings>(dir.path()).unwrap_err();
    assert!(matches!(refused, TrainError::Exists { .. }), "{refused}");
    assert_eq!(fs::read(&precious).unwrap(), b"mine");
    assert_eq!(files_in(dir.path()), [link]);
}

#[test]
fn a_new_file_replaces_nothing_and_a_failed_one_leaves_nothing() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("new");
    create_file(&path, b"first").unwrap();
    assert!(matches!(
        create_file(&path, b"second").unwrap_err(),
        TrainError::Exists { .. }
    ));
    assert_eq!(fs::read(&path).unwrap(), b"first");
    replace_file(&path, b"second").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"second");
    // A directory is in the way.
    fs::create_dir(dir.path().join(MODEL)).unwrap();
    assert!(matches!(
        replace_file(&dir.path().join(MODEL), b"third").unwrap_err(),
        TrainError::Io { .. }
    ));
    assert_eq!(files_in(dir.path()).len(), 2);
}

#[test]
fn of_several_that_create_a_file_at_once_one_does_and_the_others_are_told_that_it_exists() {
    let dir = tempdir().unwrap();
    for round in 0..10 {
        let path = dir.path().join(round.to_string());
        let start = Barrier::new(4);
        let create = |n: u8| {
            start.wait();
            create_file(&path, &[n]).map(|()| n)
        };
        let outcomes: Vec<_> = thread::scope(|scope| {
            let create = &create;
            let all: Vec<_> = (0..4).map(|n| scope.spawn(move || create(n))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let (created, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((created.len(), refused.len()), (1, 3));
        assert_eq!(
            fs::read(&path).unwrap(),
            [created[0].as_ref().unwrap()].map(|&n| n)
        );
        for error in refused {
            assert!(matches!(error, Err(TrainError::Exists { .. })), "{error:?}");
        }
    }
    assert_eq!(files_in(dir.path()).len(), 10);
}

#[test]
#[cfg(unix)]
fn a_file_has_the_permissions_that_the_user_gives_every_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempdir().unwrap();
    let (ours, usual) = (dir.path().join("ours"), dir.path().join("usual"));
    create_file(&ours, b"ours").unwrap();
    fs::write(&usual, "usual").unwrap();
    let [ours, usual] = [ours, usual].map(|path| fs::metadata(path).unwrap().permissions().mode());
    assert_eq!(ours, usual);
}

/// Linux tells how much memory there is.
#[test]
#[cfg(target_os = "linux")]
fn a_file_that_does_not_fit_into_the_memory_is_not_read() {
    let dir = tempdir().unwrap();
    let path = dir.path().join(MODEL);
    // A hole of 8 TB takes no room on the disk.
    fs::File::create(&path)
        .unwrap()
        .set_len(8_000_000_000_000)
        .unwrap();
    let message = StoredModel::<Toy>::read(&path).unwrap_err().to_string();
    assert!(message.contains(": it has 8000.0 GB, and "), "{message}");
    assert!(message.contains(" GB of memory are available"), "{message}");
}

#[test]
fn a_written_model_is_read_again() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("written");
    let description = Toy { classes: 3 };
    let mut network = Head::<f32>::zeros(3, 4);
    network.w.fill(0.5);
    network.b[2] = -1.5;
    write_model(&path, &description, &network).unwrap();
    let (read, found) = StoredModel::<Toy>::read(&path)
        .unwrap()
        .network::<Spec<f32>>()
        .unwrap();
    assert_eq!((read, found), (description, network));
}
