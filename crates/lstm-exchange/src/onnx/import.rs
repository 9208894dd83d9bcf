//! A language model out of an ONNX file.

use super::export::{NORMALIZATION, VOCABULARY};
use super::file::parse;
use super::graph::Graph;
use super::proto::Model;
use super::structure::{Layer, Structure};
use super::verify::verify;
use crate::foreign::{CharModel, expect_characters};
use crate::layout::{Layout, matrix};
use crate::{ExchangeError, Tensor};
use lstm_gates::{Gate, Init, LstmParams};
use lstm_model::{Batched, Embedding, Head, Network, NetworkConfig, Recurrent};
use lstm_text::{Normalization, Vocabulary};
use nalgebra::DVector;

/// Takes a language model over: as this crate writes it ([`to_onnx`](super::to_onnx)), or as PyTorch's
/// exporters write `nn.Embedding` (or one-hot input) → `nn.LSTM` → `nn.Linear`.
///
/// `vocabulary` are the characters in the order of their ids; without it they come from the file, if
/// this crate wrote it. Two biases become one, their sum in f32.
///
/// # Errors
/// If the file is no ONNX model; if it is something else than such a language model, which is named;
/// if the characters are missing or not as many as the ids.
pub fn from_onnx(bytes: &[u8], vocabulary: Option<Vocabulary>) -> Result<CharModel, ExchangeError> {
    let model = parse(bytes)?;
    let (own, normalization) = metadata(&model)?;
    let graph = Graph::new(model)?;
    let structure = Structure::find(&graph)?;
    verify(&graph, &structure)?;
    let vocabulary = vocabulary.or(own).ok_or(ExchangeError::NoVocabulary)?;
    let network = network(&structure)?;
    expect_characters(&vocabulary, network.config().vocab_size)?;
    Ok(CharModel {
        network,
        vocabulary,
        normalization,
    })
}

fn metadata(model: &Model) -> Result<(Option<Vocabulary>, Normalization), ExchangeError> {
    let entry = |key: &str| {
        let own = model.metadata_props.iter().find(|entry| entry.key == key);
        own.map(|entry| entry.value.as_str())
    };
    let wrong = |key: &str, why: String| ExchangeError::Metadata {
        key: key.into(),
        why,
    };
    let vocabulary = entry(VOCABULARY).map(|text| Vocabulary::from_chars(text.chars().collect()));
    let normalization = entry(NORMALIZATION).map(serde_json::from_str);
    Ok((
        vocabulary
            .transpose()
            .map_err(|e| wrong(VOCABULARY, e.to_string()))?,
        normalization
            .transpose()
            .map_err(|e| wrong(NORMALIZATION, e.to_string()))?
            .unwrap_or_default(),
    ))
}

fn network(structure: &Structure) -> Result<Network<Batched<f32>>, ExchangeError> {
    for (name, tensor) in structure.parameters() {
        let index = tensor.data.iter().position(|v| !v.is_finite());
        if let Some(index) = index {
            return Err(ExchangeError::Value {
                tensor: name,
                index,
                value: tensor.data[index],
                expected: "expected a finite number".into(),
            });
        }
    }
    let (head_w, first) = (&structure.head_w, &structure.layers[0]);
    let (vocab_size, hidden_size) = (head_w.shape[0], first.w_h.shape[1]);
    let ids = match &structure.embedding {
        Some(table) => table.shape[0],
        None => first.w_x.shape[1],
    };
    if ids != vocab_size {
        return Err(ExchangeError::Unsupported {
            what: format!("a model that reads {ids} kinds of ids and predicts {vocab_size}"),
        });
    }
    for (l, layer) in structure.layers.iter().enumerate().skip(1) {
        if layer.w_h.shape[1] != hidden_size {
            return Err(ExchangeError::Unsupported {
                what: format!(
                    "layer {l} of {} units on one of {hidden_size}",
                    layer.w_h.shape[1]
                ),
            });
        }
    }
    let mut network = Network::zeros(NetworkConfig {
        vocab_size,
        embed_size: structure
            .embedding
            .as_ref()
            .map_or(0, |table| table.shape[1]),
        hidden_size,
        layers: structure.layers.len(),
        dropout: 0.0,
        head_dropout: 0.0,
        init: Init::PytorchUniform,
    })?;
    if let Some(table) = &structure.embedding {
        network.embedding = Embedding::Table(matrix(table).transpose().cast());
    }
    for (own, layer) in network.stack.layers.iter_mut().zip(&structure.layers) {
        *own = Batched::from_params(&params(layer));
    }
    network.head = Head {
        w: matrix(head_w).cast(),
        b: vector(&structure.head_b).cast(),
    };
    Ok(network)
}

fn params(layer: &Layer) -> LstmParams<f32> {
    let (d, h) = (layer.w_x.shape[1], layer.w_h.shape[1]);
    let mut params = LstmParams::zeros(d, h);
    let (w_x, w_h) = (
        Layout::PYTORCH.split(&layer.w_x),
        Layout::PYTORCH.split(&layer.w_h),
    );
    for (n, gate) in params.blocks_mut().into_iter().enumerate() {
        let bias = |tensor: &Tensor| -> DVector<f32> {
            Layout::PYTORCH.split_vector(&tensor.data)[n].clone().cast()
        };
        let b = match &layer.biases {
            Some([b_x, b_h]) => bias(b_x) + bias(b_h),
            None => DVector::zeros(h),
        };
        *gate = Gate {
            w_x: w_x[n].clone().cast(),
            w_h: w_h[n].clone().cast(),
            b,
        };
    }
    params
}

fn vector(tensor: &Tensor) -> DVector<f64> {
    DVector::from_column_slice(&tensor.data)
}
