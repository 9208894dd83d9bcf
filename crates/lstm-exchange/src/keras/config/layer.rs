//! A layer's entry in a configuration, and the values that its properties may have.

use super::super::hdf5::not_keras;
use crate::ExchangeError;
use serde_json::{Map, Value};

/// `class_name` and `config` of a layer, a cell or a model.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub class: &'a str,
    pub name: &'a str,
    /// The whole entry; in a functional model it also has `inbound_nodes`.
    pub entry: &'a Map<String, Value>,
    /// Its `config`; for Sequential models of early versions, a list.
    pub config: &'a Value,
}

/// Properties of any layer that do not change what it computes at inference.
const HARMLESS: [&str; 14] = [
    "name",
    "trainable",
    "batch_input_shape",
    "batch_shape",
    "input_shape",
    "input_length",
    "units",
    "input_dim",
    "output_dim",
    "seed",
    "dropout",
    "recurrent_dropout",
    "implementation",
    "unit_forget_bias",
];

impl<'a> Record<'a> {
    /// # Errors
    /// If the entry is not a layer, or its class is not one of Keras' own.
    pub fn read(value: &'a Value) -> Result<Self, ExchangeError> {
        let malformed = || not_keras("its configuration has an entry that is no layer".into());
        let entry = value.as_object().ok_or_else(malformed)?;
        let class = entry.get("class_name").and_then(Value::as_str);
        let config = entry.get("config").ok_or_else(malformed)?;
        let names = [config.get("name"), entry.get("name")];
        let name = names.into_iter().flatten().find_map(Value::as_str);
        let record = Self {
            class: class.ok_or_else(malformed)?,
            name: name.unwrap_or_default(),
            entry,
            config,
        };
        record.expect_own_class()?;
        Ok(record)
    }

    /// Refuses custom classes: they may compute anything, even under the name of a Keras layer.
    fn expect_own_class(&self) -> Result<(), ExchangeError> {
        let module = match self.entry.get("module") {
            None => Some("keras"),
            Some(module) => module.as_str(),
        };
        let package = module.and_then(|module| module.split('.').next());
        let is_of_keras = matches!(package, Some("keras" | "tf_keras" | "tensorflow"));
        let registered = self.entry.get("registered_name").and_then(Value::as_str);
        if is_of_keras && registered.is_none_or(|name| name == self.class) {
            return Ok(());
        }
        Err(self.refuse(
            "a class of your own computes in Python what a file does not say",
            "build the model of Keras' own layers, copy the weights with set_weights, and save that",
        ))
    }

    pub fn label(&self) -> String {
        match self.name {
            "" => self.class.to_owned(),
            name => format!("{name:?} ({})", self.class),
        }
    }

    pub fn refuse(&self, why: impl Into<String>, remedy: &str) -> ExchangeError {
        ExchangeError::Layer {
            layer: self.label(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.config.get(key)
    }

    /// Refuses a layer in which the property has a value other than the `fitting` ones.
    pub fn expect(&self, key: &str, fitting: &[Value], remedy: &str) -> Result<(), ExchangeError> {
        match self.get(key) {
            Some(value) if fitting.contains(value) => Ok(()),
            Some(value) => {
                let fitting: Vec<String> = fitting.iter().map(Value::to_string).collect();
                let why = format!(
                    "{key} is {}, expected {}",
                    shown(value),
                    fitting.join(" or ")
                );
                Err(self.refuse(why, remedy))
            }
            None => Err(self.refuse(
                format!("the configuration does not give {key}"),
                "save the model again with a current version of Keras",
            )),
        }
    }

    /// Refuses a layer with a property that is switched on but not in `checked`.
    pub fn expect_no_other(&self, checked: &[&str]) -> Result<(), ExchangeError> {
        self.expect_number_type()?;
        let properties = self.config.as_object().into_iter().flatten();
        for (key, value) in properties {
            let endings = ["_initializer", "_regularizer", "_constraint"];
            let is_for_training = endings.iter().any(|ending| key.ends_with(ending));
            let is_off = value.is_null() || *value == Value::Bool(false);
            let is_checked = key == "dtype" || checked.contains(&key.as_str());
            if !is_for_training && !is_off && !is_checked && !HARMLESS.contains(&key.as_str()) {
                return Err(self.refuse(
                    format!(
                        "{key} is {}, and models here have no such property",
                        shown(value)
                    ),
                    "build the layer without it, copy the weights with set_weights, and save again",
                ));
            }
        }
        Ok(())
    }

    /// Refuses quantised weights. Mixed precision is fine: it keeps the weights in single precision.
    fn expect_number_type(&self) -> Result<(), ExchangeError> {
        let dtype = self.get("dtype").unwrap_or(&Value::Null);
        let policy = |dtype: &'a Value| -> Option<&'a str> {
            let class = dtype.get("class_name")?.as_str()?;
            let is_plain = matches!(class, "DTypePolicy" | "Policy");
            dtype
                .get("config")?
                .get("name")?
                .as_str()
                .filter(|_| is_plain)
        };
        let name = dtype.as_str().or_else(|| policy(dtype));
        let known = ["float32", "float64", "mixed_float16", "mixed_bfloat16"];
        if dtype.is_null() || name.is_some_and(|name| known.contains(&name)) {
            return Ok(());
        }
        Err(self.refuse(
            format!(
                "dtype is {}, expected one of {}",
                shown(dtype),
                known.join(", ")
            ),
            "save the model in single precision, before it is quantised",
        ))
    }
}

/// A value for a message, shortened: user-defined functions are long.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
