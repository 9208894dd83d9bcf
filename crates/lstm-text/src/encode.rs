//! From text to ids and back.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::similar::similar;
use crate::{TextError, Vocabulary};

/// What to do with a character that is not in the vocabulary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Return an error that names the character.
    #[default]
    Reject,
    /// Leave the character out.
    Skip,
    /// Replace the character by this one, which must be in the vocabulary.
    Replace(char),
}

/// The ids of a text, and the characters that were not in the vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The ids of the text.
    pub ids: Vec<u32>,
    /// How often each unknown character was skipped or replaced.
    pub unknown: BTreeMap<char, usize>,
}

// ANCHOR: encode
impl Vocabulary {
    /// The ids of a text; `unknown` says what to do with characters that are not in the vocabulary.
    ///
    /// ```
    /// use lstm_text::{Unknown, Vocabulary};
    ///
    /// let vocabulary = Vocabulary::from_text("abc?")?; // ? is 0, a is 1
    /// let encoded = vocabulary.encode_with("a€b€", Unknown::Replace('?'))?;
    /// assert_eq!(encoded.ids, [1, 0, 2, 0]);
    /// assert_eq!(encoded.unknown[&'€'], 2);
    /// # Ok::<(), lstm_text::TextError>(())
    /// ```
    ///
    /// # Errors
    /// If a character is unknown and the rule is [`Unknown::Reject`], or if the replacement is unknown.
    pub fn encode_with(&self, text: &str, unknown: Unknown) -> Result<Encoded, TextError> {
        let replacement = match unknown {
            Unknown::Replace(character) => Some(self.replacement(character)?),
            Unknown::Reject | Unknown::Skip => None,
        };
        let mut encoded = Encoded::default();
        for (position, character) in text.chars().enumerate() {
            if let Some(id) = self.id(character) {
                encoded.ids.push(id);
            } else if unknown == Unknown::Reject {
                return Err(self.unknown_character(text, position, character));
            } else {
                encoded.ids.extend(replacement);
                *encoded.unknown.entry(character).or_insert(0) += 1;
            }
        }
        Ok(encoded)
    }

    /// The ids of a text. All its characters must be in the vocabulary.
    ///
    /// # Errors
    /// At the first character that is not in the vocabulary, with its code point, line and column.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        Ok(self.encode_with(text, Unknown::Reject)?.ids)
    }

    /// The text of the ids: the inverse of [`encode`](Self::encode).
    ///
    /// # Errors
    /// At the first id that is V or more.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TextError> {
        let character = |(position, &id)| {
            self.char(id).ok_or(TextError::UnknownId {
                id,
                position,
                vocab_size: self.len(),
            })
        };
        ids.iter().enumerate().map(character).collect()
    }
}
// ANCHOR_END: encode

impl Vocabulary {
    fn replacement(&self, character: char) -> Result<u32, TextError> {
        self.id(character).ok_or(TextError::UnknownReplacement {
            character,
            vocab_size: self.len(),
        })
    }

    fn unknown_character(&self, text: &str, position: usize, character: char) -> TextError {
        let (mut line, mut column) = (1, 1);
        for before in text.chars().take(position) {
            (line, column) = match before {
                '\n' => (line + 1, 1),
                _ => (line, column + 1),
            };
        }
        TextError::UnknownCharacter {
            character,
            position,
            line,
            column,
            vocab_size: self.len(),
            similar: similar(character, |c| self.id(c).is_some()),
            form: self.better_form(text),
        }
    }

    /// The Unicode normalisation form, NFC or NFD, in which most characters of the text are known; `None`
    /// if that is the text as it stands.
    pub fn better_form(&self, text: &str) -> Option<&'static str> {
        fn unknown(vocabulary: &Vocabulary, text: impl Iterator<Item = char>) -> usize {
            text.filter(|&c| vocabulary.id(c).is_none()).count()
        }
        let forms = [
            (unknown(self, text.chars()), None),
            (unknown(self, text.nfc()), Some("NFC")),
            (unknown(self, text.nfd()), Some("NFD")),
        ];
        // Of equal ones the first.
        forms.into_iter().min_by_key(|&(unknown, _)| unknown)?.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(text: &str) -> Vocabulary {
        Vocabulary::from_text(text).unwrap()
    }

    #[test]
    fn a_text_in_another_normalisation_form_is_named_as_such() {
        let composed = vocabulary("café");
        let message = composed.encode("cafe\u{301}").unwrap_err().to_string();
        assert!(
            message.ends_with(
                "; in the normalisation form NFC more characters of the text are known: \
                 convert it, for example by `uconv -x NFC`"
            ),
            "{message}"
        );
        let decomposed = vocabulary("cafe\u{301}");
        assert_eq!(composed.better_form("cafe\u{301}"), Some("NFC"));
        assert_eq!(decomposed.better_form("café"), Some("NFD"));
        assert_eq!(composed.better_form("cafe"), None);
        assert_eq!(vocabulary("abc").better_form("é"), None);
    }

    #[test]
    fn an_unknown_character_is_named_with_its_position() {
        let message = |text| vocabulary("abce\n").encode(text).unwrap_err().to_string();
        assert_eq!(
            message("ab\nc\nab月e"),
            "'月' (U+6708) at line 3, column 3 (character 7) is not among the 5 characters of the \
             vocabulary; remove or replace it"
        );
        assert_eq!(
            message("é"),
            "'é' (U+00E9) at line 1, column 1 (character 0) is not among the 5 characters of the \
             vocabulary, which has 'e'; remove or replace it"
        );
        // Invisible characters are written as escapes.
        let invisible = message("a\t");
        assert!(
            invisible.starts_with("'\\t' (U+0009) at line 1, column 2"),
            "{invisible}"
        );
    }

    #[test]
    fn skipped_characters_are_counted_by_name() {
        let encoded = vocabulary("ab")
            .encode_with("xaybx", Unknown::Skip)
            .unwrap();
        assert_eq!(encoded.ids, [0, 1]);
        assert_eq!(encoded.unknown, BTreeMap::from([('x', 2), ('y', 1)]));
    }

    #[test]
    fn a_replacement_must_be_known_even_if_it_is_not_needed() {
        let error = vocabulary("ab").encode_with("ab", Unknown::Replace('?'));
        assert_eq!(
            error.unwrap_err().to_string(),
            "the replacement '?' (U+003F) is not among the 2 characters of the vocabulary; \
             choose one that is"
        );
    }

    #[test]
    fn an_id_beyond_the_vocabulary_is_named() {
        assert_eq!(
            vocabulary("abc")
                .decode(&[0, 2, 3])
                .unwrap_err()
                .to_string(),
            "id 3 at position 2 is out of range: a vocabulary of 3 characters has ids below 3; \
             use the vocabulary that made the ids"
        );
    }
}
