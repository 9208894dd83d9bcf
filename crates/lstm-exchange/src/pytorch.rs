//! Weights as PyTorch's modules name them, in safetensors.
//!
//! | array | shape | module |
//! |---|---|---|
//! | `embed.weight` | (V, D) | `nn.Embedding(V, D)`; missing if the input is one-hot |
//! | `lstm.weight_ih_l0`, `_l1` … | (4H, D), then (4H, H) | `nn.LSTM(D, H, num_layers)`: rows i f g o |
//! | `lstm.weight_hh_l0` … | (4H, H) | |
//! | `lstm.bias_ih_l0` … | (4H) | this project's bias |
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
//! The metadata's entry `lstm` is JSON: `vocabulary` (one string, its characters
//! in the order of their ids) and `normalization`.
//!
//! A file of tensors says nothing of what a module does with them: of `batch_first`, of dropout, of what
//! stands between the layers. Taken over is what the names and shapes tell.

mod read;

use crate::about::{About, ENTRY};
use crate::foreign::expect_characters;
use crate::parts::{head, stacked, table};
use crate::{CharModel, ExchangeError, Layout, Recording, Tensor, Tensors};
use lstm_model::Recurrent;
use lstm_text::Vocabulary;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// The whole model as a safetensors file that `load_state_dict` accepts.
///
/// # Errors
/// If there is not one character for each id, or if the file cannot be made.
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

/// Takes a model over: as [`to_pytorch`] writes it, or the `state_dict` of a module with an `nn.LSTM`,
/// an `nn.Linear` and an `nn.Embedding`, whatever they are called and whatever stands before their names.
///
/// `vocabulary` are the characters in the order of their ids; without it they come from the file, if
/// this crate wrote it. Two biases become one, their sum. F16, BF16, F32 and F64 are read, and rounded
/// to F32.
///
/// # Errors
/// If the file is damaged; if it is something else than such a model (bidirectional, with a projection,
/// a GRU, with further layers), which is named; if names and shapes can be read in two ways; if the
/// characters are missing or not as many as the ids.
pub fn from_pytorch(
    bytes: &[u8],
    vocabulary: Option<Vocabulary>,
) -> Result<CharModel, ExchangeError> {
    let recording = Recording::parse(bytes)?;
    let about = recording.metadata.get(ENTRY).map(String::as_str);
    let (vocabulary, normalization) = About::parse(about, vocabulary)?;
    read::parts(recording.tensors)?.model(vocabulary, normalization)
}
