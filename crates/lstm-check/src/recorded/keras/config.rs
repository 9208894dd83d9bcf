//! The arguments of a Keras layer: those that change its result, those that do not, and those that are
//! not supported.

use crate::recorded::reader::Reader;
use crate::variant::{Activation, Options};
use crate::{CheckError, Recording};
use serde_json::{Map, Value};

/// The slope of the hard sigmoid since Keras 3.
pub(in crate::recorded) const KERAS_3_SLOPE: f64 = 1.0 / 6.0;
/// The slope of the hard sigmoid up to Keras 2.
pub(in crate::recorded) const KERAS_2_SLOPE: f64 = 0.2;

/// The arguments that matter, from the metadata entry `config`.
pub(super) struct Config {
    pub options: Options,
    pub use_bias: bool,
    pub unit_forget_bias: bool,
    pub go_backwards: bool,
    pub zero_output_for_mask: bool,
    /// H
    pub units: Option<usize>,
    hard_sigmoid_slope: f64,
    notes: Vec<String>,
}

/// The arguments in the metadata entry `config`, and those with a separate entry.
///
/// `config` may be the result of the layer's `get_config`, or a serialised layer, alone or in
/// `Bidirectional`.
fn entries(recording: &Recording) -> Result<Map<String, Value>, CheckError> {
    let config = recording
        .entry("config")
        .unwrap_or(Value::Object(Map::new()));
    let mut entries = layer(config)?;
    for key in [
        "activation",
        "recurrent_activation",
        "go_backwards",
        "merge_mode",
        "time_major",
        "use_bias",
        "zero_output_for_mask",
    ] {
        if let Some(value) = recording.entry(key) {
            let other = entries.insert(key.to_owned(), value.clone());
            if other.is_some_and(|other| other != value) {
                return Err(CheckError::metadata(key, "differs from config"));
            }
        }
    }
    Ok(entries)
}

/// The arguments of an LSTM, taken from its config, from a serialised layer, or from `Bidirectional`.
fn layer(config: Value) -> Result<Map<String, Value>, CheckError> {
    let Value::Object(mut entries) = config else {
        return Err(wrong("is not a JSON object"));
    };
    if let Some(class) = entries.get("class_name").cloned() {
        if class != "LSTM" && class != "Bidirectional" {
            return Err(CheckError::unsupported(format!("Keras' layer {class}")));
        }
        return layer(entries.remove("config").unwrap_or_default());
    }
    let Some(inner) = entries.remove("layer") else {
        return Ok(entries);
    };
    let mut own = layer(inner)?;
    own.extend(
        entries
            .remove("merge_mode")
            .map(|mode| ("merge_mode".into(), mode)),
    );
    if let Some(backward) = entries.remove("backward_layer").filter(|b| !b.is_null()) {
        let backward = layer(backward)?;
        let may_differ = [
            "name",
            "go_backwards",
            "kernel_initializer",
            "recurrent_initializer",
            "bias_initializer",
        ];
        let differs = |key: &&String| {
            own.get(*key) != backward.get(*key) && !may_differ.contains(&key.as_str())
        };
        let mut keys = own.keys().filter(|key| *key != "merge_mode");
        if let Some(key) = keys.find(differs) {
            return Err(CheckError::unsupported(format!(
                "a backward layer with another {key}"
            )));
        }
    }
    Ok(own)
}

impl Config {
    pub fn read(reader: &mut Reader<'_>, hard_sigmoid_slope: f64) -> Result<Self, CheckError> {
        let recording = reader.recording;
        let entries = entries(recording)?;
        let has_bias = recording.has("bias") || recording.has("fw.bias");
        let mut config = Self {
            options: Options::default(),
            use_bias: has_bias,
            unit_forget_bias: true,
            go_backwards: false,
            zero_output_for_mask: false,
            units: None,
            hard_sigmoid_slope,
            notes: Vec::new(),
        };
        for (key, value) in &entries {
            config.set(key, value)?;
        }
        if has_bias && !config.use_bias {
            return Err(wrong("use_bias is false, but there is a bias"));
        }
        for note in std::mem::take(&mut config.notes) {
            reader.note(note);
        }
        Ok(config)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), CheckError> {
        let is_off =
            matches!(value, Value::Null | Value::Bool(false)) || value.as_f64() == Some(0.0);
        match key {
            "activation" => {
                self.options.candidate = self.activation(value)?;
                self.options.cell = self.options.candidate;
            }
            "recurrent_activation" => self.options.gate = self.activation(value)?,
            "use_bias" => self.use_bias = flag(key, value)?,
            "unit_forget_bias" => self.unit_forget_bias = flag(key, value)?,
            "go_backwards" => self.go_backwards = flag(key, value)?,
            "zero_output_for_mask" => self.zero_output_for_mask = flag(key, value)?,
            "units" => self.units = value.as_u64().map(|units| units as usize),
            // The tensors already show these, or they do not change the result.
            "name" | "trainable" | "dtype" | "return_sequences" | "return_state" | "unroll"
            | "use_cudnn" | "implementation" | "seed" | "time_major" | "batch_input_shape"
            | "batch_shape" | "input_shape" => {}
            key if key.ends_with("_initializer") => {}
            "merge_mode" if value == "concat" => {}
            _ if is_off => {}
            "stateful" => self.note(format!(
                "{key}: the state before the recording is h0 and c0, or zero"
            )),
            "dropout" | "recurrent_dropout" => {
                self.note(format!(
                    "{key} {value} acts only in training and is not applied"
                ));
            }
            key if key.ends_with("_regularizer") || key.ends_with("_constraint") => {
                self.note(format!("{key} acts only in training and is not applied"));
            }
            _ => return Err(CheckError::unsupported(format!("Keras' {key} = {value}"))),
        }
        Ok(())
    }
}

impl Config {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// An activation, given by its name or in serialised form.
    fn activation(&self, value: &Value) -> Result<Activation, CheckError> {
        let unsupported = || CheckError::unsupported(format!("Keras' activation {value}"));
        let name = match value {
            Value::Null => "linear",
            Value::String(name) => name.rsplit('.').next().unwrap_or_default(),
            Value::Object(entries) => return self.serialised(entries, unsupported),
            _ => return Err(unsupported()),
        };
        Ok(match name {
            "sigmoid" => Activation::Sigmoid,
            "tanh" => Activation::Tanh,
            "relu" => Activation::Relu,
            "linear" => Activation::Affine(1.0, 0.0),
            "hard_sigmoid" => Activation::HardSigmoid(self.hard_sigmoid_slope, 0.5),
            "elu" => Activation::Elu(1.0),
            "leaky_relu" => Activation::LeakyRelu(0.2),
            "softsign" => Activation::Softsign,
            "softplus" => Activation::Softplus,
            _ => return Err(unsupported()),
        })
    }

    /// A serialised activation: a function, whose `config` is its name, or a layer.
    fn serialised(
        &self,
        entries: &Map<String, Value>,
        unsupported: impl Fn() -> CheckError,
    ) -> Result<Activation, CheckError> {
        let class = entries.get("class_name").and_then(Value::as_str);
        let config = entries.get("config").unwrap_or(&Value::Null);
        let number = |key: &str| config.get(key).and_then(Value::as_f64);
        let is_plain = ["threshold", "negative_slope"]
            .iter()
            .all(|key| number(key).is_none_or(|n| n == 0.0));
        match class {
            _ if config.is_string() => self.activation(config),
            Some("Activation") => self.activation(config.get("activation").unwrap_or(&Value::Null)),
            Some("ReLU") if is_plain && number("max_value").is_none() => Ok(Activation::Relu),
            Some("ELU") => Ok(Activation::Elu(number("alpha").unwrap_or(1.0))),
            Some("LeakyReLU") => {
                let slope = number("negative_slope").or_else(|| number("alpha"));
                Ok(Activation::LeakyRelu(slope.unwrap_or(0.3)))
            }
            _ => Err(unsupported()),
        }
    }
}

/// A boolean, which metadata entries store as text.
fn flag(key: &str, value: &Value) -> Result<bool, CheckError> {
    let text = value.as_str().map(str::to_lowercase);
    match (value, text.as_deref()) {
        (Value::Bool(flag), _) => Ok(*flag),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        _ => Err(wrong(&format!("{key} is {value}, expected true or false"))),
    }
}

fn wrong(why: &str) -> CheckError {
    CheckError::metadata("config", why)
}
