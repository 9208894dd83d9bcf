//! A `.keras` file: a zip archive with a model's configuration and its weights.
//!
//! Only these two entries are read, into memory. Suspicious archives are refused: too many entries,
//! paths that leave the archive, links, entries that expand too much.

use super::hdf5::not_keras;
use crate::ExchangeError;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.weights.h5";

/// Keras writes three entries, plus one for each file in `assets`.
const MOST_ENTRIES: usize = 1000;
/// The configuration of a layer takes about a thousand bytes.
pub(super) const LONGEST_CONFIG: u64 = 4 << 20;
/// Keras does not compress, and trained weights hardly shrink when someone else does.
const LARGEST_RATIO: u64 = 20;
const SMALL: u64 = 1 << 20;

/// The two entries of an archive that are read.
pub(super) struct Archive {
    /// `config.json`
    pub config: String,
    /// `model.weights.h5`
    pub weights: Vec<u8>,
}

/// # Errors
/// If the archive lacks one of the two entries, is damaged, encrypted or ambiguous, has an entry whose
/// name leads out of the archive, or one that expands too much.
pub(super) fn read(bytes: &[u8]) -> Result<Archive, ExchangeError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| bad_zip(&e))?;
    if zip.len() > MOST_ENTRIES {
        let why = format!(
            "the archive has {} entries, more than {MOST_ENTRIES}",
            zip.len()
        );
        return Err(not_keras(why));
    }
    zip.validate_header_consistency().map_err(|e| bad_zip(&e))?;
    expect_harmless_names(&mut zip)?;
    expect_entries(&zip)?;
    let config = entry(&mut zip, CONFIG, LONGEST_CONFIG)?;
    Ok(Archive {
        config: String::from_utf8(config)
            .map_err(|e| not_keras(format!("{CONFIG} in the archive: {e}")))?,
        weights: entry(&mut zip, WEIGHTS, u64::MAX)?,
    })
}

/// Refuses absolute paths, `..` and links. Nothing is unpacked here, so they would do no harm, but Keras
/// never writes them.
fn expect_harmless_names(zip: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), ExchangeError> {
    for n in 0..zip.len() {
        let entry = zip.by_index_raw(n).map_err(|e| bad_zip(&e))?;
        let name = entry.name().map_err(|e| bad_zip(&e))?;
        let is_plain = |part: &str| part != ".." && !part.contains(['\\', ':', '\0']);
        if name.starts_with('/') || !name.split('/').all(is_plain) || entry.is_symlink() {
            return Err(not_keras(format!(
                "the entry {name:?} of the archive leads out of it; do not trust this file"
            )));
        }
    }
    Ok(())
}

fn expect_entries(zip: &ZipArchive<Cursor<&[u8]>>) -> Result<(), ExchangeError> {
    let names: Vec<String> = zip
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .collect();
    let has = |name: &str| names.iter().any(|found| found == name);
    let why = if has(CONFIG) && has(WEIGHTS) {
        return Ok(());
    } else if has(CONFIG) && has("model.weights.npz") {
        "its weights are in NumPy's format (model.weights.npz), which is not read; save it with \
         model.save(\"model.keras\")"
            .into()
    } else {
        let first: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
        format!(
            "a zip archive without {CONFIG} and {WEIGHTS}, which a .keras file has; it has {}",
            first.join(", ")
        )
    };
    Err(not_keras(why))
}

/// The bytes of an entry: at most `most`, and no more than its compressed size makes plausible.
fn entry(
    zip: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    most: u64,
) -> Result<Vec<u8>, ExchangeError> {
    let entry = zip.by_name(name).map_err(|e| match e {
        ZipError::UnsupportedArchive(why) if why == ZipError::PASSWORD_REQUIRED => {
            not_keras(format!("{name} in the archive is encrypted"))
        }
        e => not_keras(format!("{name} in the archive: {e}")),
    })?;
    let (size, stored) = (entry.size(), entry.compressed_size());
    let limit = most.min(stored.saturating_mul(LARGEST_RATIO).max(SMALL));
    if size > limit {
        return Err(not_keras(format!(
            "{name} in the archive has {size} bytes, {stored} when compressed; more than {limit} are \
             not read"
        )));
    }
    let mut bytes = Vec::new();
    let read = entry.take(size + 1).read_to_end(&mut bytes);
    read.map_err(|e| not_keras(format!("{name} in the archive: {e}")))?;
    if bytes.len() as u64 != size {
        let why = format!("{name} in the archive is not as long as it says");
        return Err(not_keras(why));
    }
    Ok(bytes)
}

fn bad_zip(error: &ZipError) -> ExchangeError {
    not_keras(format!("a damaged or ambiguous zip archive: {error}"))
}
