//! PyTorch files: safetensors, and the files of `torch.save` (`.pt`, `.pth`, `.bin`).
//!
//! The export is a safetensors file with the names that PyTorch's modules give their weights:
//!
//! | array | shape | module |
//! |---|---|---|
//! | `embed.weight` | (V, D) | `nn.Embedding(V, D)`; left out if the input is one-hot |
//! | `lstm.weight_ih_l0`, `_l1` … | (4H, D), then (4H, H) | `nn.LSTM(D, H, num_layers)`: rows i f g o |
//! | `lstm.weight_hh_l0` … | (4H, H) | |
//! | `lstm.bias_ih_l0` … | (4H) | the bias |
//! | `lstm.bias_hh_l0` … | (4H) | zero: PyTorch adds the two |
//! | `head.weight`, `head.bias` | (V, H), (V) | `nn.Linear(H, V)` |
//!
//! ```python
//! class Model(nn.Module):
//!     def __init__(self, V, D, H, layers):
//!         super().__init__()
//!         self.embed, self.lstm, self.head = nn.Embedding(V, D), nn.LSTM(D, H, layers), nn.Linear(H, V)
//! model.load_state_dict(safetensors.torch.load_file("model.safetensors"))
//! ```
//!
//! The metadata entry `lstm` is a JSON object with `vocabulary` (one string, its characters in the order
//! of their ids) and `normalization`.
//!
//! The importer reads safetensors files and files of `torch.save`, which hold a pickle. A pickle is a
//! program; the importer reads it as data and refuses a file that needs any code to be run.
//!
//! A file of tensors does not record `batch_first`, dropout, or what a module computes between its
//! layers. The importer sees names and shapes, nothing else.

mod alias;
mod checkpoint;
mod container;
mod module;
mod names;
mod norm;
mod padding;
mod pickle;
mod read;
mod storage;

use crate::about::{About, ENTRY};
use crate::foreign::expect_characters;
use crate::parts::{head, stacked, table};
use crate::{CharModel, ExchangeError, GivenVocabulary, Layout, Tensor, TensorFile, Tensors};
use checkpoint::StateDict;
use container::Container;
use lstm_model::{Batched, Layer, Network};
use lstm_text::Vocabulary;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::collections::BTreeMap;

/// The whole model as a safetensors file for PyTorch's `load_state_dict`.
///
/// # Errors
/// If there is not one character for each id, or if the file cannot be encoded.
pub fn to_pytorch(model: &CharModel) -> Result<Vec<u8>, ExchangeError> {
    let network = &model.network;
    expect_characters(&model.vocabulary, network.config().vocab_size)?;
    Ok(serialize(
        &state_dict(network),
        &About::of(model).to_json(),
    )?)
}

/// The weights of a network, or other numbers of its shape, under PyTorch's names.
pub fn state_dict(network: &Network<Batched<f32>>) -> Tensors {
    let mut tensors = Tensors::new();
    if let Some(table) = table(&network.embedding) {
        tensors.insert("embed.weight".into(), table);
    }
    for (l, layer) in network.stack.layers.iter().enumerate() {
        let [w_x, w_h, b] = stacked(&layer.to_params(), Layout::PYTORCH);
        let zeros = Tensor::new(&b.shape, vec![0.0; b.data.len()]);
        tensors.insert(format!("lstm.weight_ih_l{l}"), w_x);
        tensors.insert(format!("lstm.weight_hh_l{l}"), w_h);
        tensors.insert(format!("lstm.bias_ih_l{l}"), b);
        tensors.insert(format!("lstm.bias_hh_l{l}"), zeros);
    }
    let [w, b] = head(&network.head, Layout::PYTORCH);
    tensors.insert("head.weight".into(), w);
    tensors.insert("head.bias".into(), b);
    tensors
}

fn serialize(tensors: &Tensors, about: &str) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let single = |tensor: &Tensor| -> Vec<u8> {
        let numbers = tensor.data.iter();
        numbers.flat_map(|&v| (v as f32).to_le_bytes()).collect()
    };
    let bytes: Vec<(&String, &Tensor, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| (name, tensor, single(tensor)))
        .collect();
    let views = bytes
        .iter()
        .map(|(name, tensor, bytes)| {
            Ok((
                *name,
                TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?,
            ))
        })
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    safetensors::serialize(views, Some([(ENTRY.to_owned(), about.to_owned())].into()))
}

/// What the caller knows about a model that its file does not say.
#[derive(Clone, Debug, Default)]
pub struct PytorchOptions {
    /// The characters. If they are not given, they are read from the file, provided that this crate
    /// wrote it.
    pub vocabulary: Option<GivenVocabulary>,
    /// Whether the LSTM's input is one-hot. This must be stated if V = D = H, because then a file from
    /// which the embedding is missing looks the same.
    pub is_one_hot: bool,
    /// The part of the file that holds the model, such as `ema` or `generator.decoder`.
    pub part: Option<String>,
    /// The names of the LSTMs, bottom first, if there are several and they are not numbered.
    pub lstms: Vec<String>,
}

/// As [`from_pytorch_with`], with only the vocabulary given.
///
/// # Errors
/// As [`from_pytorch_with`].
pub fn from_pytorch(
    bytes: &[u8],
    vocabulary: Option<Vocabulary>,
) -> Result<CharModel, ExchangeError> {
    let options = PytorchOptions {
        vocabulary: vocabulary.map(GivenVocabulary::from),
        ..PytorchOptions::default()
    };
    from_pytorch_with(bytes, &options)
}

/// Imports a model that [`to_pytorch`] wrote, or a module with LSTMs, an `nn.Linear` and an `nn.Embedding`
/// (unless the input is one-hot). The file may hold its `state_dict`, as safetensors or by `torch.save`,
/// a training checkpoint that contains the `state_dict`, or the whole module. Submodules may have any
/// name.
///
/// The LSTMs may be an `nn.LSTM`, or a numbered list of `nn.LSTM` or `nn.LSTMCell`. The two biases are
/// added, weight normalisation is computed, and tied weights are resolved. Tensors may be F16, BF16, F32
/// or F64; the model holds F32.
///
/// # Errors
/// If the file is damaged, or its pickle contains more than data; if its model is not supported
/// (bidirectional, with a projection, a GRU, with further layers): the error names the reason; if names
/// and shapes allow two readings; if there is no vocabulary, or one of another size.
pub fn from_pytorch_with(
    bytes: &[u8],
    options: &PytorchOptions,
) -> Result<CharModel, ExchangeError> {
    let (state_dict, about) = match Container::parse(bytes)? {
        Some(mut file) => (
            checkpoint::state_dict(&mut file, options.part.as_deref())?,
            None,
        ),
        None => tensors(TensorFile::parse(bytes)?, options.part.as_deref())?,
    };
    let (own, normalization) = About::parse(about.as_deref(), None)?;
    let parts = read::parts(state_dict, options, own.is_some())?;
    let given = options.vocabulary.as_ref();
    let given = given
        .map(|given| padding::completed(given, &parts))
        .transpose()?;
    parts.model(given.or(own), normalization)
}

/// The tensors of a safetensors file below the name `part`, and the metadata that this crate wrote.
fn tensors(
    file: TensorFile,
    part: Option<&str>,
) -> Result<(StateDict, Option<String>), ExchangeError> {
    let TensorFile {
        mut tensors,
        metadata,
        ..
    } = file;
    alias::follow(&mut tensors, &metadata)?;
    if let Some(part) = part {
        let found = tensors.keys().cloned().collect();
        let named = tensors.into_iter();
        tensors = named
            .filter_map(|(name, tensor)| {
                Some((checkpoint::inside(&name, part)?.to_owned(), tensor))
            })
            .collect();
        if tensors.is_empty() {
            let why = format!("nothing is named {part}");
            return Err(ExchangeError::Lstm { why, found });
        }
    }
    let roles = BTreeMap::new();
    Ok((StateDict { tensors, roles }, metadata.get(ENTRY).cloned()))
}
