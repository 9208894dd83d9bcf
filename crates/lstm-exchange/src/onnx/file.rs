//! Bytes to messages and back.

use super::guard::{Refusal, look_over};
use super::proto::Model;
use crate::ExchangeError;
use prost::Message;
use std::path::Path;

/// Who a written model says has written it.
pub(super) const PRODUCER: &str = "lstm-exchange";

/// Protobuf's own limit.
const MOST_BYTES: u64 = i32::MAX as u64;

/// A file's bytes, if it is not larger than an ONNX file can be.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, ExchangeError> {
    let io = |source| ExchangeError::Io {
        path: path.to_owned(),
        source,
    };
    let len = std::fs::metadata(path).map_err(io)?.len();
    if len > MOST_BYTES {
        return Err(ExchangeError::NotOnnx {
            why: format!("its {len} bytes are more than the {MOST_BYTES} that a protobuf may have"),
        });
    }
    std::fs::read(path).map_err(io)
}

/// Takes a model apart; the memory that this takes is a small multiple of its length.
pub(super) fn parse(bytes: &[u8]) -> Result<Model, ExchangeError> {
    look_over(bytes).map_err(|refusal| ExchangeError::NotOnnx {
        why: match refusal {
            Refusal::Malformed { at } => format!("it is truncated or damaged at byte {at}"),
            Refusal::Swollen => {
                "it consists of far more messages than its length explains".to_owned()
            }
        },
    })?;
    Model::decode(bytes).map_err(|error| ExchangeError::NotOnnx {
        why: error.to_string(),
    })
}

/// The bytes of a model's file.
pub(super) fn to_bytes(model: &Model) -> Vec<u8> {
    model.encode_to_vec()
}
