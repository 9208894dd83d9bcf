//! What a language model's tokens are.

use crate::{BytePair, Encoded, TextError, Unknown, Vocabulary};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The tokens of a language model, and their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Tokenizer {
    /// Every character is one.
    Characters(Vocabulary),
    /// Parts of words; bytes where a character is unknown.
    Pieces(BytePair),
}

impl Tokenizer {
    /// What one token is called, in short.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Characters(_) => "char",
            Self::Pieces(_) => "token",
        }
    }

    /// V
    pub fn len(&self) -> usize {
        match self {
            Self::Characters(vocabulary) => vocabulary.len(),
            Self::Pieces(pieces) => pieces.len(),
        }
    }

    /// Never: there is at least one token.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of a text, by the rule for characters that are not in the vocabulary; to parts of words
    /// no character is unknown.
    ///
    /// # Errors
    /// As [`Vocabulary::encode_with`].
    pub fn encode_with(&self, text: &str, unknown: Unknown) -> Result<Encoded, TextError> {
        match self {
            Self::Characters(vocabulary) => vocabulary.encode_with(text, unknown),
            Self::Pieces(pieces) => Ok(Encoded {
                ids: pieces.encode(text),
                ..Encoded::default()
            }),
        }
    }

    /// The ids of a text.
    ///
    /// # Errors
    /// At the first character that is not in the vocabulary.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        Ok(self.encode_with(text, Unknown::Reject)?.ids)
    }

    /// The text of the ids: the inverse of [`encode`](Self::encode). The bytes of a character that is not
    /// whole are written `�`.
    ///
    /// # Errors
    /// At the first id that is V or more.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TextError> {
        match self {
            Self::Characters(vocabulary) => vocabulary.decode(ids),
            Self::Pieces(pieces) => pieces.decode(ids),
        }
    }

    /// The text without the characters that have no id.
    pub fn known<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self {
            Self::Characters(vocabulary) => text
                .chars()
                .filter(|&c| vocabulary.id(c).is_some())
                .collect(),
            Self::Pieces(_) => text.into(),
        }
    }
}

impl From<Vocabulary> for Tokenizer {
    fn from(vocabulary: Vocabulary) -> Self {
        Self::Characters(vocabulary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_saved_as_one_string_and_parts_of_words_as_what_they_are_made_of() {
        let text = "low lower lowest";
        let characters = Tokenizer::from(Vocabulary::from_text(text).unwrap());
        let pieces = Tokenizer::Pieces(BytePair::train([text], 300).unwrap());
        let json = |tokenizer: &Tokenizer| serde_json::to_string(tokenizer).unwrap();
        assert_eq!(json(&characters), "\" elorstw\"");
        for tokenizer in [characters, pieces] {
            let read: Tokenizer = serde_json::from_str(&json(&tokenizer)).unwrap();
            assert_eq!(read, tokenizer);
            assert_eq!(read.decode(&read.encode(text).unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn only_characters_can_be_unknown() {
        let characters = Tokenizer::from(Vocabulary::from_text("ab").unwrap());
        let pieces = Tokenizer::Pieces(BytePair::train(["ab"], 300).unwrap());
        assert_eq!(characters.known("a€b"), "ab");
        assert_eq!(pieces.known("a€b"), "a€b");
        assert!(characters.encode("€").is_err());
        assert_eq!(pieces.encode("€").unwrap().len(), " €".len());
    }
}
