//! The traits that an application implements: its models' description and its training.

use crate::{Task, TrainError};
use lstm_model::{Canonical, Engine, ModelError, Parameters};
use serde::Serialize;
use serde::de::{DeserializeOwned, Error};
use serde_json::Value;

/// A model without its weights: its configuration and its vocabulary.
pub trait Description: Clone + Serialize + DeserializeOwned {
    /// The name of this kind of model in its files.
    const KIND: &'static str;

    /// The weights on the engine `R`.
    type Network<R: Engine<Scalar = f32>>: Parameters<Scalar = f32> + Canonical;

    /// Checks the description before anything is built from it.
    ///
    /// # Errors
    /// [`ModelError`] for a size that is out of range or does not agree with the vocabulary.
    fn check(&self) -> Result<(), ModelError>;

    /// The number of weights of a network with this description, after [`check`](Self::check).
    fn parameter_count(&self) -> usize;

    /// A network of this description with all weights zero, into which stored weights are loaded.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    fn zeros<R: Engine<Scalar = f32>>(&self) -> Result<Self::Network<R>, ModelError>;

    /// A network of this description with weights drawn from `seed`.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    fn init<R: Engine<Scalar = f32>>(&self, seed: u64) -> Result<Self::Network<R>, ModelError>;

    /// The description that a `checkpoint.json` of version 1 holds.
    ///
    /// # Errors
    /// If a field is missing or has another type.
    fn from_version_1(_header: &Value) -> serde_json::Result<Self> {
        Err(Error::custom("this application has no files of version 1"))
    }
}

/// How one application trains. A value of this type holds the settings of one run, such as the batch
/// size.
pub trait Application: Clone + Serialize + DeserializeOwned {
    /// The models that are trained.
    type Description: Description;

    /// The training and validation data.
    type Data;

    /// The training task on the engine `R`.
    type Task<R: Engine<Scalar = f32>>: Task<
        Network = <Self::Description as Description>::Network<R>,
    >;

    /// Checks the settings by themselves.
    ///
    /// # Errors
    /// [`ModelError`] naming a setting that is out of range.
    fn check(&self) -> Result<(), ModelError>;

    /// The numbers that the forward pass of one batch keeps for the backward pass, roughly; 0 if that
    /// depends on the data.
    fn tape_numbers(&self, _description: &Self::Description) -> usize {
        0
    }

    /// The seed of every random choice of the run.
    fn seed(&self) -> u64;

    /// The number of steps in an epoch of `data`.
    ///
    /// # Errors
    /// If a setting is out of range, or the data are too few for the settings.
    fn steps_per_epoch(&self, data: &Self::Data) -> Result<u64, TrainError>;

    /// The task of learning from `data`.
    ///
    /// # Errors
    /// If a setting is out of range, or the data are too few for the settings.
    fn task<R: Engine<Scalar = f32>>(
        &self,
        description: &Self::Description,
        data: &Self::Data,
        network: &<Self::Description as Description>::Network<R>,
    ) -> Result<Self::Task<R>, TrainError>;

    /// The settings that a `checkpoint.json` of version 1 holds.
    ///
    /// # Errors
    /// If a field is missing or has another type.
    fn from_version_1(_header: &Value) -> serde_json::Result<Self> {
        Err(Error::custom("this application has no files of version 1"))
    }
}
