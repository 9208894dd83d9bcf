//! Recognises the format of a recording by the names of its tensors, and lists its possible readings.

use super::keras::{KERAS_2_SLOPE, KERAS_3_SLOPE, Keras, Style};
use super::model::Logits;
use super::onnx::Node;
use super::reader::Read;
use super::spelling::{
    Respelled, keras_name, keras_path, onnx_name, respelled, torch_name, torch_prefix,
};
use super::torch::Torch;
use super::{ProjectVector, RecordedLstm, Trace, Understood, vector};
use crate::arrange::Axes;
use crate::{CheckError, Recording};

/// All possible readings of a recording, the most common one first.
pub(crate) fn understand(recording: &Recording) -> Result<Vec<Understood>, CheckError> {
    let has = |names: &[&str]| names.iter().any(|name| recording.has(name));
    let has_prefix = |prefixes: &[&str]| prefixes.iter().any(|p| recording.has_prefix(p));
    let is_plain = has(&["weight_ih_l0", "weight_hh_l0", "kernel", "recurrent_kernel"]);
    if recording.metadata.contains_key(vector::VERSION) {
        alone(recording, ProjectVector::read)
    } else if !is_plain && has_prefix(&["init."]) {
        alone(recording, Trace::read)
    } else if !is_plain && has_prefix(&["in.W", "in.R", "in.X"]) {
        alone(recording, Node::read)
    } else if !is_plain && has(&["logits"]) && has_prefix(&["param."]) {
        logits(recording)
    } else if let Some(prefix) = torch_prefix(recording)? {
        torch(&respelled(recording, |name| torch_name(name, &prefix))?)
    } else if let Some(path) = keras_path(recording)? {
        keras(&respelled(recording, |name| keras_name(name, &path))?)
    } else if has(&["W"]) && has(&["R"]) {
        let theirs = respelled(recording, onnx_name)?;
        let mut read = alone(&theirs.recording, Node::read)?;
        read[0].originals = theirs.originals;
        Ok(read)
    } else {
        Err(CheckError::UnknownRecording)
    }
}

/// The reading of a format that allows only one.
fn alone<L: RecordedLstm + 'static>(
    recording: &Recording,
    read: impl Fn(&Recording) -> Result<Read<L>, CheckError>,
) -> Result<Vec<Understood>, CheckError> {
    Ok(vec![Understood::new(recording.clone(), read(recording)?)])
}

/// A possible reading of a recording.
struct Way<S> {
    style: S,
    axes: Axes,
    name: String,
    is_contrary: bool,
}

/// The recording in all readings that its shapes allow.
fn in_all<S: Copy, L: RecordedLstm + 'static>(
    theirs: &Respelled,
    ways: Vec<Way<S>>,
    read: impl Fn(&Recording, S) -> Result<Read<L>, CheckError>,
) -> Result<Vec<Understood>, CheckError> {
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for (n, way) in ways.into_iter().enumerate() {
        match read(&theirs.recording, way.style) {
            Ok(read) => all.push(Understood {
                originals: theirs.originals.clone(),
                reading: way.name,
                axes: Some(way.axes),
                is_usual: n == 0,
                is_contrary: way.is_contrary,
                ..Understood::new(theirs.recording.clone(), read)
            }),
            Err(error) => errors.push(error),
        }
    }
    let is_readable = all.iter().any(|read| !read.is_contrary);
    match errors.into_iter().next() {
        Some(error) if !is_readable && all.is_empty() => Err(error),
        Some(error) if !is_readable => Err(CheckError::Swapped {
            error: error.to_string(),
        }),
        _ => Ok(all),
    }
}

/// The possible orders of batch and time, the usual one first: two, but only one for a single sequence.
/// `stated` is the order that the metadata or the format states, if any.
fn orders(recording: &Recording, usual: Axes, stated: Option<Axes>) -> Vec<Way<Axes>> {
    let first = stated.unwrap_or(usual);
    let way = |axes: Axes| Way {
        style: axes,
        axes,
        name: axes.name().to_owned(),
        is_contrary: stated.is_some_and(|stated| stated != axes),
    };
    let is_one_sequence = recording
        .tensors
        .get("x")
        .is_some_and(|x| x.shape.len() < 3);
    if is_one_sequence {
        vec![way(first)]
    } else {
        vec![way(first), way(first.other())]
    }
}

/// The order given by the metadata entry `batch_first`.
fn stated_order(recording: &Recording) -> Result<Option<Axes>, CheckError> {
    let is_batch_first = recording.flag("batch_first")?;
    Ok(is_batch_first.map(|is_batch_first| {
        if is_batch_first {
            Axes::BatchFirst
        } else {
            Axes::TimeFirst
        }
    }))
}

fn logits(recording: &Recording) -> Result<Vec<Understood>, CheckError> {
    let theirs = respelled(recording, str::to_owned)?;
    let ways = orders(recording, Axes::TimeFirst, stated_order(recording)?);
    in_all(&theirs, ways, Logits::read)
}

/// PyTorch's layer reads time first unless `batch_first` is set. A mask may hide steps from the LSTM
/// (packed sequences) or only from the loss.
fn torch(theirs: &Respelled) -> Result<Vec<Understood>, CheckError> {
    let has_mask = theirs.recording.has("mask") && !theirs.recording.has("lengths");
    let mut ways = Vec::new();
    let stated = stated_order(&theirs.recording)?;
    for way in orders(&theirs.recording, Axes::TimeFirst, stated) {
        for is_packed in [true, false].into_iter().take(1 + usize::from(has_mask)) {
            let used = match (has_mask, is_packed) {
                (false, _) => "",
                (true, true) => ", packed by the mask",
                (true, false) => ", the mask unknown to the LSTM",
            };
            ways.push(Way {
                style: (way.axes, is_packed),
                axes: way.axes,
                name: format!("{}{used}", way.name),
                is_contrary: way.is_contrary,
            });
        }
    }
    in_all(theirs, ways, Torch::read)
}

/// Keras reads batch first; old versions read time first with `time_major`. The slope of the hard
/// sigmoid depends on the version, and `lengths` do not say at which end the padding is.
fn keras(theirs: &Respelled) -> Result<Vec<Understood>, CheckError> {
    let recording = &theirs.recording;
    let config = recording.metadata.get("config").map_or("", String::as_str);
    let is_time_major = recording.flag("time_major")? == Some(true)
        || config.replace(' ', "").contains("\"time_major\":true");
    let usual = if is_time_major {
        Axes::TimeFirst
    } else {
        Axes::BatchFirst
    };
    let has_hard_sigmoid = recording
        .metadata
        .values()
        .any(|v| v.contains("hard_sigmoid"));
    let slopes = match version(recording) {
        None if has_hard_sigmoid => vec![
            (KERAS_3_SLOPE, ", Keras 3's hard sigmoid"),
            (KERAS_2_SLOPE, ", Keras 2's hard sigmoid"),
        ],
        Some(..=2) => vec![(KERAS_2_SLOPE, "")],
        _ => vec![(KERAS_3_SLOPE, "")],
    };
    let mut sides = vec![(false, "")];
    if recording.has("lengths") && !recording.has("mask") {
        sides = vec![
            (false, ", padded at the end"),
            (true, ", padded at the start"),
        ];
    }
    let mut ways = Vec::new();
    for way in orders(recording, usual, Some(usual)) {
        for (hard_sigmoid_slope, slope) in &slopes {
            for (is_padded_first, side) in &sides {
                ways.push(Way {
                    style: Style {
                        axes: way.axes,
                        hard_sigmoid_slope: *hard_sigmoid_slope,
                        is_padded_first: *is_padded_first,
                    },
                    name: format!("{}{slope}{side}", way.name),
                    axes: way.axes,
                    is_contrary: way.is_contrary,
                });
            }
        }
    }
    in_all(theirs, ways, Keras::read)
}

/// The major version of Keras, if the metadata give it: `keras_version` 2.15.0, `keras` 3.8, or
/// `producer` keras 3.15.1.
fn version(recording: &Recording) -> Option<u32> {
    let of = |key: &str| recording.metadata.get(key).map(String::as_str);
    let produced = of("producer").and_then(|text| text.split("keras ").nth(1));
    let text = of("keras_version").or(of("keras")).or(produced)?;
    text.trim().split('.').next()?.parse().ok()
}
