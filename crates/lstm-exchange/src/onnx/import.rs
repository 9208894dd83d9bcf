//! A language model from an ONNX file.

use super::export::{NORMALIZATION, VOCABULARY};
use super::external;
use super::file::{parse, read_bytes};
use super::graph::Graph;
use super::proto::Model;
use super::structure::{self, Structure};
use super::verify::verify;
use crate::foreign::CharModel;
use crate::layout::Layout;
use crate::parts::{Layer, Named, Parts};
use crate::{ExchangeError, Tensor};
use lstm_text::{Normalization, Vocabulary};
use std::path::Path;

/// Imports a language model that [`to_onnx`](super::to_onnx) wrote, or one of `nn.Embedding` (or one-hot
/// input), `nn.LSTM` and `nn.Linear` that PyTorch exported.
///
/// The graph is run on example ids and must compute the logits of the weights that were found in it.
///
/// `vocabulary` lists the characters in the order of their ids; without it they come from the file, if
/// this crate wrote it. The two biases are added.
///
/// # Errors
/// If the file is no ONNX model; if it is another model, in which case the error names the node that
/// differs; if there is no vocabulary, or one of another size.
pub fn from_onnx(bytes: &[u8], vocabulary: Option<Vocabulary>) -> Result<CharModel, ExchangeError> {
    imported(parse(bytes)?, vocabulary)
}

/// As [`from_onnx`], but also reads the files beside the model that hold its large tensors.
///
/// # Errors
/// As [`from_onnx`]; if a file cannot be read; if a tensor refers to a file outside the model's folder.
pub fn from_onnx_file(
    path: &Path,
    vocabulary: Option<Vocabulary>,
) -> Result<CharModel, ExchangeError> {
    let mut model = parse(&read_bytes(path)?)?;
    external::load(&mut model, path.parent().unwrap_or(Path::new("")))?;
    imported(model, vocabulary)
}

fn imported(model: Model, vocabulary: Option<Vocabulary>) -> Result<CharModel, ExchangeError> {
    let (own, normalization) = metadata(&model)?;
    let graph = Graph::new(model)?;
    let structure = Structure::find(&graph)?;
    let parts = parts(&structure);
    // The graph is compared with arrays that fit together.
    parts.config()?;
    verify(&graph, &structure)?;
    parts.model(vocabulary.or(own), normalization)
}

/// The characters and the normalization in a model's metadata.
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

fn parts(structure: &Structure) -> Parts {
    let named = |name: &str, tensor: &Tensor| Named {
        name: name.to_owned(),
        tensor: tensor.clone(),
    };
    let layer = |(l, layer): (usize, &structure::Layer)| Layer {
        w_x: named(&format!("W_l{l}"), &layer.w_x),
        w_h: named(&format!("R_l{l}"), &layer.w_h),
        biases: layer
            .biases
            .iter()
            .flatten()
            .map(|b| named(&format!("B_l{l}"), b))
            .collect(),
    };
    let embedding = structure.embedding.as_ref();
    Parts {
        layout: Layout::PYTORCH,
        embedding: embedding.map(|table| named("embed.weight", table)),
        layers: structure.layers.iter().enumerate().map(layer).collect(),
        head_w: named("head.weight", &structure.head_w),
        head_b: Some(named("head.bias", &structure.head_b)),
    }
}
