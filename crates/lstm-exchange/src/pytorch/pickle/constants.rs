//! The instructions that push numbers, strings and bytes.

use super::Fault;
use super::heap::{Heap, Node};
use super::machine::{Done, Machine};

impl<'a> Machine<'a> {
    pub(super) fn constant(&mut self, code: u8) -> Result<bool, Fault> {
        let done = match code {
            b'N' => self.push(Heap::NONE),
            0x88 => self.push(Heap::TRUE),
            0x89 => self.push(Heap::FALSE),
            b'K' => self.input.u8().and_then(|n| self.add(Node::Int(n.into()))),
            b'M' => self.input.u16().and_then(|n| self.add(Node::Int(n.into()))),
            b'J' => self.input.i32().and_then(|n| self.add(Node::Int(n.into()))),
            b'G' => self.input.take(8).and_then(|_| self.push(Heap::OTHER)),
            b'F' | b'I' | b'L' | b'S' | b'V' => self.line(code),
            _ => match self.counted(code)? {
                Some(bytes) => self.bytes(code, bytes),
                None => return Ok(false),
            },
        };
        done.map(|()| true)
    }

    /// A value written as text, up to the end of the line.
    fn line(&mut self, code: u8) -> Done {
        let line = self.input.line()?;
        match (code, line) {
            (b'V', text) => self.text(text),
            (b'S', text) => self.text(text.trim_matches(['\'', '"'])),
            (b'F', _) => self.push(Heap::OTHER),
            (_, "00") => self.push(Heap::FALSE),
            (_, "01") => self.push(Heap::TRUE),
            (_, digits) => match digits.trim_end_matches('L').parse() {
                Ok(n) => self.add(Node::Int(n)),
                Err(_) => self.push(Heap::OTHER),
            },
        }
    }

    /// The bytes of an instruction with a length prefix; `None` if the instruction has no bytes.
    fn counted(&mut self, code: u8) -> Result<Option<&'a [u8]>, Fault> {
        let count = match code {
            0x8a | 0x8c | b'C' | b'U' => self.input.u8()?.into(),
            0x8b | b'B' | b'T' | b'X' => self.input.u32()?.into(),
            0x8d | 0x8e | 0x96 => self.input.u64()?,
            _ => return Ok(None),
        };
        self.input.take(count).map(Some)
    }

    /// An integer, a string, or bytes.
    fn bytes(&mut self, code: u8, bytes: &[u8]) -> Done {
        let text = std::str::from_utf8(bytes);
        match code {
            0x8a | 0x8b => self.integer(bytes),
            b'X' | 0x8c | 0x8d => {
                self.text(text.map_err(|_| Fault::new("a text of it is not UTF-8"))?)
            }
            // A string of Python 2.
            b'T' | b'U' => match text {
                Ok(text) if text.is_ascii() => self.text(text),
                _ => self.push(Heap::OTHER),
            },
            _ => self.push(Heap::OTHER),
        }
    }

    /// A little-endian integer of any length.
    fn integer(&mut self, bytes: &[u8]) -> Done {
        if bytes.len() > 8 {
            return self.push(Heap::OTHER);
        }
        let is_negative = bytes.last().is_some_and(|&b| b >= 0x80);
        let mut all = [if is_negative { 0xff } else { 0 }; 8];
        all[..bytes.len()].copy_from_slice(bytes);
        self.add(Node::Int(i64::from_le_bytes(all)))
    }

    fn text(&mut self, text: &str) -> Done {
        self.add(Node::Text(text.into()))
    }
}
