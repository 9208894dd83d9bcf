//! Keras files: `.keras`, `.weights.h5`, their predecessors in HDF5, and sharded weights.
//!
//! | file | what it holds in addition to the weights |
//! |---|---|
//! | `.keras`: `model.save("model.keras")` | the layers, their order and all their properties |
//! | `.h5`: `model.save("model.h5")` | the same |
//! | `.weights.h5`: `model.save_weights` | the classes of a Sequential or functional model's layers, but neither their properties nor how they are connected |
//! | `.weights.json` and its shards | as `.weights.h5` |
//! | `.h5` of `save_weights` before Keras 3 | as `.weights.h5` |
//!
//! If the file has a configuration, the importer refuses properties that this project's models do not
//! have: other activations, `go_backwards`, `mask_zero`, branches, shared layers. If it has none, the
//! importer assumes Keras' defaults, `return_sequences=True`, and a plain stack of layers. It still
//! refuses layers without weights that could change the result, and LSTMs whose order is not certain: a
//! Sequential model numbers its layers, and in other models the shapes must allow only one order.
//!
//! [`to_keras`] writes a `.weights.h5`:
//!
//! | array | shape | layer |
//! |---|---|---|
//! | `layers/embedding/vars/0` | (V, D) | `Embedding(V, D)`; left out if the input is one-hot |
//! | `layers/lstm/cell/vars/0`, `lstm_1` … | (D, 4H), then (H, 4H) | `LSTM(H, return_sequences=True)`: columns i f c o |
//! | `layers/lstm/cell/vars/1` … | (H, 4H) | |
//! | `layers/lstm/cell/vars/2` … | (4H) | the bias |
//! | `layers/dense/vars/0`, `1` | (H, V), (V) | `Dense(V)` |
//!
//! ```python
//! model = keras.Sequential([keras.Input((None,), dtype="int32"), keras.layers.Embedding(V, D),
//!     *[keras.layers.LSTM(H, return_sequences=True) for _ in range(layers)], keras.layers.Dense(V)])
//! model.load_weights("model.weights.h5")
//! ```
//!
//! The array `lstm` in the root group says which characters the ids stand for. It holds the bytes of a
//! JSON object with `vocabulary` (one string, its characters in the order of their ids) and
//! `normalization`. Keras ignores it and does not write it, so a file saved by Keras has none.

mod archive;
mod assemble;
mod bare;
mod config;
mod hdf5;
mod legacy;
mod order;
mod shards;
mod vars;
mod write;

use crate::about::{About, ENTRY};
use crate::foreign::expect_characters;
use crate::parts::{Parts, head, stacked, table};
use crate::{CharModel, ExchangeError, Layout};
use hdf5::{Hdf5, damaged, not_keras, strings};
use lstm_model::Layer;
use lstm_text::Vocabulary;
use std::fs;
use std::path::Path;

// Remedies for a refused layer.
const CHAIN: &str = "only an embedding, LSTMs and one dense layer on top of each other, with layers that do \
     nothing outside training between them, can be imported";
const SAVE_WHOLE: &str =
    "save the whole model with model.save(\"model.keras\"): a .keras file says it";
const UNIDIRECTIONAL: &str = "train one with LSTM layers that are not bidirectional";

/// The whole model as a `.weights.h5` file for Keras' `load_weights`.
///
/// # Errors
/// If there is not one character for each id, or if the file cannot be encoded.
pub fn to_keras(model: &CharModel) -> Result<Vec<u8>, ExchangeError> {
    let network = &model.network;
    expect_characters(&model.vocabulary, network.config().vocab_size)?;
    let mut layers = Vec::new();
    if let Some(table) = table(&network.embedding) {
        layers.push(("embedding/vars".to_owned(), vec![table]));
    }
    for (l, layer) in network.stack.layers.iter().enumerate() {
        let name = match l {
            0 => "lstm/cell/vars".to_owned(),
            l => format!("lstm_{l}/cell/vars"),
        };
        layers.push((name, stacked(&layer.to_params(), Layout::KERAS).to_vec()));
    }
    layers.push((
        "dense/vars".to_owned(),
        head(&network.head, Layout::KERAS).to_vec(),
    ));
    write::write(&layers, &About::of(model).to_json())
}

/// Imports the model in a file: any file that [`from_keras`] reads, or the index of sharded weights.
///
/// # Errors
/// As [`from_keras`], and if a file cannot be read, or if an index does not match its shards.
pub fn load_keras(path: &Path, vocabulary: Option<Vocabulary>) -> Result<CharModel, ExchangeError> {
    if path.is_dir() {
        return Err(not_keras(
            "a directory, as TensorFlow's SavedModel is; save it with model.save(\"model.keras\")"
                .into(),
        ));
    }
    if let Some(index) = shards::index_of(path) {
        let index = index.display();
        return Err(not_keras(format!(
            "one of several shards; import {index}, which lists them all"
        )));
    }
    let bytes = fs::read(path).map_err(|source| ExchangeError::Io {
        path: path.to_owned(),
        source,
    })?;
    if !shards::is_json(&bytes) {
        return from_keras(&bytes, vocabulary);
    }
    let parts = bare::parts(shards::read(path, &bytes)?, false)?;
    let (vocabulary, normalization) = About::parse(None, vocabulary)?;
    parts.model(vocabulary, normalization)
}

/// Imports a model that [`to_keras`] or Keras saved: an `Embedding` (or one-hot input), LSTMs and a
/// `Dense`. The kind of file is recognised by its content.
///
/// `vocabulary` lists the characters in the order of their ids; without it they come from the file, if
/// this crate wrote it. Arrays may be F32 or F64; the model holds F32. A softmax on top is dropped,
/// because the models here compute it themselves. A top LSTM that returns only its last output is read
/// as if it returned all of them.
///
/// # Errors
/// If the file is damaged; if its model is not supported (bidirectional, a GRU, layers of several sizes,
/// another activation): the error names the reason; if the file does not give the order of its LSTMs; if
/// there is no vocabulary, or one of another size.
pub fn from_keras(
    bytes: &[u8],
    vocabulary: Option<Vocabulary>,
) -> Result<CharModel, ExchangeError> {
    let (parts, about) = if bytes.starts_with(b"PK") {
        (from_archive(bytes)?, None)
    } else if hdf5_pure::is_hdf5_bytes(bytes) {
        from_hdf5(bytes)?
    } else if shards::is_json(bytes) {
        return Err(not_keras(
            "JSON; an index of sharded weights is read where it lies, together with its shards"
                .into(),
        ));
    } else {
        return Err(not_keras(
            "neither a zip archive, as .keras files are, nor HDF5, as .h5 files are".into(),
        ));
    };
    let (vocabulary, normalization) = About::parse(about.as_deref(), vocabulary)?;
    parts.model(vocabulary, normalization)
}

fn from_archive(bytes: &[u8]) -> Result<Parts, ExchangeError> {
    let archive = archive::read(bytes)?;
    let steps = config::steps(&archive.config)?;
    let stored = vars::read(&mut Hdf5::open(archive.weights)?)?;
    assemble::parts(&steps, assemble::numbered(stored))
}

/// The arrays of an HDF5 file, and the JSON of this crate if it wrote the file.
fn from_hdf5(bytes: &[u8]) -> Result<(Parts, Option<String>), ExchangeError> {
    let mut file = Hdf5::open(bytes.to_vec())?;
    let root = file.root();
    if let Some(config) = strings(&root, "model_config")? {
        let steps = config::steps(&config.concat())?;
        let layers = root.group("model_weights").map_err(|e| damaged(&e))?;
        let groups = legacy::read(&mut file, &layers, "model_weights/")?;
        let parts = assemble::parts(&steps, assemble::Arrays::Named(groups))?;
        return Ok((parts, None));
    }
    if strings(&root, legacy::LAYER_NAMES)?.is_some() {
        let groups = legacy::read(&mut file, &root, "")?;
        return Ok((bare::parts(groups.into_stored()?, false)?, None));
    }
    let about = file.text(ENTRY)?;
    let stored = vars::read(&mut file)?;
    // This crate's own files number the layers from the bottom.
    let parts = bare::parts(stored, about.is_some())?;
    Ok((parts, about))
}
