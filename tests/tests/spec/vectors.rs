//! Reads and compares the recorded vectors.

use lstm_bptt::oracle::disagreement;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Tensors by name, each flat and row-major.
pub type Tensors = BTreeMap<String, Vec<f64>>;

/// One recorded file.
pub struct Vectors {
    record: Value,
    pub tensors: Tensors,
    integers: BTreeMap<String, Vec<i64>>,
}

impl Vectors {
    pub fn load(name: &str) -> Self {
        let bytes = std::fs::read(
            directory().join(format!("{}.safetensors", name.trim_start_matches('/'))),
        )
        .unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let record = &header.metadata().as_ref().unwrap()["record"];
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let of = |dtype| {
            tensors
                .iter()
                .filter(move |(_, view)| view.dtype() == dtype)
        };
        Self {
            record: serde_json::from_str(record).unwrap(),
            tensors: of(Dtype::F64)
                .map(|(name, view)| (name.to_owned(), numbers(view.data(), f64::from_le_bytes)))
                .collect(),
            integers: of(Dtype::I64)
                .map(|(name, view)| (name.to_owned(), numbers(view.data(), i64::from_le_bytes)))
                .collect(),
        }
    }

    /// A size from the record.
    pub fn size(&self, key: &str) -> usize {
        let size = self.record[key].as_u64();
        size.unwrap_or_else(|| panic!("the record has no {key}")) as usize
    }

    pub fn get(&self, name: &str) -> &[f64] {
        let tensor = self.tensors.get(name);
        tensor.unwrap_or_else(|| panic!("there is no tensor {name}"))
    }

    /// A number from the record.
    pub fn number(&self, key: &str) -> f64 {
        let number = self.record[key].as_f64();
        number.unwrap_or_else(|| panic!("the record has no {key}"))
    }

    pub fn integers(&self, name: &str) -> &[i64] {
        let tensor = self.integers.get(name);
        tensor.unwrap_or_else(|| panic!("there is no tensor {name}"))
    }

    /// The results: tensors that are computed from the others.
    pub fn results(&self) -> Tensors {
        let computed =
            |name: &str| ["y", "hn", "cn", "loss"].contains(&name) || name.starts_with("grad.");
        let all = self.tensors.clone().into_iter();
        all.filter(|(name, _)| computed(name)).collect()
    }
}

fn directory() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "vectors"].iter().collect()
}

fn numbers<T>(bytes: &[u8], read: fn([u8; 8]) -> T) -> Vec<T> {
    let (chunks, rest) = bytes.as_chunks();
    assert!(rest.is_empty());
    chunks.iter().map(|&eight| read(eight)).collect()
}

/// Whether the two hold the same tensors, each within `tolerance` of its largest element.
pub fn assert_agree(found: &Tensors, expected: &Tensors, tolerance: f64) {
    let names = |tensors: &Tensors| tensors.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected));
    for (name, expected) in expected {
        let worst = disagreement(&found[name], expected);
        assert!(
            worst.relative <= tolerance,
            "{name}[{}]: found {}, expected {}, relative to the tensor's largest {:.1e}",
            worst.index,
            worst.analytic,
            worst.oracle,
            worst.relative
        );
    }
}

#[test]
fn the_vectors_were_made_by_the_script_as_it_stands() {
    let expected = ["one_layer", "training", "two_layers"];
    assert_made_by("make_torch_vectors.py", "", &expected);
}

/// Whether the recorded files in a folder are these, made by a script as it stands.
pub fn assert_made_by(script_name: &str, folder: &str, expected: &[&str]) {
    let script = std::fs::read(directory().join(script_name)).unwrap();
    let readme = std::fs::read_to_string(directory().join("README.md")).unwrap();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "safetensors") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let record = Vectors::load(&format!("{folder}/{name}")).record;
            assert_eq!(
                record["script_crc32"],
                crc32fast::hash(&script),
                "{name}.safetensors is stale: run {script_name} again"
            );
            // 2.15.0+cu132 and 2.15.0+cpu are one version.
            let torch = record["torch"].as_str().unwrap().split('+').next().unwrap();
            assert!(
                readme.contains(&format!("torch {torch}")),
                "{name}.safetensors was made with torch {torch}, README.md says otherwise"
            );
            assert!(
                String::from_utf8_lossy(&script).contains(&format!("SEED = {}\n", record["seed"])),
                "{name}.safetensors was made with seed {}, the script has another",
                record["seed"]
            );
            found.push(name);
        }
    }
    found.sort();
    assert_eq!(found, expected);
}
