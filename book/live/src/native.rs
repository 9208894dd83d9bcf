//! The same calls by the same names, without WebAssembly in between.

use crate::mailbox::CAPACITY;
use crate::writer::Writer;
use crate::{cell, gates, gradcheck};
use serde_json::{Value, json};

/// What a page asks: the name of a call, its sizes, and what it puts into the mailbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `gates`, `curve`, `cell`, `gradcheck_start`, `gradcheck` or `writer`.
    pub name: String,
    /// Sizes.
    pub arguments: Vec<usize>,
    /// The mailbox.
    pub numbers: Vec<f64>,
}

impl Call {
    /// From what a page says of itself: `{"call": "gates", "arguments": [1, 1], "numbers": [0.5, …]}`.
    pub fn from_json(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let array = |key: &str| value[key].as_array();
        Some(Self {
            name: value["call"].as_str()?.to_owned(),
            arguments: array("arguments")?
                .iter()
                .map(|n| n.as_u64().map(|n| n as usize))
                .collect::<Option<_>>()?,
            numbers: array("numbers")?
                .iter()
                .map(Value::as_f64)
                .collect::<Option<_>>()?,
        })
    }

    /// The answer, by the crates as this machine compiles them. `writer` is a whole reading: in are τ
    /// and ids; out are the row of the last and the probabilities of what comes next.
    pub fn answer(&self, writer: &mut Writer) -> Option<Vec<f64>> {
        let mut mailbox = vec![0.0; CAPACITY.max(self.numbers.len())];
        mailbox[..self.numbers.len()].copy_from_slice(&self.numbers);
        let len = match (self.name.as_str(), &self.arguments[..]) {
            ("gates", &[d, h]) => gates::gates(&mut mailbox, d, h),
            ("curve", &[kind, n]) => gates::curve(&mut mailbox, kind, n),
            ("cell", &[d, h, t]) => cell::cell(&mut mailbox, d, h, t),
            ("gradcheck_start", &[d, h, t]) => gradcheck::start(&mut mailbox, d, h, t),
            ("gradcheck", &[d, h, t, carousel]) => {
                gradcheck::gradcheck(&mut mailbox, d, h, t, carousel != 0)
            }
            ("writer", []) => return self.reading(writer),
            _ => None,
        };
        len.map(|len| mailbox[..len].to_vec())
    }

    fn reading(&self, writer: &mut Writer) -> Option<Vec<f64>> {
        let mut mailbox = vec![0.0; CAPACITY];
        let (tau, ids) = self.numbers.split_first()?;
        writer.reset();
        let mut len = 0;
        for &id in ids {
            len = writer.read(&mut mailbox, id as usize)?;
        }
        let mut out = mailbox[..len].to_vec();
        mailbox[0] = *tau;
        let len = writer.distribution(&mut mailbox)?;
        out.extend(&mailbox[..len]);
        Some(out)
    }
}

/// One line for each line of calls: its answer as a list, or `null`.
pub fn answers(calls: &str, writer: &mut Writer) -> String {
    calls
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let answer = Call::from_json(line).and_then(|call| call.answer(writer));
            format!("{}\n", json!(answer))
        })
        .collect()
}
