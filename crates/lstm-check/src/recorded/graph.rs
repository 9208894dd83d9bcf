//! An ONNX model beside a recording of its inputs and outputs.

mod beside;

use super::onnx::{Inputs, OnnxLstm};
use super::reader::Read;
use super::{RecordedLstm, Understood};
use crate::{CheckError, Mistake, Recording};
use lstm_exchange::onnx::{
    AttributeValue, ElementType, Graph, LstmNode, LstmOperator, Value, Values,
};
use lstm_exchange::{ExchangeError, Tensor, Tensors};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// Reads a model and the recording beside it.
pub(crate) fn read_model(path: &Path) -> Result<Understood, CheckError> {
    let graph = Graph::open(path)?;
    let recording = beside::recording(path, &graph)?;
    let read = RecordedGraph::read(graph, &recording)?;
    Ok(Understood::new(recording, read))
}

struct RecordedGraph {
    graph: Graph,
    given: Values,
    /// How many numbers the recording has.
    recorded: usize,
    /// The numbers among the recorded attributes.
    exact: Vec<f64>,
    /// What the nodes compute without a mistake.
    values: Values,
    /// The LSTMs in the order of their computation.
    lstms: Vec<OnnxLstm>,
    /// The name of each recorded output, and its name in the graph.
    outputs: Vec<(String, String)>,
    /// If the graph is a language model, those of its weights that are recorded, by their names in PyTorch.
    parameters: Tensors,
}

impl RecordedGraph {
    fn read(graph: Graph, recording: &Recording) -> Result<Read<Self>, CheckError> {
        let (mut given, mut inputs) = (Values::new(), Vec::new());
        for input in graph.inputs() {
            let names = [format!("in.{input}"), input.to_owned()];
            if let Some(name) = names.into_iter().find(|name| recording.has(name)) {
                let element_type = graph.input_type(input);
                given.insert(input.to_owned(), value(recording, &name, element_type)?);
                inputs.push(name);
            }
        }
        let recorded = recording.count();
        let exact = exact(recording);
        let mut lstm = Operator::new(&exact, None);
        let values = graph.run(&given, recorded, &mut lstm)?;
        let lstms = lstm.lstms;
        let mut parameters = graph.language_model().unwrap_or_default();
        parameters.retain(|name, _| recording.has(&format!("param.{name}")));
        let model = Self {
            outputs: outputs(&graph, recording)?,
            graph,
            given,
            recorded,
            exact,
            values,
            lstms,
            parameters,
        };
        Ok(Read {
            lstm: model,
            inputs,
            notes: Vec::new(),
        })
    }
}

/// A recorded input, with the number type that the model declares. If the model declares none, a tensor
/// whose numbers are all integers becomes an integer tensor.
fn value(
    recording: &Recording,
    name: &str,
    declared: Option<ElementType>,
) -> Result<Value, CheckError> {
    let tensor = recording.get(name)?.clone();
    let has_fraction = tensor.data.iter().position(|n| n.fract() != 0.0);
    let element_type = match (declared, has_fraction) {
        (Some(ElementType::Int), Some(index)) => {
            let error = ExchangeError::Value {
                tensor: name.to_owned(),
                index,
                value: tensor.data[index],
                expected: "expected an integer, because the model reads integers".into(),
            };
            return Err(error.into());
        }
        (Some(declared), _) => declared,
        (None, Some(_)) => ElementType::Float,
        (None, None) => ElementType::Int,
    };
    Ok(Value {
        tensor,
        element_type,
    })
}

/// All numbers among the recorded attributes.
fn exact(recording: &Recording) -> Vec<f64> {
    let Some(Json::Object(attributes)) = recording.entry("attributes") else {
        return Vec::new();
    };
    let numbers = attributes.values().flat_map(|value| match value {
        Json::Array(list) => list.iter().filter_map(Json::as_f64).collect(),
        one => one.as_f64().into_iter().collect::<Vec<_>>(),
    });
    numbers.collect()
}

/// The graph's outputs that are recorded: names in the recording and in the graph.
fn outputs(graph: &Graph, recording: &Recording) -> Result<Vec<(String, String)>, CheckError> {
    let is_recorded = |prefix: &&str| {
        let mut outputs = graph.outputs();
        outputs.any(|output| recording.has(&format!("{prefix}{output}")))
    };
    let prefixes = ["out.", "spec64.", ""].into_iter().filter(is_recorded);
    // If one output is recorded with a prefix, all must be.
    let all = prefixes.flat_map(|prefix| {
        let outputs = graph.outputs();
        outputs.map(move |name| (format!("{prefix}{name}"), name.to_owned()))
    });
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        let first = graph.outputs().next().unwrap_or_default();
        return Err(CheckError::missing(format!("out.{first}")));
    }
    Ok(all)
}

impl RecordedLstm for RecordedGraph {
    fn format(&self) -> &'static str {
        "ONNX model"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        self.lstms.iter().any(|lstm| lstm.applies(mistake))
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let wrong;
        let values = match mistake {
            None => &self.values,
            Some(_) => {
                let mut lstm = Operator::new(&self.exact, mistake);
                // It ran without a mistake, and a mistake changes no shape.
                let run = self.graph.run(&self.given, self.recorded, &mut lstm);
                wrong = run.unwrap_or_default();
                &wrong
            }
        };
        let value = |name: &String| {
            let value = values.get(name).or_else(|| self.given.get(name));
            let value = value.or_else(|| self.graph.constant(name));
            value.map(|value| value.tensor.clone())
        };
        let outputs = self.outputs.iter();
        let mut out: Tensors = outputs
            .filter_map(|(recorded, own)| Some((recorded.clone(), value(own)?)))
            .collect();
        for (name, tensor) in &self.parameters {
            out.insert(format!("param.{name}"), tensor.clone());
        }
        out
    }
}

/// Computes a graph's LSTMs with all options, with a mistake or without.
struct Operator<'a> {
    /// Numbers whose first seven digits may be an attribute's.
    exact: &'a [f64],
    mistake: Option<Mistake>,
    /// The LSTMs that it has computed.
    lstms: Vec<OnnxLstm>,
}

impl<'a> Operator<'a> {
    fn new(exact: &'a [f64], mistake: Option<Mistake>) -> Self {
        Self {
            exact,
            mistake,
            lstms: Vec::new(),
        }
    }

    /// The recorded number that rounds to `f`, or `f` itself.
    fn digits(&self, f: f32) -> f64 {
        let full = self.exact.iter().copied().find(|&full| full as f32 == f);
        full.unwrap_or(f.into())
    }
}

/// Attributes as JSON; `digits` converts the floating-point numbers.
pub(crate) fn json(
    attributes: &BTreeMap<String, AttributeValue>,
    digits: impl Fn(f32) -> f64,
) -> Map<String, Json> {
    let value = |value: &AttributeValue| match value {
        AttributeValue::Float(f) => json!(digits(*f)),
        AttributeValue::Int(i) => json!(i),
        AttributeValue::Text(text) => json!(text),
        AttributeValue::Floats(list) => list.iter().map(|&f| json!(digits(f))).collect(),
        AttributeValue::Ints(list) => json!(list),
        AttributeValue::Texts(list) => json!(list),
    };
    let attributes = attributes.iter();
    attributes
        .map(|(name, own)| (name.clone(), value(own)))
        .collect()
}

impl LstmOperator for Operator<'_> {
    fn outputs(
        &mut self,
        node: &LstmNode<'_>,
    ) -> Result<[Tensor; 3], Box<dyn Error + Send + Sync>> {
        let attributes = json(&node.attributes, |f| self.digits(f));
        let input = |name: &str| node.input(name).cloned();
        let lstm = OnnxLstm::new(&attributes, Inputs(&input))?;
        let outputs = lstm.outputs(self.mistake);
        self.lstms.push(lstm);
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recompute;

    #[test]
    fn an_attribute_has_the_digits_of_the_recording() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/onnx");
        let mut bytes = std::fs::read(folder.join("clip.onnx")).unwrap();
        let (old, new) = (0.25_f32.to_le_bytes(), 0.3_f32.to_le_bytes());
        let at = bytes.windows(4).position(|w| w == old).unwrap();
        bytes[at..at + 4].copy_from_slice(&new);
        let mut recording = Recording::open(&folder.join("clip.safetensors")).unwrap();
        let mut attributes = |clip: f64| {
            let text = format!(r#"{{"clip": {clip}, "hidden_size": 3}}"#);
            recording.metadata.insert("attributes".into(), text);
            let graph = Graph::parse(&bytes).unwrap();
            let model = RecordedGraph::read(graph, &recording).unwrap().lstm;
            let of_model = model.compute(None)["out.Y"].clone();
            (
                of_model,
                recompute(&recording, None).unwrap()["out.Y"].clone(),
            )
        };
        let (found, expected) = attributes(0.3);
        assert_eq!(found, expected);
        // The attribute does not round to this number.
        let (found, expected) = attributes(0.35);
        assert_ne!(found, expected);
    }
}
