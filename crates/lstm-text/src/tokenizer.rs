//! The tokens of a language model: characters, subwords or words.

use crate::{BytePair, Decoder, Encoded, TextError, Unknown, Vocabulary, WordVocabulary};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The tokens of a language model, and their ids.
///
/// It is serialised as its vocabulary: [`Vocabulary`] is a string, [`BytePair`] a map, [`WordVocabulary`] a
/// list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Tokenizer {
    /// Every token is a character.
    Characters(Vocabulary),
    /// Every token is a word, a part of a word or, in an unknown character, a byte.
    Subwords(BytePair),
    /// Every token is a word. Words that are not in the vocabulary have one id in common.
    Words(WordVocabulary),
}

#[allow(clippy::len_without_is_empty, reason = "there is at least one token")]
impl Tokenizer {
    /// The short name of a token in reports: `char`, `token` or `word`.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Characters(_) => "char",
            Self::Subwords(_) => "token",
            Self::Words(_) => "word",
        }
    }

    /// V, the number of ids.
    pub fn len(&self) -> usize {
        match self {
            Self::Characters(vocabulary) => vocabulary.len(),
            Self::Subwords(vocabulary) => vocabulary.len(),
            Self::Words(vocabulary) => vocabulary.len(),
        }
    }

    /// The ids of a text; `unknown` says what to do with characters that are not in the vocabulary. With
    /// subwords or words, no character is unknown.
    ///
    /// # Errors
    /// As [`Vocabulary::encode_with`].
    pub fn encode_with(&self, text: &str, unknown: Unknown) -> Result<Encoded, TextError> {
        match self {
            Self::Characters(vocabulary) => vocabulary.encode_with(text, unknown),
            Self::Subwords(vocabulary) => Ok(Encoded {
                ids: vocabulary.encode(text),
                ..Encoded::default()
            }),
            Self::Words(vocabulary) => Ok(Encoded {
                ids: vocabulary.encode(text),
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

    /// The text of the ids: the inverse of [`encode`](Self::encode). Bytes that are not a complete
    /// character become `�`.
    ///
    /// # Errors
    /// At the first id that is V or more.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TextError> {
        match self {
            Self::Characters(vocabulary) => vocabulary.decode(ids),
            Self::Subwords(vocabulary) => vocabulary.decode(ids),
            Self::Words(vocabulary) => vocabulary.decode(ids),
        }
    }

    /// A decoder that takes one id at a time.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder::new(self)
    }

    /// As [`Vocabulary::better_form`]; to subwords no character is unknown.
    pub fn better_form(&self, text: &str) -> Option<&'static str> {
        match self {
            Self::Characters(vocabulary) => vocabulary.better_form(text),
            Self::Subwords(_) | Self::Words(_) => None,
        }
    }

    /// The text without the characters that have no id.
    pub fn known<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self {
            Self::Characters(vocabulary) => text
                .chars()
                .filter(|&c| vocabulary.id(c).is_some())
                .collect(),
            Self::Subwords(_) | Self::Words(_) => text.into(),
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

    /// Model files have the vocabulary in this form, and old files must load.
    #[test]
    fn a_stored_tokenizer_keeps_its_form() {
        let characters = Tokenizer::from(Vocabulary::from_text("low\n月").unwrap());
        let subwords = Tokenizer::Subwords(BytePair::train(["low lower lowest"], 272).unwrap());
        for (tokenizer, stored) in [
            (characters, r#""\nlow月""#),
            (
                subwords,
                r#"{"chars":" lowerst","merges":[[260,261],[262,263],[268,269],[270,264]]}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&tokenizer).unwrap(), stored);
            let read: Tokenizer = serde_json::from_str(stored).unwrap();
            assert_eq!(read, tokenizer);
            let text = "low\nlow";
            assert_eq!(read.decode(&read.encode(text).unwrap()).unwrap(), text);
        }
    }

    /// One of each kind, made from the same text.
    fn of_each_kind(text: &str) -> [Tokenizer; 3] {
        [
            Tokenizer::from(Vocabulary::from_text(text).unwrap()),
            Tokenizer::Subwords(BytePair::train([text], 300).unwrap()),
            Tokenizer::Words(WordVocabulary::from_words([text], 1, 9).unwrap()),
        ]
    }

    #[test]
    fn a_unit_is_named_as_reports_show_it() {
        let units = of_each_kind("ab").map(|tokenizer| tokenizer.unit());
        assert_eq!(units, ["char", "token", "word"]);
    }

    #[test]
    fn the_special_ids_and_the_bytes_are_counted() {
        // Of " ab" there are three characters; no pair of them occurs twice.
        let sizes = of_each_kind("ab").map(|tokenizer| tokenizer.len());
        assert_eq!(sizes, [2, 4 + 256 + 3, 4 + 1]);
    }

    #[test]
    fn another_form_of_a_text_is_better_for_characters_alone() {
        let better = of_each_kind("café").map(|tokenizer| tokenizer.better_form("cafe\u{301}"));
        assert_eq!(better, [Some("NFC"), None, None]);
    }

    #[test]
    fn only_characters_can_be_unknown() {
        let [characters, subwords, _] = of_each_kind("ab");
        assert_eq!(characters.known("a€b"), "ab");
        assert_eq!(subwords.known("a€b"), "a€b");
        assert!(characters.encode("€").is_err());
        assert_eq!(subwords.encode("€").unwrap().len(), " €".len());
    }
}
