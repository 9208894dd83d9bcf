//! A text that is being generated.

use crate::error::{CliError, note};
use lstm_fast::Fast;
use lstm_tasks::LanguageModel;
use std::io::Write;
use std::mem::take;

/// A text that is being generated. The end of it is held back while it could be the beginning of `stop`.
pub struct Text<'a> {
    /// The seed to print before the text, until that is done.
    seed: Option<u64>,
    decoder: lstm_text::Decoder<'a>,
    stop: Option<&'a str>,
    held_back: String,
    /// What may be written.
    ready: String,
    is_ended: bool,
}

impl<'a> Text<'a> {
    /// A text that continues `line`, is shown from `prime` on, and ends before `stop`.
    pub fn new(
        model: &'a LanguageModel<Fast>,
        line: &[u32],
        prime: &str,
        stop: Option<&'a str>,
        seed: Option<u64>,
    ) -> Result<Self, CliError> {
        let mut decoder = model.description.vocabulary.decoder();
        for &id in line {
            decoder.push(id)?;
        }
        Ok(Self {
            seed,
            decoder,
            stop: stop.filter(|stop| !stop.is_empty()),
            held_back: String::new(),
            ready: prime.to_owned(),
            is_ended: false,
        })
    }

    /// Appends a token.
    pub fn push(&mut self, id: u32) -> Result<(), CliError> {
        self.held_back += &self.decoder.push(id)?;
        let Some(stop) = self.stop else {
            self.release(self.held_back.len());
            return Ok(());
        };
        if let Some(at) = self.held_back.find(stop) {
            self.held_back.truncate(at);
            self.end();
            return Ok(());
        }
        let may_begin = (self.held_back.len() + 1).saturating_sub(stop.len());
        self.release(self.held_back.floor_char_boundary(may_begin));
        Ok(())
    }

    /// Ends the text. If the last token ends inside a character, that character's bytes are dropped.
    pub fn end(&mut self) {
        if !self.is_ended {
            self.release(self.held_back.len());
            self.ready.push('\n');
            self.is_ended = true;
        }
    }

    fn release(&mut self, len: usize) {
        self.ready.extend(self.held_back.drain(..len));
    }

    /// Writes what is ready, and prints the seed before the first part.
    fn write(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        if let Some(seed) = self.seed.take() {
            note!("seed {seed}");
        }
        let ready = take(&mut self.ready);
        if !ready.is_empty() {
            out.write_all(ready.as_bytes())?;
        }
        Ok(())
    }
}

/// Texts that are generated side by side and written in order, with an empty line between them: the first
/// while it is generated, each of the others when the one before it has ended.
pub struct Texts<'a> {
    all: Vec<Text<'a>>,
    /// The number of texts that have been written to their ends.
    written: usize,
}

impl<'a> Texts<'a> {
    pub fn new(all: Vec<Text<'a>>) -> Self {
        Self { all, written: 0 }
    }

    /// Appends a token to each text that has not ended. Returns the places of those that go on, counted
    /// among these texts.
    pub fn push(&mut self, tokens: &[u32]) -> Result<Vec<usize>, CliError> {
        let mut go_on = Vec::with_capacity(tokens.len());
        let open = self.all.iter_mut().filter(|text| !text.is_ended);
        for (n, (text, &token)) in open.zip(tokens).enumerate() {
            text.push(token)?;
            if !text.is_ended {
                go_on.push(n);
            }
        }
        Ok(go_on)
    }

    pub fn end(&mut self) {
        self.all.iter_mut().for_each(Text::end);
    }

    /// Writes what can be written in order.
    pub fn write(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        while let Some(text) = self.all.get_mut(self.written) {
            text.write(out)?;
            if !text.is_ended {
                break;
            }
            self.written += 1;
            if self.written < self.all.len() {
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }
}
