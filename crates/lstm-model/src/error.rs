//! Errors of building a model and of reading its weights.

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
        /// Its value.
        value: String,
        /// The values that are allowed.
        expected: &'static str,
    },
    /// A tensor is missing, unexpected, or has the wrong shape.
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
    #[must_use]
    pub fn setting(setting: &'static str, value: impl Display, expected: &'static str) -> Self {
        Self::Setting {
            setting,
            value: value.to_string(),
            expected,
        }
    }

    /// Checks that no setting is 0.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is 0.
    pub fn check_not_zero(settings: &[(&'static str, usize)]) -> Result<(), Self> {
        match settings.iter().find(|(_, value)| *value == 0) {
            Some((setting, _)) => Err(Self::setting(setting, 0, "at least 1")),
            None => Ok(()),
        }
    }

    /// Checks that a rate, such as that of dropout, is in [0, 1).
    ///
    /// # Errors
    /// [`ModelError::Setting`] if it is not.
    pub fn check_rate(setting: &'static str, rate: f64) -> Result<(), Self> {
        if (0.0..1.0).contains(&rate) {
            return Ok(());
        }
        Err(Self::setting(setting, rate, "at least 0 and below 1"))
    }

    /// A tensor that is missing or has the wrong name, shape or numbers.
    #[must_use]
    pub fn tensor(name: &str, why: impl Display) -> Self {
        Self::Tensor {
            name: name.to_owned(),
            why: why.to_string(),
        }
    }
}
