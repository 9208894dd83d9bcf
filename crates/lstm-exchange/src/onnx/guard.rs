//! How much memory the messages of a protobuf will take, before it is decoded.
//!
//! An empty message is two bytes in a file and hundreds in memory, and a small file can hold millions of
//! them. So [`look_over`] adds up their sizes first.

use super::proto::{
    Attribute, Dimension, Entry, Graph, Model, Node, Opset, Shape, TensorData, TensorType, Type,
    ValueInfo,
};
use std::mem::size_of;

/// A file may take sixteen times its length in memory, and this much more.
const BASE_ALLOWANCE: usize = 1 << 20;

/// The deepest nesting of messages: several times that of a loop in a loop.
const MOST_DEPTH: usize = 64;

/// Why a file is not decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Refusal {
    /// It is truncated or no protobuf; `at` is the byte where that shows.
    Malformed { at: usize },
    /// Its messages would take far more memory than its length.
    TooLarge,
    /// Its messages are nested more than [`MOST_DEPTH`] deep.
    TooDeep,
}

/// A kind of message.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Opset,
    Entry,
    Graph,
    Node,
    Attribute,
    TensorData,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dimension,
}

impl Kind {
    /// The message in a field; `None` if the field holds something else.
    fn child(self, field: u64) -> Option<Self> {
        Some(match (self, field) {
            (Self::Model, 7) => Self::Graph,
            (Self::Model, 8) => Self::Opset,
            (Self::Model, 14) | (Self::TensorData, 13) => Self::Entry,
            (Self::Graph, 1) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5) => Self::TensorData,
            (Self::Attribute, 6) => Self::Graph,
            (Self::Graph, 11 | 12) => Self::ValueInfo,
            (Self::Node, 5) => Self::Attribute,
            (Self::ValueInfo, 2) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::TensorType, 2) => Self::Shape,
            (Self::Shape, 1) => Self::Dimension,
            _ => return None,
        })
    }

    /// Its size in memory.
    fn size(self) -> usize {
        match self {
            Self::Model => size_of::<Model>(),
            Self::Opset => size_of::<Opset>(),
            Self::Entry => size_of::<Entry>(),
            Self::Graph => size_of::<Graph>(),
            Self::Node => size_of::<Node>(),
            Self::Attribute => size_of::<Attribute>(),
            Self::TensorData => size_of::<TensorData>(),
            Self::ValueInfo => size_of::<ValueInfo>(),
            Self::Type => size_of::<Type>(),
            Self::TensorType => size_of::<TensorType>(),
            Self::Shape => size_of::<Shape>(),
            Self::Dimension => size_of::<Dimension>(),
        }
    }

    /// How many bytes in memory a byte of a field without messages becomes: a varint of one byte becomes
    /// an integer of four or eight.
    fn growth(self, field: u64) -> usize {
        match (self, field) {
            (Self::Attribute, 8) | (Self::TensorData, 1 | 7) => 8,
            (Self::TensorData, 5) => 4,
            _ => 1,
        }
    }
}

/// Checks that the bytes are a protobuf whose messages take at most [`BASE_ALLOWANCE`] bytes and sixteen times
/// their own length.
pub(super) fn look_over(bytes: &[u8]) -> Result<(), Refusal> {
    look_over_message(Kind::Model, bytes)
}

/// As [`look_over`], for the bytes of one tensor.
pub(super) fn look_over_tensor(bytes: &[u8]) -> Result<(), Refusal> {
    look_over_message(Kind::TensorData, bytes)
}

fn look_over_message(kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    let mut walk = Walk {
        bytes,
        at: 0,
        depth: 0,
        left: BASE_ALLOWANCE.saturating_add(bytes.len().saturating_mul(16)),
    };
    walk.message(kind, bytes.len())
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many messages enclose the current one.
    depth: usize,
    left: usize,
}

impl Walk<'_> {
    /// Walks one message that ends at `end`, and the messages in it.
    fn message(&mut self, kind: Kind, end: usize) -> Result<(), Refusal> {
        self.take(kind.size())?;
        if self.depth == MOST_DEPTH {
            return Err(Refusal::TooDeep);
        }
        self.depth += 1;
        while self.at < end {
            let key = self.varint(end)?;
            let field = key >> 3;
            match key & 7 {
                0 => {
                    self.varint(end)?;
                    self.take(8)?;
                }
                1 => self.skip(8, end)?,
                5 => self.skip(4, end)?,
                2 => {
                    let len = self.varint(end)?;
                    let len = usize::try_from(len).map_err(|_| self.malformed())?;
                    let inner = self.at.checked_add(len).filter(|&inner| inner <= end);
                    let inner = inner.ok_or_else(|| self.malformed())?;
                    match kind.child(field) {
                        Some(child) => self.message(child, inner)?,
                        None => {
                            self.take(24 + len.saturating_mul(kind.growth(field)))?;
                            self.at = inner;
                        }
                    }
                }
                _ => return Err(self.malformed()),
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(bytes).ok_or(Refusal::TooLarge)?;
        Ok(())
    }

    fn skip(&mut self, len: usize, end: usize) -> Result<(), Refusal> {
        self.take(len)?;
        if end - self.at < len {
            return Err(self.malformed());
        }
        self.at += len;
        Ok(())
    }

    fn varint(&mut self, end: usize) -> Result<u64, Refusal> {
        let mut value = 0;
        for n in 0..10 {
            if self.at >= end {
                break;
            }
            let byte = self.bytes[self.at];
            self.at += 1;
            value |= u64::from(byte & 0x7f) << (7 * n);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.malformed())
    }

    fn malformed(&self) -> Refusal {
        Refusal::Malformed { at: self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_empty_nodes_are_refused_and_a_broken_end_is_found() {
        let mut graph = [0x0a, 0x00].repeat(1 << 20);
        let mut file = vec![0x3a];
        prost::encoding::encode_varint(graph.len() as u64, &mut file);
        file.append(&mut graph);
        assert_eq!(look_over(&file), Err(Refusal::TooLarge));
        assert_eq!(
            look_over(&[0x3a, 5, 0x0a]),
            Err(Refusal::Malformed { at: 2 })
        );
        assert_eq!(look_over(&[0x08, 0x08]), Ok(()));
    }

    #[test]
    fn graphs_inside_each_other_are_refused_before_the_stack_is_full() {
        // A graph's node (field 1), the node's attribute (5), the attribute's graph (6).
        let nested = |levels: usize| {
            let mut bytes = Vec::new();
            for level in 0..levels {
                let key = [0x32, 0x2a, 0x0a][level % 3];
                let mut outer = vec![key];
                prost::encoding::encode_varint(bytes.len() as u64, &mut outer);
                outer.append(&mut bytes);
                bytes = outer;
            }
            let mut file = vec![0x3a];
            prost::encoding::encode_varint(bytes.len() as u64, &mut file);
            file.append(&mut bytes);
            file
        };
        assert_eq!(look_over(&nested(30)), Ok(()));
        assert_eq!(look_over(&nested(300)), Err(Refusal::TooDeep));
    }
}
