//! What can go wrong with a model.

use std::fmt::Display;
use thiserror::Error;

/// A model that cannot be built, or whose weights cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// A setting is out of range.
    #[error("{setting} is {value}, expected {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// A tensor is missing, left over or of another shape.
    #[error("tensor {name}: {why}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

impl ModelError {
    /// A setting that is out of range.
    pub fn setting(setting: &'static str, value: impl Display, expected: &'static str) -> Self {
        Self::Setting {
            setting,
            value: value.to_string(),
            expected,
        }
    }

    /// A tensor that is missing or does not fit.
    pub fn tensor(name: &str, why: impl Display) -> Self {
        Self::Tensor {
            name: name.to_owned(),
            why: why.to_string(),
        }
    }
}
