//! A recording of a single `LSTM` node: inputs `in.X` and so on, outputs `out.Y` and so on, and
//! `spec64.Y` and so on for outputs in double precision.

use super::{Inputs, OnnxLstm};
use crate::recorded::reader::Read;
use crate::recorded::{RecordedLstm, put};
use crate::{CheckError, Mistake, Recording};
use lstm_exchange::Tensors;
use lstm_exchange::onnx::LSTM_INPUTS;
use serde_json::{Map, Value};

pub(in crate::recorded) struct Node {
    lstm: OnnxLstm,
    /// The name of each recorded output, and which of the operator's outputs it is.
    outputs: Vec<(String, usize)>,
}

const OUTPUTS: [&str; 3] = ["Y", "Y_h", "Y_c"];

impl Node {
    pub fn read(recording: &Recording) -> Result<Read<Self>, CheckError> {
        let attributes = attributes(recording)?;
        // The metadata may list the inputs; then they must all be there.
        let listed = names(recording, "inputs")?;
        for name in listed.iter().filter(|name| !name.is_empty()) {
            recording.get(&format!("in.{name}"))?;
        }
        let input = |name: &str| recording.tensors.get(&format!("in.{name}")).cloned();
        let node = Self {
            lstm: OnnxLstm::new(&attributes, Inputs(&input))?,
            outputs: outputs(recording)?,
        };
        let inputs = LSTM_INPUTS.iter().map(|name| format!("in.{name}"));
        Ok(Read {
            lstm: node,
            inputs: inputs.collect(),
            notes: Vec::new(),
        })
    }
}

/// The attributes in the metadata entry `attributes`, and those with a separate entry. If `direction` is
/// missing, the weights show the number of directions.
fn attributes(recording: &Recording) -> Result<Map<String, Value>, CheckError> {
    let mut attributes = match recording.entry("attributes") {
        Some(Value::Object(attributes)) => attributes,
        None => Map::new(),
        Some(_) => return Err(wrong("attributes", "a JSON object")),
    };
    for key in [
        "direction",
        "layout",
        "clip",
        "input_forget",
        "activations",
        "hidden_size",
    ] {
        if let Some(value) = recording.entry(key) {
            attributes.entry(key).or_insert(value);
        }
    }
    let weights = recording.tensors.get("in.W");
    if weights.is_some_and(|w| w.shape.len() == 3 && w.shape[0] == 2) {
        attributes
            .entry("direction")
            .or_insert("bidirectional".into());
    }
    Ok(attributes)
}

fn wrong(key: &str, expected: &str) -> CheckError {
    CheckError::metadata(key, format!("is not {expected}"))
}

/// A list of names in the metadata, empty if there is none.
fn names(recording: &Recording, key: &str) -> Result<Vec<String>, CheckError> {
    let wrong = || wrong(key, "a list of names");
    match recording.entry(key) {
        Some(Value::Array(names)) => names
            .iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        None => Ok(Vec::new()),
        Some(_) => Err(wrong()),
    }
}

/// The outputs that are recorded, or that the metadata lists.
fn outputs(recording: &Recording) -> Result<Vec<(String, usize)>, CheckError> {
    let listed = names(recording, "outputs")?;
    let is_recorded = |prefix: &&str| {
        let mut names = recording.tensors.keys();
        names.any(|name| name.starts_with(prefix))
    };
    let mut outputs = Vec::new();
    for prefix in ["out.", "spec64."]
        .iter()
        .filter(|prefix| is_recorded(prefix))
    {
        for (n, name) in OUTPUTS.iter().enumerate() {
            let own = format!("{prefix}{name}");
            if listed.iter().any(|listed| listed == name) || recording.has(&own) {
                outputs.push((own, n));
            }
        }
    }
    if outputs.is_empty() {
        let outputs = OUTPUTS.map(|name| format!("out.{name}"));
        return Err(CheckError::NoOutput {
            outputs: outputs.to_vec(),
        });
    }
    Ok(outputs)
}

impl RecordedLstm for Node {
    fn format(&self) -> &'static str {
        "ONNX"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        self.lstm.applies(mistake)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let values = self.lstm.outputs(mistake);
        let mut out = Tensors::new();
        for (name, n) in &self.outputs {
            put(&mut out, name, values[*n].clone());
        }
        out
    }
}
