//! The LSTM of a `state_dict` by the names of its tensors, then the embedding and the head.

use super::checkpoint::StateDict;
use super::{PytorchOptions, names, norm};
use crate::parts::{Layer, Named, Parts, hidden_size, input_size};
use crate::roles::{Candidate, Role, Sizes, roles};
use crate::{ExchangeError, Layout, Tensors};

/// Sorts a file's tensors into a model. `is_own` says that this crate wrote the file.
///
/// # Errors
/// If a tensor is missing, has the wrong shape or belongs to no part of the model; if the order of
/// several LSTMs or the role of a tensor is not certain.
pub(super) fn parts(
    state_dict: StateDict,
    options: &PytorchOptions,
    is_own: bool,
) -> Result<Parts, ExchangeError> {
    let StateDict {
        mut tensors,
        roles: of_modules,
    } = state_dict;
    norm::resolve(&mut tensors)?;
    let places = names::layers(tensors.keys(), &options.lstms)?;
    let mut layers = Vec::new();
    for place in &places {
        layers.push(layer(&mut tensors, place)?);
    }
    if !options.lstms.is_empty() {
        tensors.retain(|name, _| !names::is_recurrent_tensor(name));
    }
    let top = layers.last().expect("an LSTM has a layer");
    let sizes = Sizes {
        input_size: input_size(&layers[0], Layout::PYTORCH)?,
        hidden_size: hidden_size(top, Layout::PYTORCH)?,
        is_transposed: false,
    };
    let mut candidates = candidates(tensors)?;
    for candidate in &mut candidates {
        let class = candidate.kernel.name.strip_suffix(".weight");
        let class = class.and_then(|module| of_modules.get(module));
        candidate.role = class.copied().or(candidate.role);
    }
    let (embedding, head) = embedding_and_head(candidates, sizes, options, is_own)?;
    Ok(Parts {
        layout: Layout::PYTORCH,
        embedding: embedding.map(|e| e.kernel),
        layers,
        head_w: head.kernel,
        head_b: head.bias,
    })
}

/// Takes the tensors of a layer.
fn layer(tensors: &mut Tensors, place: &names::Place) -> Result<Layer, ExchangeError> {
    let mut take = |kind: &str| {
        let name = place.name(kind);
        let tensor = tensors.remove(&name);
        tensor.map(|tensor| Named { name, tensor })
    };
    let missing = |kind: &str| ExchangeError::Missing {
        tensor: place.name(kind),
    };
    let biases = match (take("bias_ih"), take("bias_hh")) {
        (Some(b_x), Some(b_h)) => vec![b_x, b_h],
        (None, None) => Vec::new(),
        (None, _) => return Err(missing("bias_ih")),
        (_, None) => return Err(missing("bias_hh")),
    };
    Ok(Layer {
        w_x: take("weight_ih").ok_or_else(|| missing("weight_ih"))?,
        w_h: take("weight_hh").ok_or_else(|| missing("weight_hh"))?,
        biases,
    })
}

/// Weights with their biases, paired by name.
fn candidates(mut tensors: Tensors) -> Result<Vec<Candidate>, ExchangeError> {
    let stems: Vec<String> = tensors
        .keys()
        .filter_map(|name| name.strip_suffix(".weight").map(str::to_owned))
        .collect();
    let mut candidates = Vec::new();
    for stem in stems {
        let mut take = |end: &str| {
            let name = format!("{stem}.{end}");
            let tensor = tensors.remove(&name)?;
            Some(Named { name, tensor })
        };
        candidates.push(Candidate {
            kernel: take("weight").expect("its name was among them"),
            bias: take("bias"),
            role: match stem.rsplit('.').next() {
                Some("embed") => Some(Role::Embedding),
                Some("head") => Some(Role::Head),
                _ => None,
            },
        });
    }
    let Some(name) = tensors.keys().next() else {
        return Ok(candidates);
    };
    if let Some(stem) = name.strip_suffix(".bias") {
        return Err(ExchangeError::Missing {
            tensor: format!("{stem}.weight"),
        });
    }
    Err(ExchangeError::Unsupported {
        what: format!("tensor {name}, which is not a weight of an embedding or a linear layer,"),
    })
}

/// Assigns roles to the candidates.
fn embedding_and_head(
    mut candidates: Vec<Candidate>,
    sizes: Sizes,
    options: &PytorchOptions,
    is_own: bool,
) -> Result<(Option<Candidate>, Candidate), ExchangeError> {
    tell_apart(&mut candidates);
    expect_embedding(&candidates, sizes)?;
    let (embedding, head) = roles(candidates, sizes)?;
    let vocab_size = head.kernel.tensor.shape[0];
    match &embedding {
        None => {
            let is_certain = options.is_one_hot || is_own || vocab_size != sizes.hidden_size;
            if !is_certain {
                return Err(ExchangeError::OneHot { size: vocab_size });
            }
        }
        Some(table) if options.is_one_hot => {
            return Err(ExchangeError::Unsupported {
                what: format!(
                    "one-hot input beside an embedding ({})",
                    table.kernel.describe()
                ),
            });
        }
        Some(table) => {
            let is_square = vocab_size == sizes.input_size;
            let is_tied = table.kernel.tensor == head.kernel.tensor;
            let is_named = table.role.is_some() || usual_role(table) == Some(Role::Embedding);
            if is_square && !is_tied && !is_named {
                return Err(ExchangeError::Square {
                    tensor: table.kernel.describe(),
                });
            }
        }
    }
    Ok((embedding, head))
}

/// Decides which of two matrices of the same shape, both without a bias, is the embedding, if their
/// names are usual ones. For tied matrices either answer is right.
fn tell_apart(candidates: &mut [Candidate]) {
    let [a, b] = candidates else { return };
    let are_alike = a.kernel.tensor.shape == b.kernel.tensor.shape
        && [&*a, &*b]
            .iter()
            .all(|c| c.bias.is_none() && c.role.is_none());
    if are_alike && a.kernel.tensor == b.kernel.tensor {
        (a.role, b.role) = (Some(Role::Embedding), Some(Role::Head));
    } else if are_alike && usual_role(a) != usual_role(b) {
        (a.role, b.role) = (usual_role(a), usual_role(b));
    }
}

/// The usual role of a module with this name.
fn usual_role(candidate: &Candidate) -> Option<Role> {
    let module = candidate
        .kernel
        .name
        .strip_suffix(".weight")
        .unwrap_or(&candidate.kernel.name);
    let mut parts = module.rsplit('.');
    let own = parts
        .find(|part| part.parse::<usize>().is_err())?
        .to_lowercase();
    let is_number = |c: char| c.is_ascii_digit() || c == '_';
    let own = own.trim_end_matches(is_number);
    match own {
        _ if own.contains("emb") => Some(Role::Embedding),
        "encoder" | "wte" | "lookup" | "lookup_table" | "lut" => Some(Role::Embedding),
        "classifier" | "decoder" | "dense" | "fc" | "head" | "linear" | "lm_head" | "logits"
        | "out" | "output" | "proj" | "projection" => Some(Role::Head),
        _ => None,
    }
}

/// Reports a missing embedding if the file has only LSTMs and a head.
fn expect_embedding(candidates: &[Candidate], sizes: Sizes) -> Result<(), ExchangeError> {
    let [only] = candidates else { return Ok(()) };
    let &[vocab_size, inputs] = only.kernel.tensor.shape.as_slice() else {
        return Ok(());
    };
    if inputs != sizes.hidden_size || vocab_size == sizes.input_size {
        return Ok(());
    }
    Err(ExchangeError::NoEmbedding {
        head: only.kernel.describe(),
        vocab_size,
        input_size: sizes.input_size,
    })
}
