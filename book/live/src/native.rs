//! The same calls by the same names, without WebAssembly.

use crate::learner::Learner;
use crate::mailbox::CAPACITY;
use crate::translator::Translator;
use crate::writer::Writer;
use crate::{cell, gates, gradcheck, script, slip, truncation, vanish};
use serde::Deserialize;
use serde_json::json;
use std::error::Error;

/// A call of a page. A page shows its calls as JSON: `{"call": "gates", "arguments": [1, 1],
/// "numbers": [0.5, …]}`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Call {
    /// `gates`, `curve`, `cell`, `slip`, `vanish`, `truncation`, `gradcheck_start`, `gradcheck`, `writer`,
    /// `learner`, `translator_write` or `translator_look`.
    #[serde(rename = "call")]
    pub name: String,
    /// Sizes.
    pub arguments: Vec<usize>,
    /// The numbers that the page writes into the mailbox.
    pub numbers: Vec<f64>,
}

/// The trained models of the pages.
#[derive(Debug)]
pub struct Models {
    /// model.js
    pub writer: Writer,
    /// translator.js
    pub translator: Translator,
}

impl Models {
    /// Reads both models.
    ///
    /// # Errors
    /// If a file cannot be read or holds no model.
    pub fn read() -> Result<Self, Box<dyn Error>> {
        let bytes = |name| script::to_bytes(&script::read(name)?["weights"]);
        Ok(Self {
            writer: Writer::load(&bytes("model")?).ok_or("model.js holds no model")?,
            translator: Translator::load(&bytes("translator")?)
                .ok_or("translator.js holds no translator")?,
        })
    }
}

impl Call {
    /// The answer of the crates, compiled for this machine; `None` if the call is not valid.
    ///
    /// `writer` reads a whole text. In: τ and ids. Out: the row of the last character, and the
    /// probabilities of the next.
    pub fn answer(&self, models: &mut Models) -> Option<Vec<f64>> {
        let mut mailbox = vec![0.0; CAPACITY.max(self.numbers.len())];
        mailbox[..self.numbers.len()].copy_from_slice(&self.numbers);
        let len = match (self.name.as_str(), &self.arguments[..]) {
            ("gates", &[d, h]) => gates::gates(&mut mailbox, d, h),
            ("curve", &[kind, n]) => gates::curve(&mut mailbox, kind, n),
            ("cell", &[d, h, t]) => cell::cell(&mut mailbox, d, h, t),
            ("gradcheck_start", &[d, h, t]) => gradcheck::start(&mut mailbox, d, h, t),
            ("gradcheck", &[d, h, t, mistake]) => {
                gradcheck::gradcheck(&mut mailbox, d, h, t, mistake)
            }
            ("vanish", &[kind]) => vanish::vanish(&mut mailbox, kind),
            ("slip", &[steps]) => slip::slip(&mut mailbox, steps),
            ("truncation", &[window]) => truncation::truncation(&mut mailbox, window),
            ("translator_write", &[source]) => models.translator.write(&mut mailbox, source),
            ("translator_look", &[source, target]) => {
                models.translator.look(&mut mailbox, source, target)
            }
            ("writer", []) => return self.reading(&mut models.writer),
            ("learner", &[hidden_size, seed, steps]) => {
                return self.learning(hidden_size, seed, steps);
            }
            _ => None,
        };
        len.map(|len| mailbox[..len].to_vec())
    }

    /// `learner` learns a text from its beginning. In: the text's code points. Out: the loss of each step.
    fn learning(&self, hidden_size: usize, seed: usize, steps: usize) -> Option<Vec<f64>> {
        let points = self
            .numbers
            .iter()
            .map(|&point| char::from_u32(point as u32));
        let text: String = points.collect::<Option<_>>()?;
        let mut learner = Learner::new(&text, hidden_size, seed as u64)?;
        let mut mailbox = vec![0.0; CAPACITY];
        let losses = (0..steps).map(|_| learner.step(&mut mailbox).map(|_| mailbox[1]));
        losses.collect()
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

/// The answer to each line of calls, as a list on its own line, or `null`.
pub fn answers(calls: &str, models: &mut Models) -> String {
    calls
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let call = serde_json::from_str::<Call>(line).ok();
            let answer = call.and_then(|call| call.answer(models));
            format!("{}\n", json!(answer))
        })
        .collect()
}
