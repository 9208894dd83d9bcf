//! A language model out of an ONNX file.

use super::export::{NORMALIZATION, VOCABULARY};
use super::file::parse;
use super::graph::Graph;
use super::proto::Model;
use super::structure::{self, Structure};
use super::verify::verify;
use crate::foreign::CharModel;
use crate::layout::Layout;
use crate::parts::{Layer, Named, Parts};
use crate::{ExchangeError, Tensor};
use lstm_text::{Normalization, Vocabulary};

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
    parts(structure).model(vocabulary.or(own), normalization)
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

fn parts(structure: Structure) -> Parts {
    let named = |name: &str, tensor: Tensor| Named {
        name: name.to_owned(),
        tensor,
    };
    let layer = |(l, layer): (usize, structure::Layer)| Layer {
        w_x: named(&format!("W_l{l}"), layer.w_x),
        w_h: named(&format!("R_l{l}"), layer.w_h),
        biases: layer
            .biases
            .into_iter()
            .flatten()
            .map(|b| named(&format!("B_l{l}"), b))
            .collect(),
    };
    Parts {
        layout: Layout::PYTORCH,
        embedding: structure
            .embedding
            .map(|table| named("embed.weight", table)),
        layers: structure
            .layers
            .into_iter()
            .enumerate()
            .map(layer)
            .collect(),
        head_w: named("head.weight", structure.head_w),
        head_b: Some(named("head.bias", structure.head_b)),
    }
}
