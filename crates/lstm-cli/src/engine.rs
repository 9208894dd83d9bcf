//! From an engine's name to its type.

use crate::args::EngineName;
use lstm_fast::Fast;
use lstm_model::{Batched, Engine, Layer, Spec};

/// Work that is generic over the engine.
pub trait WithEngine {
    type Output;

    /// Does the work on the engine `R`.
    fn run<R: Engine<Scalar = f32>>(self) -> Self::Output;
}

impl EngineName {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => Fast::NAME,
            Self::Batched => Batched::<f32>::NAME,
            Self::Spec => Spec::<f32>::NAME,
        }
    }

    /// The engine with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Fast, Self::Batched, Self::Spec]
            .into_iter()
            .find(|engine| engine.name() == name)
    }

    pub fn with<W: WithEngine>(self, work: W) -> W::Output {
        match self {
            Self::Fast => work.run::<Fast>(),
            Self::Batched => work.run::<Batched<f32>>(),
            Self::Spec => work.run::<Spec<f32>>(),
        }
    }
}
