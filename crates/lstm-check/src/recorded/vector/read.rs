//! Reading a vector.

use super::{AXES, ProjectVector, VERSION, named, prefixes};
use crate::arrange::states;
use crate::recorded::assert_feasible;
use crate::recorded::reader::{Read, Reader};
use crate::variant::{Computation, Direction, Loss, Options, Padding, first_steps};
use crate::{CheckError, Recording};
use lstm_cell::State;
use lstm_exchange::Tensor;
use serde_json::Value;

impl ProjectVector {
    pub fn read(recording: &Recording) -> Result<Read<Self>, CheckError> {
        if recording.metadata.get(VERSION).map(String::as_str) != Some("1") {
            return Err(CheckError::metadata(VERSION, "is not 1"));
        }
        let (_, [seq_len, batch_size, d]) = recording.ranked("x")?;
        let (_, [h, r]) = recording.ranked("layer0.w_hi")?;
        let (options, window) = options(recording)?;
        let mut reader = Reader::new(recording);
        let layers = layers(recording, &mut reader, [d, h, r], options)?;
        let sizes = [seq_len, batch_size, d + h + r, layers.len(), 2];
        assert_feasible(recording.count(), &sizes)?;
        let outputs = r * layers.last().map_or(0, Vec::len);
        let mut computation = Computation {
            layers,
            x: reader.sequences("x", AXES, [seq_len, batch_size, d])?,
            steps: first_steps(&reader.lengths([seq_len, batch_size])?),
            initial: Vec::new(),
            padding: Padding::Zero,
            in_reading_order: false,
            window,
            loss: Loss {
                wy: reader.sequences("wy", AXES, [seq_len, batch_size, outputs])?,
                last: Vec::new(),
            },
        };
        for prefix in prefixes(&computation) {
            let mut pair = |names: [&str; 2]| {
                let names = names.map(|name| format!("{prefix}{name}"));
                pair_of_states(&mut reader, &names, [batch_size, r, h])
            };
            computation.initial.push(pair(["h_0", "c_0"])?);
            computation.loss.last.push(pair(["wh", "wc"])?);
        }
        Ok(reader.finish(Self { computation }))
    }
}

/// The layers; there are as many as the tensors' names say.
fn layers(
    recording: &Recording,
    reader: &mut Reader<'_>,
    [d, h, r]: [usize; 3],
    options: Options,
) -> Result<Vec<Vec<Direction<f64>>>, CheckError> {
    let (mut layers, mut inputs) = (Vec::new(), d);
    loop {
        let mut layer = Vec::new();
        for reverse in [false, true] {
            let prefix = format!(
                "layer{}{}.",
                layers.len(),
                if reverse { "_reverse" } else { "" }
            );
            let mut names = recording.tensors.keys();
            if names.any(|name| name.starts_with(&prefix)) {
                layer.push(Direction {
                    weights: named::read(reader, &prefix, [inputs, h, r], options.coupled)?,
                    options,
                    reverse,
                });
            }
        }
        if layer.is_empty() {
            return Ok(layers);
        }
        inputs = r * layer.len();
        layers.push(layer);
    }
}

/// The states of one direction from tensors (B, R) and (B, H).
fn pair_of_states(
    reader: &mut Reader<'_>,
    [h_name, c_name]: &[String; 2],
    [batch_size, r, h]: [usize; 3],
) -> Result<Vec<State<f64>>, CheckError> {
    let mut of = |name: &str, size: usize| {
        let tensor = reader.tensor(name, &[batch_size, size])?;
        Ok::<_, CheckError>(Tensor::new(&[1, batch_size, size], tensor.data))
    };
    let pair = states(&of(h_name, r)?, &of(c_name, h)?);
    Ok(pair.into_iter().flatten().collect())
}

/// The options and the window from the metadata entry `options`; the activations are σ and tanh.
fn options(recording: &Recording) -> Result<(Options, Option<usize>), CheckError> {
    let wrong = |why: &str| CheckError::metadata("options", why);
    let entry = recording
        .entry("options")
        .ok_or_else(|| wrong("is missing"))?;
    let Value::Object(entries) = &entry else {
        return Err(wrong("is not a JSON object"));
    };
    let is_known = |key: &&String| ["clip", "coupled", "window"].contains(&key.as_str());
    if let Some(key) = entries.keys().find(|key| !is_known(key)) {
        return Err(CheckError::unsupported(format!("the option {key}")));
    }
    let clip = match &entry["clip"] {
        Value::Null => None,
        clip => match clip.as_f64() {
            Some(clip) if clip > 0.0 => Some(clip),
            _ => return Err(wrong("clip is not a positive number")),
        },
    };
    let window = match &entry["window"] {
        Value::Null => None,
        window => match window.as_u64() {
            Some(steps @ 1..) => Some(steps as usize),
            _ => return Err(wrong("window is not a positive number of steps")),
        },
    };
    let coupled = entry["coupled"].as_bool();
    let options = Options {
        clip,
        coupled: coupled.ok_or_else(|| wrong("coupled is not true or false"))?,
        ..Options::default()
    };
    Ok((options, window))
}
