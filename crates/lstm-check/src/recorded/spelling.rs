//! Other names for the tensors of a recording, as frameworks, their documentation and their users spell
//! them.

use crate::{CheckError, Recording};
use std::collections::{BTreeMap, BTreeSet};

/// The names that this crate uses, each with its other spellings. Case is ignored.
const SPELLINGS: [(&str, &[&str]); 9] = [
    ("x", &["input", "inputs"]),
    (
        "y",
        &[
            "output",
            "outputs",
            "out",
            "whole_seq_output",
            "whole_sequence_output",
        ],
    ),
    ("h0", &["h_0", "initial_h", "h_init"]),
    ("c0", &["c_0", "initial_c", "c_init"]),
    (
        "hn",
        &[
            "h_n",
            "h_1",
            "h1",
            "y_h",
            "h_last",
            "state_h",
            "final_h",
            "final_memory_state",
        ],
    ),
    (
        "cn",
        &[
            "c_n",
            "c_1",
            "c1",
            "y_c",
            "c_last",
            "state_c",
            "final_c",
            "final_carry_state",
        ],
    ),
    (
        "lengths",
        &[
            "seq_lens",
            "seq_lengths",
            "sequence_lens",
            "sequence_length",
            "sequence_lengths",
        ],
    ),
    ("mask", &["input_mask"]),
    ("loss", &[]),
];

/// This crate's name for a tensor name without prefixes.
fn meaning(name: &str) -> Option<&'static str> {
    // Case matters here: h_t could be the states of all steps.
    match name {
        "h_T" | "hT" => return Some("hn"),
        "c_T" | "cT" => return Some("cn"),
        _ => {}
    }
    let lower = name.to_lowercase();
    let is_own =
        |(own, others): &&(&str, &[&str])| *own == lower || others.contains(&lower.as_str());
    SPELLINGS.iter().find(is_own).map(|(own, _)| *own)
}

/// A recording with this crate's names, and the original names of the tensors that were renamed.
pub(super) struct Respelled {
    pub recording: Recording,
    pub originals: BTreeMap<String, String>,
}

/// Renames tensors. A tensor that already has this crate's name is never replaced by another.
pub(super) fn respelled(
    recording: &Recording,
    own_name: impl Fn(&str) -> String,
) -> Result<Respelled, CheckError> {
    let mut result = Respelled {
        recording: Recording {
            metadata: recording.metadata.clone(),
            ..Recording::default()
        },
        originals: BTreeMap::new(),
    };
    for (name, tensor) in &recording.tensors {
        let mut own = own_name(name);
        if own != *name && recording.has(&own) {
            own.clone_from(name);
        }
        if let Some(dtype) = recording.dtypes.get(name) {
            result.recording.dtypes.insert(own.clone(), *dtype);
        }
        if own != *name
            && let Some(first) = result.originals.insert(own.clone(), name.clone())
        {
            return Err(CheckError::SameMeaning {
                first,
                second: name.clone(),
                meaning: own,
            });
        }
        result.recording.tensors.insert(own, tensor.clone());
    }
    Ok(result)
}

/// `"grad."` and the name without its mark of a gradient; or `""` and the name.
fn gradient_part(name: &str) -> (&'static str, &str) {
    let of = name
        .strip_prefix("grad.")
        .or_else(|| name.strip_prefix("grad_"));
    match of.or_else(|| name.strip_suffix(".grad")) {
        Some(of) => ("grad.", of),
        None => ("", name),
    }
}

/// The prefix, if there is only one; the empty prefix takes precedence.
fn only_prefix(found: BTreeSet<String>) -> Result<Option<String>, CheckError> {
    let first = found.first().cloned();
    match found.len() {
        0 | 1 => Ok(first),
        _ if first.as_deref() == Some("") => Ok(first),
        _ => Err(CheckError::SeveralLstms {
            found: found.into_iter().collect(),
        }),
    }
}

/// The prefix of the names of PyTorch's weights: `""`, `lstm.`, `module.rnn.` …; `None` if there are
/// none.
pub(super) fn torch_prefix(recording: &Recording) -> Result<Option<String>, CheckError> {
    let names = recording.tensors.keys().map(|name| gradient_part(name));
    let weights = names.filter(|(part, _)| part.is_empty());
    // The names in a cell have no layer number.
    let prefix = |(_, name): (_, &str)| {
        let ends = ["weight_hh_l0", "weight_ih_l0", "weight_hh", "weight_ih"].iter();
        let prefix = ends
            .filter_map(|end| name.strip_suffix(end))
            .next()?
            .to_owned();
        (prefix.is_empty() || prefix.ends_with(['.', '/'])).then_some(prefix)
    };
    only_prefix(weights.filter_map(prefix).collect())
}

/// This crate's name for a tensor of a PyTorch recording.
pub(super) fn torch_name(name: &str, prefix: &str) -> String {
    let (part, name_in_file) = gradient_part(name);
    let own = name_in_file.strip_prefix(prefix).unwrap_or(name_in_file);
    let is_cell = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].contains(&own);
    if is_cell {
        return format!("{part}{own}_l0");
    }
    let is_weight = own.starts_with("weight_") || own.starts_with("bias_");
    match meaning(own) {
        Some(meaning) => format!("{part}{meaning}"),
        None if is_weight || own == name_in_file && part == "grad." => format!("{part}{own}"),
        None => name.to_owned(),
    }
}

/// A Keras name, split at its dots and slashes.
struct KerasName<'a> {
    /// `"grad."`, `"fresh."` or `""`
    part: &'static str,
    /// `"fw."`, `"bw."` or `""`
    direction: &'static str,
    /// The names of the layers, without those of the two directions and the cell.
    path: String,
    last: &'a str,
}

impl<'a> KerasName<'a> {
    fn new(name: &'a str) -> Self {
        let (part, name) = gradient_part(name);
        let name = name.strip_suffix(":0").unwrap_or(name);
        let mut own = Self {
            part,
            direction: "",
            path: String::new(),
            last: name.rsplit(['.', '/']).next().unwrap_or(name),
        };
        let path = name[..name.len() - own.last.len()].split_terminator(['.', '/']);
        for word in path {
            match word {
                "grad" => own.part = "grad.",
                "fresh" => own.part = "fresh.",
                word if ["fw", "forward"].contains(&word) || word.starts_with("forward_") => {
                    own.direction = "fw.";
                }
                word if ["bw", "backward"].contains(&word) || word.starts_with("backward_") => {
                    own.direction = "bw.";
                }
                word if word.starts_with("lstm_cell") => {}
                word => own.path = format!("{}{word}/", own.path),
            }
        }
        own
    }
}

/// The path of the layer with the recorded weights: `""`, `lstm/` …; `None` if there is none.
pub(super) fn keras_path(recording: &Recording) -> Result<Option<String>, CheckError> {
    if recording.has("kernel") {
        return Ok(Some(String::new()));
    }
    let names = recording.tensors.keys().map(|name| KerasName::new(name));
    let kernels = names.filter(|name| name.part.is_empty() && name.last == "recurrent_kernel");
    only_prefix(kernels.map(|name| name.path).collect())
}

/// This crate's name for a tensor of a Keras recording.
pub(super) fn keras_name(name: &str, path: &str) -> String {
    let own = KerasName::new(name);
    let is_weight = ["kernel", "recurrent_kernel", "bias"].contains(&own.last);
    let last = match meaning(own.last) {
        Some(meaning) if own.path.is_empty() || own.path == path => meaning,
        None if own.path == path && is_weight => own.last,
        None if own.path.is_empty() => own.last,
        _ => return name.to_owned(),
    };
    format!("{}{}{last}", own.part, own.direction)
}

/// This crate's name for a tensor of a recording of the ONNX operator: `in.` or `out.`, then the
/// operator's name for it.
pub(super) fn onnx_name(name: &str) -> String {
    if lstm_exchange::onnx::LSTM_INPUTS.contains(&name) {
        format!("in.{name}")
    } else if ["Y", "Y_h", "Y_c"].contains(&name) {
        format!("out.{name}")
    } else {
        name.to_owned()
    }
}
