//! A vocabulary of characters and their ids.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::TextError;

/// A bijection between V characters and the ids 0 … V − 1, which are s_t in E19 and y_t in E21.
///
/// A character is a Unicode scalar value: a letter, a Chinese character, a line end. The vocabulary is
/// serialised as one string: its characters in the order of their ids.
///
/// ```
/// let vocabulary = lstm_text::Vocabulary::from_text("banana")?;
/// assert_eq!(vocabulary.chars(), ['a', 'b', 'n']);
/// assert_eq!(vocabulary.encode("nab")?, [2, 0, 1]);
/// assert_eq!(vocabulary.decode(&[2, 0, 1])?, "nab");
/// # Ok::<(), lstm_text::TextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Vocabulary {
    chars: Vec<char>,
    ids: HashMap<char, u32>,
}

// ANCHOR: vocabulary
impl Vocabulary {
    /// The vocabulary of the distinct characters of a text, in the order of their Unicode scalar
    /// values, so that the ids depend on nothing but which characters occur.
    ///
    /// # Errors
    /// If the text is empty.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let distinct: BTreeSet<char> = text.chars().collect();
        Self::from_chars(distinct.into_iter().collect())
    }

    /// The vocabulary in which `chars[i]` has id i. The characters can be in any order.
    ///
    /// # Errors
    /// If there is no character, or if a character occurs twice.
    pub fn from_chars(chars: Vec<char>) -> Result<Self, TextError> {
        if chars.is_empty() {
            return Err(TextError::EmptyVocabulary);
        }
        let mut ids = HashMap::with_capacity(chars.len());
        for (second, (&character, id)) in chars.iter().zip(0..).enumerate() {
            if let Some(first) = ids.insert(character, id) {
                return Err(TextError::DuplicateCharacter {
                    character,
                    first: first as usize,
                    second,
                });
            }
        }
        Ok(Self { chars, ids })
    }
}
// ANCHOR_END: vocabulary

#[allow(
    clippy::len_without_is_empty,
    reason = "there is at least one character"
)]
impl Vocabulary {
    /// V, the number of characters.
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// The id of a character; `None` if it is not in the vocabulary.
    pub fn id(&self, character: char) -> Option<u32> {
        self.ids.get(&character).copied()
    }

    /// The character with this id; `None` if the id is V or more.
    pub fn char(&self, id: u32) -> Option<char> {
        self.chars.get(id as usize).copied()
    }

    /// All characters in the order of their ids.
    pub fn chars(&self) -> &[char] {
        &self.chars
    }
}

impl From<Vocabulary> for String {
    fn from(vocabulary: Vocabulary) -> Self {
        vocabulary.chars.into_iter().collect()
    }
}

impl TryFrom<String> for Vocabulary {
    type Error = TextError;

    fn try_from(chars: String) -> Result<Self, TextError> {
        Self::from_chars(chars.chars().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    fn vocabulary(text: &str) -> Vocabulary {
        Vocabulary::from_text(text).unwrap()
    }

    fn load(chars: &str) -> Result<Vocabulary, Error> {
        let chars: StrDeserializer<'_, Error> = chars.into_deserializer();
        Vocabulary::deserialize(chars)
    }

    /// `fmt::Formatter` is a serialiser that writes a string unchanged and refuses any list or map.
    struct Saved<'a>(&'a Vocabulary);

    impl std::fmt::Display for Saved<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.serialize(f)
        }
    }

    #[test]
    fn ids_follow_the_unicode_scalar_values() {
        assert_eq!(
            vocabulary("月🌙zaA\n").chars(),
            ['\n', 'A', 'a', 'z', '月', '🌙']
        );
    }

    #[test]
    fn a_vocabulary_given_as_characters_keeps_their_order() {
        let v = Vocabulary::from_chars(vec!['c', 'a', 'b']).unwrap();
        assert_eq!(v.encode("abc").unwrap(), [1, 2, 0]);
        assert_eq!((v.id('d'), v.char(2), v.char(3)), (None, Some('b'), None));
    }

    #[test]
    fn it_is_saved_as_one_string_and_loaded_with_the_same_ids() {
        let v = Vocabulary::from_chars("月\n\"光ab".chars().collect()).unwrap();
        let saved = Saved(&v).to_string();
        assert_eq!(saved, "月\n\"光ab");
        assert_eq!(load(&saved).unwrap(), v);
    }

    #[test]
    fn a_saved_vocabulary_is_checked_when_it_is_loaded() {
        assert_eq!(
            load("abéab").unwrap_err().to_string(),
            "vocabulary has 'a' (U+0061) twice, as id 0 and as id 3; list every character once"
        );
        assert_eq!(
            load("").unwrap_err().to_string(),
            "a vocabulary has no characters, expected at least one; build it from a text that is not empty"
        );
    }
}
