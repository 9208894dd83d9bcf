//! The layer's arguments in Keras.

use crate::variant::{Activation, Options};
use crate::{CheckError, Recording};
use serde_json::{Map, Value};

/// The arguments that matter, from the metadata entry `config`.
pub(super) struct Config {
    pub options: Options,
    pub use_bias: bool,
    pub unit_forget_bias: bool,
    pub go_backwards: bool,
}

impl Config {
    pub fn read(recording: &Recording) -> Result<Self, CheckError> {
        let entry = recording.entry("config");
        let Value::Object(entries) = entry.unwrap_or_else(|| Value::Object(Map::new())) else {
            return Err(wrong("is not a JSON object".into()));
        };
        let mut config = Self {
            options: Options::default(),
            use_bias: recording.has("bias") || recording.has("fw.bias"),
            unit_forget_bias: true,
            go_backwards: false,
        };
        for (key, value) in &entries {
            config.set(key, value)?;
        }
        Ok(config)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), CheckError> {
        let flag = || {
            let flag = value.as_bool();
            flag.ok_or_else(|| wrong(format!("{key} is {value}, expected true or false")))
        };
        match key {
            "activation" => {
                self.options.candidate = activation(value)?;
                self.options.cell = activation(value)?;
            }
            "recurrent_activation" => self.options.gate = activation(value)?,
            "use_bias" => self.use_bias = flag()?,
            "unit_forget_bias" => self.unit_forget_bias = flag()?,
            "go_backwards" => self.go_backwards = flag()?,
            // The tensors show these.
            "return_sequences" | "return_state" | "unroll" | "use_cudnn" | "name" | "units"
            | "dtype" => {}
            "merge_mode" if value == "concat" => {}
            "dropout" | "recurrent_dropout" | "seed"
                if value.as_f64() == Some(0.0) || value.is_null() => {}
            _ => {
                return Err(CheckError::Unsupported {
                    what: format!("Keras' {key} = {value}"),
                });
            }
        }
        Ok(())
    }
}

fn wrong(why: String) -> CheckError {
    CheckError::Metadata {
        key: "config".into(),
        why,
    }
}

fn activation(value: &Value) -> Result<Activation, CheckError> {
    Ok(match value.as_str() {
        Some("sigmoid") => Activation::Sigmoid,
        Some("tanh") => Activation::Tanh,
        Some("relu") => Activation::Relu,
        Some("linear") => Activation::Affine(1.0, 0.0),
        Some("hard_sigmoid") => Activation::HardSigmoid(1.0 / 6.0, 0.5),
        Some("elu") => Activation::Elu(1.0),
        Some("softsign") => Activation::Softsign,
        Some("softplus") => Activation::Softplus,
        _ => {
            return Err(CheckError::Unsupported {
                what: format!("Keras' activation {value}"),
            });
        }
    })
}
