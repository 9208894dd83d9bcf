//! PyTorch's optimisers by their options.

use crate::{CheckError, Recording};
use lstm_train::Optimizer;
use serde_json::Value;

/// How the weights are updated.
pub(super) struct Rule {
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    /// λ of an L2 penalty, whose gradient λθ is added to the loss's.
    pub l2: f64,
}

impl Rule {
    /// From the metadata entry `optimizer`.
    pub fn read(recording: &Recording) -> Result<Self, CheckError> {
        let options = recording.entry("optimizer");
        let options = options.ok_or_else(|| missing("optimizer"))?;
        expect_supported(&options)?;
        let class = options["class"].as_str();
        let class = class.ok_or_else(|| missing("optimizer.class"))?;
        let is_decoupled =
            class == "AdamW" || options["decoupled_weight_decay"] == Value::Bool(true);
        let decay = number_or_zero(&options, "weight_decay");
        Ok(Self {
            optimizer: optimizer(&options, class, is_decoupled.then_some(decay))?,
            learning_rate: number(&options, "lr")?,
            l2: if is_decoupled { 0.0 } else { decay },
        })
    }
}

fn missing(key: &str) -> CheckError {
    CheckError::metadata(key, "is missing")
}

fn number(options: &Value, key: &str) -> Result<f64, CheckError> {
    let value = options[key].as_f64();
    value.ok_or_else(|| missing(&format!("optimizer.{key}")))
}

fn number_or_zero(options: &Value, key: &str) -> f64 {
    options[key].as_f64().unwrap_or(0.0)
}

/// Refuses options that the optimisers of lstm-model do not have.
fn expect_supported(options: &Value) -> Result<(), CheckError> {
    for key in ["amsgrad", "maximize", "nesterov", "centered"] {
        if options[key] == Value::Bool(true) {
            return Err(CheckError::unsupported(format!("an optimiser with {key}")));
        }
    }
    if number_or_zero(options, "dampening") != 0.0 {
        return Err(CheckError::unsupported("momentum with dampening"));
    }
    Ok(())
}

/// The optimiser of a class; `decoupled` is the weight decay that is no L2 penalty.
fn optimizer(
    options: &Value,
    class: &str,
    decoupled: Option<f64>,
) -> Result<Optimizer, CheckError> {
    let number = |key| number(options, key);
    let beta = |n: usize| {
        let value = options["betas"][n].as_f64();
        value.ok_or_else(|| missing("optimizer.betas"))
    };
    let has_momentum = number_or_zero(options, "momentum") != 0.0;
    Ok(match (class, decoupled) {
        ("Adam" | "AdamW", Some(weight_decay)) => Optimizer::AdamW {
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: number("eps")?,
            weight_decay,
        },
        ("Adam", None) => Optimizer::Adam {
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: number("eps")?,
        },
        ("SGD", _) if !has_momentum => Optimizer::Sgd,
        ("SGD", _) => Optimizer::Momentum {
            momentum: number("momentum")?,
        },
        ("RMSprop", _) if !has_momentum => Optimizer::RmsProp {
            alpha: number("alpha")?,
            epsilon: number("eps")?,
        },
        _ => return Err(CheckError::unsupported(format!("the optimiser {class}"))),
    })
}
