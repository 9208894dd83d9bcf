//! Sharded weights: an index and the files that it lists.

use super::made::{Group, model, vocabulary, weights, weights_file};
use lstm_exchange::keras::{from_keras, load_keras};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The shards of a model of one layer, and their index.
fn shards(dir: &Path) -> Value {
    let model = model(3, 5, 1);
    let weights = weights(&model);
    let (mut first, mut second) = (Group::default(), Group::default());
    first.vars("", "sequential", &vec![]);
    first.vars("layers/embedding", "embedding", &weights["embedding"]);
    first.vars(
        "layers/lstm/cell",
        "lstm_cell",
        &weights["lstm"][..1].to_vec(),
    );
    second.array("layers/lstm/cell/vars/1", &weights["lstm"][1]);
    second.array("layers/lstm/cell/vars/2", &weights["lstm"][2]);
    second.vars("layers/dense", "dense", &weights["dense"]);
    fs::write(dir.join("m_00000.weights.h5"), first.bytes()).unwrap();
    fs::write(dir.join("m_00001.weights.h5"), second.bytes()).unwrap();
    let numbers: usize = weights.values().flatten().map(|(_, data)| data.len()).sum();
    json!({
        "metadata": {"total_size": 4.0 * numbers as f64},
        "weight_map": {
            "/layers/embedding/vars": "m_00000.weights.h5",
            "/layers/lstm/cell/vars": ["m_00000.weights.h5", "m_00001.weights.h5"],
            "/layers/dense/vars": "m_00001.weights.h5",
        },
    })
}

fn refused(dir: &Path, index: &Value) -> String {
    let path = dir.join("m.weights.json");
    fs::write(&path, index.to_string()).unwrap();
    load_keras(&path, Some(vocabulary()))
        .unwrap_err()
        .to_string()
}

#[test]
fn shards_are_read_together() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("m.weights.json");
    fs::write(&path, shards(dir.path()).to_string()).unwrap();
    let found = load_keras(&path, Some(vocabulary())).unwrap();
    assert_eq!(found.network, model(3, 5, 1).network);
    // One of them is not a model of its own, even if its arrays look like one.
    let said = load_keras(&dir.path().join("m_00001.weights.h5"), Some(vocabulary()));
    let said = said.unwrap_err().to_string();
    assert!(
        said.contains("one of several shards") && said.contains("m.weights.json"),
        "{said}"
    );
    let said = from_keras(&fs::read(&path).unwrap(), None)
        .unwrap_err()
        .to_string();
    assert!(said.contains("index of sharded weights"), "{said}");
}

#[test]
fn an_index_that_was_not_finished_is_refused() {
    let dir = TempDir::new().unwrap();
    let mut index = shards(dir.path());
    let map = index["weight_map"].as_object_mut().unwrap();
    map.retain(|group, _| group.contains("embedding"));
    fs::write(dir.path().join("m_00000.weights.h5"), {
        let mut file = Group::default();
        file.vars(
            "layers/embedding",
            "embedding",
            &weights(&model(3, 5, 1))["embedding"],
        );
        file.bytes()
    })
    .unwrap();
    let said = refused(dir.path(), &index);
    assert!(
        said.contains("bytes of weights") && said.contains("max_shard_size"),
        "{said}"
    );
}

#[test]
fn an_index_that_disagrees_with_its_shards_is_refused() {
    let dir = TempDir::new().unwrap();
    let index = shards(dir.path());
    let mut changed = index.clone();
    changed["weight_map"]["/layers/lstm/cell/vars"] = json!("m_00000.weights.h5");
    let said = refused(dir.path(), &changed);
    assert!(
        said.contains("m_00001.weights.h5 has arrays of layers/lstm/cell"),
        "{said}"
    );
    let twice = weights_file(&model(3, 5, 1), "sequential", &["layers/lstm"]);
    fs::write(dir.path().join("m_00001.weights.h5"), twice.bytes()).unwrap();
    let mut both = index.clone();
    for group in ["/layers/embedding/vars", "/layers/dense/vars"] {
        both["weight_map"][group] = index["weight_map"]["/layers/lstm/cell/vars"].clone();
    }
    let said = refused(dir.path(), &both);
    assert!(said.contains("two shards have the array"), "{said}");
}

#[test]
fn an_index_reaches_no_file_elsewhere() {
    let dir = TempDir::new().unwrap();
    let inner = dir.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let index = shards(dir.path());
    let outside = dir.path().join("m_00000.weights.h5");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, inner.join("link.weights.h5")).unwrap();
    let mut names = vec![
        "../m_00000.weights.h5",
        "..",
        "",
        "a\\b",
        "/etc/passwd",
        "C:x",
    ];
    if cfg!(unix) {
        names.push("link.weights.h5");
    }
    let absolute = outside.display().to_string();
    names.push(&absolute);
    for name in names {
        let mut hostile = index.clone();
        hostile["weight_map"]["/layers/embedding/vars"] = json!(name);
        let map = hostile["weight_map"].as_object_mut().unwrap();
        map.retain(|group, _| group.contains("embedding"));
        let said = refused(&inner, &hostile);
        assert!(said.contains("not a file beside it"), "{name}: {said}");
    }
    let mut missing = index;
    missing["weight_map"] = json!({"/layers/lstm/cell/vars": "gone.weights.h5"});
    assert!(refused(&inner, &missing).contains("gone.weights.h5"));
    assert!(refused(&inner, &json!({"weight_map": {"/vars": 3}})).contains("the file 3"));
    assert!(refused(&inner, &json!({"layers": []})).contains("no index"));
}
