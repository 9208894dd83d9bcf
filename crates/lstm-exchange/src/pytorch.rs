//! Safetensors files with the names that PyTorch's modules give their weights.
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
//! A file of tensors does not record `batch_first`, dropout, or what a module computes between its
//! layers. The importer sees names and shapes, nothing else.

mod read;

use crate::about::{About, ENTRY};
use crate::foreign::expect_characters;
use crate::parts::{head, stacked, table};
use crate::{CharModel, ExchangeError, Layout, Tensor, TensorFile, Tensors};
use lstm_model::Layer;
use lstm_text::Vocabulary;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// The whole model as a safetensors file for PyTorch's `load_state_dict`.
///
/// # Errors
/// If there is not one character for each id, or if the file cannot be encoded.
pub fn to_pytorch(model: &CharModel) -> Result<Vec<u8>, ExchangeError> {
    let network = &model.network;
    expect_characters(&model.vocabulary, network.config().vocab_size)?;
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
    Ok(serialize(&tensors, &About::of(model).to_json())?)
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

/// Imports a model that [`to_pytorch`] wrote, or the `state_dict` of a module with an `nn.LSTM`, an
/// `nn.Linear` and an `nn.Embedding` (unless the input is one-hot). The submodules may have any name.
///
/// `vocabulary` lists the characters in the order of their ids; without it they come from the file, if
/// this crate wrote it. The two biases are added. Tensors may be F16, BF16, F32 or F64; the model holds
/// F32.
///
/// # Errors
/// If the file is damaged; if it holds another model (bidirectional, with a projection, a GRU, with
/// further layers), which the error names; if names and shapes allow two readings; if there is no
/// vocabulary, or one of another size.
pub fn from_pytorch(
    bytes: &[u8],
    vocabulary: Option<Vocabulary>,
) -> Result<CharModel, ExchangeError> {
    let file = TensorFile::parse(bytes)?;
    let about = file.metadata.get(ENTRY).map(String::as_str);
    let (vocabulary, normalization) = About::parse(about, vocabulary)?;
    read::parts(file.tensors)?.model(vocabulary, normalization)
}
