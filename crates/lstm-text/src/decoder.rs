//! Decoding one token at a time.

use crate::{TextError, Tokenizer};

/// Turns ids into text one at a time, as a model generates them.
///
/// A subword token may end inside a character, because an unknown character is several bytes. Such
/// bytes wait until the character is complete. All texts that [`push`](Self::push) returns and the text
/// that [`finish`](Self::finish) returns, concatenated, are the text that [`Tokenizer::decode`] makes of
/// all ids at once. The time per token does not depend on the number of tokens before it.
///
/// ```
/// use lstm_text::{BytePair, Tokenizer};
///
/// let tokenizer = Tokenizer::Subwords(BytePair::train(["a"], 300)?);
/// let mut decoder = tokenizer.decoder();
/// let mut texts = Vec::new();
/// for id in tokenizer.encode("a月a")? {
///     texts.push(decoder.push(id)?);
/// }
/// // The first token is the space that the encoder put before the text; 月 is three bytes.
/// assert_eq!(texts, ["", "a", "", "", "月", "a"]);
/// assert_eq!(decoder.finish(), "");
/// # Ok::<(), lstm_text::TextError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    tokenizer: &'a Tokenizer,
    /// The number of ids so far.
    position: usize,
    /// Bytes of a character that is not complete yet.
    pending: Vec<u8>,
    /// Whether all tokens so far were without text. The first space of a text of subwords is left out,
    /// because the encoder put it there.
    at_start: bool,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(tokenizer: &'a Tokenizer) -> Self {
        Self {
            tokenizer,
            position: 0,
            pending: Vec::new(),
            at_start: true,
        }
    }

    /// Takes the next id and returns the text that has become complete. It is empty if the id is a
    /// special one, or if the bytes of the last character are not complete.
    ///
    /// # Errors
    /// If the id is V or more. The decoder is then as it was before.
    pub fn push(&mut self, id: u32) -> Result<String, TextError> {
        let text = match self.tokenizer {
            Tokenizer::Characters(vocabulary) => {
                let unknown = TextError::UnknownId {
                    id,
                    position: self.position,
                    vocab_size: vocabulary.len(),
                };
                vocabulary.char(id).ok_or(unknown)?.into()
            }
            Tokenizer::Subwords(vocabulary) => {
                self.pending.extend_from_slice(vocabulary.token(id)?);
                self.complete_text()
            }
            Tokenizer::Words(vocabulary) => {
                self.pending
                    .extend_from_slice(vocabulary.text(id)?.as_bytes());
                self.complete_text()
            }
        };
        self.position += 1;
        Ok(text)
    }

    /// Returns the text of the bytes that are still waiting, `�`, or nothing if the text ended with a
    /// complete character.
    pub fn finish(self) -> String {
        String::from_utf8_lossy(&self.pending).into_owned()
    }

    /// Takes the pending bytes up to the last complete character.
    fn complete_text(&mut self) -> String {
        let complete = self.pending.len() - incomplete(&self.pending);
        let bytes: Vec<u8> = self.pending.drain(..complete).collect();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if self.at_start && text.starts_with(' ') {
            text.remove(0);
        }
        self.at_start &= complete == 0;
        text
    }
}

/// The number of bytes at the end that are the beginning of a character.
fn incomplete(bytes: &[u8]) -> usize {
    let end = bytes
        .utf8_chunks()
        .last()
        .map_or(&[][..], |chunk| chunk.invalid());
    match std::str::from_utf8(end) {
        Err(error) if error.error_len().is_none() => end.len(),
        _ => 0,
    }
}
