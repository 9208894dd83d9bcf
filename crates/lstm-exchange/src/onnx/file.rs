//! The bytes of a model's file and its protobuf messages.

use super::guard::{Refusal, look_over, look_over_tensor};
use super::proto::{Model, TensorData};
use crate::ExchangeError;
use prost::Message;
use std::path::Path;

/// The producer's name in a written model.
pub(super) const PRODUCER: &str = "lstm-exchange";

/// The most bytes that a protobuf message may have.
pub(super) const MOST_BYTES: u64 = i32::MAX as u64;

/// A file's bytes, if it is not larger than a protobuf can be.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, ExchangeError> {
    let io = |source| ExchangeError::Io {
        path: path.to_owned(),
        source,
    };
    let len = std::fs::metadata(path).map_err(io)?.len();
    if len > MOST_BYTES {
        return Err(ExchangeError::NotOnnx {
            why: format!("it has {len} bytes, and a protobuf at most {MOST_BYTES}"),
        });
    }
    std::fs::read(path).map_err(io)
}

/// Decodes a model; this takes a small multiple of the bytes' length in memory.
pub(super) fn parse(bytes: &[u8]) -> Result<Model, ExchangeError> {
    look_over(bytes).map_err(refused)?;
    Model::decode(bytes).map_err(|error| ExchangeError::NotOnnx {
        why: error.to_string(),
    })
}

/// Decodes one tensor.
pub(super) fn parse_tensor(bytes: &[u8]) -> Result<TensorData, ExchangeError> {
    look_over_tensor(bytes).map_err(refused)?;
    TensorData::decode(bytes).map_err(|error| ExchangeError::NotOnnx {
        why: error.to_string(),
    })
}

fn refused(refusal: Refusal) -> ExchangeError {
    let why = match refusal {
        Refusal::Malformed { at } => format!("it is truncated or damaged at byte {at}"),
        Refusal::TooLarge => {
            "its messages would take far more memory than its length suggests".to_owned()
        }
        Refusal::TooDeep => "its graphs contain each other too many times".to_owned(),
    };
    ExchangeError::NotOnnx { why }
}

/// The bytes of a model file or tensor file.
pub(super) fn to_bytes(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}
