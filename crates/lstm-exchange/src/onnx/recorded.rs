//! A model beside a recording of what somebody else computed with it.

use super::file::{parse, read_bytes};
use super::graph::{Graph, Run, Values};
use super::structure::Structure;
use super::value::{Kind, Value};
use crate::recorded::Computation;
use crate::variant::Mistake;
use crate::{ExchangeError, Recording, Tensors};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// A model's file, the recording beside it, and the names of the tensors that it is computed from.
pub(crate) struct Understood {
    pub recording: Recording,
    pub computation: Box<dyn Computation>,
    pub used: Vec<String>,
}

/// Reads a model and the recording beside it.
///
/// # Errors
/// If either cannot be read or understood, or holds what is not supported.
pub(crate) fn understand_file(path: &Path) -> Result<Understood, ExchangeError> {
    let graph = Graph::new(parse(&read_bytes(path)?)?)?;
    let looked_for = candidates(path);
    let Some(found) = looked_for.iter().find(|path| path.is_file()) else {
        return Err(ExchangeError::NoRecording { looked_for });
    };
    understand(graph, Recording::open(found)?)
}

/// As [`understand_file`], from memory.
pub(super) fn understand(
    mut graph: Graph,
    recording: Recording,
) -> Result<Understood, ExchangeError> {
    graph.exact = exact(&recording);
    let (mut given, mut used) = (Values::new(), Vec::new());
    for input in &graph.inputs {
        let names = [format!("in.{}", input.name), input.name.clone()];
        let Some(name) = names.into_iter().find(|name| recording.has(name)) else {
            continue;
        };
        let tensor = recording.get(&name)?.clone();
        let is_whole = !recording.single[&name] && tensor.data.iter().all(|n| n.fract() == 0.0);
        let kind = if is_whole { Kind::Int } else { Kind::Float };
        given.insert(input.name.clone(), Value { tensor, kind });
        used.push(name);
    }
    let recorded = recording.tensors.values().map(|t| t.data.len()).sum();
    let run = graph.run(&given, recorded, None)?;
    let mut parameters = Structure::find(&graph)
        .map(|structure| structure.parameters())
        .unwrap_or_default();
    parameters.retain(|name, _| recording.has(&format!("param.{name}")));
    let file = File {
        outputs: outputs(&graph, &recording)?,
        graph,
        given,
        recorded,
        run,
        parameters,
    };
    Ok(Understood {
        recording,
        computation: Box::new(file),
        used,
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

/// `model.safetensors` beside `model.onnx` or `model.maker.onnx`, or one folder up.
fn candidates(path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut stems = vec![stem.as_ref()];
    stems.extend(stem.rsplit_once('.').map(|(stem, _)| stem));
    let folder = path.parent().unwrap_or(Path::new(""));
    let up = match folder.file_name() {
        Some(_) => folder.parent().map(Path::to_owned),
        None => Some(folder.join("..")),
    };
    let folders = [Some(folder.to_owned()), up];
    folders
        .iter()
        .flatten()
        .flat_map(|folder| {
            stems
                .iter()
                .map(|stem| folder.join(format!("{stem}.safetensors")))
        })
        .collect()
}

/// The names under which the graph's outputs are recorded.
fn outputs(graph: &Graph, recording: &Recording) -> Result<Vec<(String, String)>, ExchangeError> {
    let prefixes = ["out.", "spec64.", ""];
    let is_recorded = |prefix: &&str| {
        graph
            .outputs
            .iter()
            .any(|output| recording.has(&format!("{prefix}{}", output.name)))
    };
    let there: Vec<&str> = prefixes.into_iter().filter(is_recorded).collect();
    if there.is_empty() {
        let first = graph
            .outputs
            .first()
            .map_or("", |output| output.name.as_str());
        return Err(ExchangeError::Missing {
            tensor: format!("out.{first}"),
        });
    }
    // Of a kind of which one is recorded, all must be.
    let all = there.iter().flat_map(|prefix| {
        let of = move |name: &String| (format!("{prefix}{name}"), name.clone());
        graph.outputs.iter().map(move |output| of(&output.name))
    });
    Ok(all.collect())
}

struct File {
    graph: Graph,
    given: Values,
    /// How many numbers the recording has.
    recorded: usize,
    run: Run,
    /// The names of the recording, and of the graph.
    outputs: Vec<(String, String)>,
    /// The weights by their names in PyTorch, if the graph is a language model.
    parameters: Tensors,
}

impl Computation for File {
    fn format(&self) -> &'static str {
        "ONNX model"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        self.run.lstms.iter().any(|lstm| lstm.applies(mistake))
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let wrong;
        let run = match mistake {
            None => &self.run,
            Some(_) => {
                // It has been computed without a mistake, so it can be with one.
                wrong = self
                    .graph
                    .run(&self.given, self.recorded, mistake)
                    .unwrap_or_default();
                &wrong
            }
        };
        let value = |name: &String| {
            let value = run.values.get(name).or_else(|| self.given.get(name));
            let value = value.or_else(|| self.graph.constants.get(name));
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
            let graph = Graph::new(parse(&bytes).unwrap()).unwrap();
            let file = understand(graph, recording.clone()).unwrap();
            let of_model = file.computation.compute(None)["out.Y"].clone();
            (
                of_model,
                recompute(&recording, None).unwrap()["out.Y"].clone(),
            )
        };
        let (found, expected) = attributes(0.3);
        assert_eq!(found, expected);
        // Another number is none of it.
        let (found, expected) = attributes(0.35);
        assert_ne!(found, expected);
    }
}
