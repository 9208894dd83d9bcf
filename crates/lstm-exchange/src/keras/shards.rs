//! Sharded weights: a JSON index and, beside it, files that each hold some of the arrays.

use super::hdf5::{Hdf5, not_keras};
use super::vars::{self, Stored};
use crate::ExchangeError;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The index that `save_weights("x.weights.json", max_shard_size=…)` writes.
#[derive(Deserialize)]
struct Index {
    metadata: Option<Metadata>,
    /// The file, or the list of files, that has the arrays of a group such as `/layers/lstm/cell/vars`.
    weight_map: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Metadata {
    /// The bytes of all arrays.
    total_size: Option<f64>,
}

const LONGEST_INDEX: usize = 4 << 20;
const MOST_SHARDS: usize = 1000;

/// Whether the bytes are JSON, as an index is.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}

/// The index that belongs to a shard with this name, such as `model.weights.json` for
/// `model_00001.weights.h5`; `None` if the name is not that of a shard.
pub(super) fn index_of(shard: &Path) -> Option<PathBuf> {
    let name = shard.file_name()?.to_str()?.strip_suffix(".weights.h5")?;
    let (base, number) = name.rsplit_once('_')?;
    let is_number = number.len() == 5 && number.bytes().all(|b| b.is_ascii_digit());
    let index = shard.with_file_name(format!("{base}.weights.json"));
    (is_number && index.is_file()).then_some(index)
}

/// The layers in the shards of the index at `path`.
///
/// # Errors
/// If the file is not an index, names files outside its directory, or does not match its shards.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Stored, ExchangeError> {
    if bytes.len() > LONGEST_INDEX {
        let why = format!(
            "an index of {} bytes, more than {LONGEST_INDEX}",
            bytes.len()
        );
        return Err(not_keras(why));
    }
    let index: Index = serde_json::from_slice(bytes)
        .map_err(|e| not_keras(format!("JSON that is no index of sharded weights: {e}")))?;
    let shards = shards(&index.weight_map)?;
    let mut all = Stored::new();
    let mut bytes_read = 0;
    for (shard, groups) in &shards {
        let content = fs::read(beside(path, shard)?).map_err(|source| ExchangeError::Io {
            path: path.with_file_name(shard),
            source,
        })?;
        let mut file = Hdf5::open(content)?;
        for (group, found) in vars::read(&mut file)? {
            if !found.arrays.is_empty() && !groups.contains(group.as_str()) {
                let why = format!("{shard} has arrays of {group} that the index does not list");
                return Err(not_keras(why));
            }
            let vars = all.entry(group.clone()).or_default();
            vars.name = vars.name.take().or(found.name);
            for (n, array) in found.arrays {
                if vars.arrays.insert(n, array).is_some() {
                    let why = format!("two shards have the array {group}/vars/{n}");
                    return Err(not_keras(why));
                }
            }
        }
        bytes_read += file.bytes_read;
    }
    expect_complete(&index, bytes_read)?;
    Ok(all)
}

/// The groups that each shard has.
fn shards(map: &BTreeMap<String, Value>) -> Result<BTreeMap<&str, BTreeSet<&str>>, ExchangeError> {
    let mut shards = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (group, files) in map {
        let files = match files {
            Value::Array(files) => files.as_slice(),
            file => std::slice::from_ref(file),
        };
        let group = group.trim_start_matches('/');
        let group = group
            .strip_suffix("vars")
            .unwrap_or(group)
            .trim_end_matches('/');
        for file in files {
            let Some(file) = file.as_str() else {
                return Err(not_keras(format!(
                    "the index gives {group} the file {file}"
                )));
            };
            shards.entry(file).or_default().insert(group);
        }
    }
    if shards.len() > MOST_SHARDS {
        let why = format!(
            "an index of {} files, more than {MOST_SHARDS}",
            shards.len()
        );
        return Err(not_keras(why));
    }
    Ok(shards)
}

/// A shard's path. It must lie in the index's own directory; links that leave it are refused.
fn beside(index: &Path, shard: &str) -> Result<PathBuf, ExchangeError> {
    let is_plain = !shard.is_empty() && shard != ".." && !shard.contains(['/', '\\', ':', '\0']);
    let path = index.with_file_name(shard);
    let directory = match index.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let real = |path: &Path| {
        fs::canonicalize(path).map_err(|source| ExchangeError::Io {
            path: path.to_owned(),
            source,
        })
    };
    if is_plain {
        let real_path = real(&path)?;
        if real_path.is_file() && real_path.starts_with(real(directory)?) {
            return Ok(real_path);
        }
    }
    Err(not_keras(format!(
        "the index names the file {shard:?}, which is not a file beside it; do not trust this index"
    )))
}

/// Refuses incomplete shards. If an array is larger than a shard may be, Keras fails after it has
/// written the index.
fn expect_complete(index: &Index, bytes_read: u64) -> Result<(), ExchangeError> {
    let is_skipped =
        |group: &String| group.contains("optimizer/") || group.contains("/seed_generator");
    let total = index
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.total_size);
    match total {
        Some(total) if total != bytes_read as f64 && !index.weight_map.keys().any(is_skipped) => {
            Err(not_keras(format!(
                "the index counts {total} bytes of weights, and the files that it lists have {bytes_read}: \
                 Keras did not finish writing them; save the model again, with a larger max_shard_size \
                 or as model.keras"
            )))
        }
        _ => Ok(()),
    }
}
