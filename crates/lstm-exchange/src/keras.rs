//! The weights files of Keras 3, `.weights.h5`.
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
//!
//! A weights file does not record `activation`, `go_backwards` or `return_sequences`. The importer
//! assumes Keras' defaults, with all outputs returned.

mod file;
mod read;

use crate::about::About;
use crate::foreign::expect_characters;
use crate::parts::{head, stacked, table};
use crate::{CharModel, ExchangeError, Layout};
use file::Hdf5;
use lstm_model::Layer;
use lstm_text::Vocabulary;

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
    file::write(&layers, &About::of(model).to_json())
}

/// Imports a model that [`to_keras`] or Keras 3 saved: an `Embedding` (or one-hot input), LSTMs and a
/// `Dense`, in a sequential, functional or subclassed model.
///
/// `vocabulary` lists the characters in the order of their ids; without it they come from the file, if
/// this crate wrote it. Arrays may be F32 or F64; the model holds F32.
///
/// # Errors
/// If the file is damaged; if it holds another model (bidirectional, a GRU, layers of several sizes),
/// which the error names; if there is no vocabulary, or one of another size.
pub fn from_keras(
    bytes: &[u8],
    vocabulary: Option<Vocabulary>,
) -> Result<CharModel, ExchangeError> {
    let Hdf5 { arrays, about } = file::read(bytes)?;
    let (vocabulary, normalization) = About::parse(about.as_deref(), vocabulary)?;
    read::parts(arrays)?.model(vocabulary, normalization)
}
