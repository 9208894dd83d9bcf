//! A vocabulary of words and their ids.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::special::{SPECIALS, UNKNOWN};
use crate::{TextError, pretokenize};

/// A vocabulary of frequent words. The ids 0 … 3 are [`PAD`](crate::PAD), [`UNKNOWN`],
/// [`BEGIN`](crate::BEGIN) and [`END`](crate::END); the words follow, the most frequent first.
///
/// The words are given one by one, or [`pretokenize`] cuts them out of texts. The vocabulary is
/// serialised as the list of its words.
///
/// ```
/// use lstm_text::{UNKNOWN, WordVocabulary};
///
/// let vocabulary = WordVocabulary::from_texts(["a cat, a dog", "a bird, a cat"], 2, 100)?;
/// assert_eq!(vocabulary.words(), [" a", " cat", ","]);
/// let ids = vocabulary.encode("a dog, a cat");
/// assert_eq!(ids, [4, UNKNOWN, 6, 4, 5]);
/// assert_eq!(vocabulary.decode(&[4, 5, 6, 4])?, "a cat, a");
/// # Ok::<(), lstm_text::TextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct WordVocabulary {
    words: Vec<String>,
    ids: HashMap<String, u32>,
}

#[allow(clippy::len_without_is_empty, reason = "there is at least one word")]
impl WordVocabulary {
    /// The vocabulary of the words that occur at least `min_count` times, or of the `max_words` most
    /// frequent of them. Words with the same count are in the order of their characters.
    ///
    /// # Errors
    /// If no word is frequent enough.
    pub fn from_words<'a>(
        words: impl IntoIterator<Item = &'a str>,
        min_count: usize,
        max_words: usize,
    ) -> Result<Self, TextError> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for word in words {
            *counts.entry(word).or_insert(0) += 1;
        }
        let mut kept: Vec<(&str, usize)> = counts
            .into_iter()
            .filter(|&(_, n)| n >= min_count)
            .collect();
        kept.sort_by(|(a, n), (b, m)| m.cmp(n).then(a.cmp(b)));
        kept.truncate(max_words);
        Self::try_from(
            kept.iter()
                .map(|&(word, _)| word.to_owned())
                .collect::<Vec<_>>(),
        )
    }

    /// As [`from_words`](Self::from_words), with the words that [`pretokenize`] cuts out of the texts.
    ///
    /// # Errors
    /// If no word is frequent enough.
    pub fn from_texts<'a>(
        texts: impl IntoIterator<Item = &'a str>,
        min_count: usize,
        max_words: usize,
    ) -> Result<Self, TextError> {
        let texts: Vec<String> = texts.into_iter().map(|text| format!(" {text}")).collect();
        Self::from_words(
            texts.iter().flat_map(|t| pretokenize(t)),
            min_count,
            max_words,
        )
    }

    /// V, the number of ids, special ids included.
    pub fn len(&self) -> usize {
        self.words.len() + SPECIALS as usize
    }

    /// All words in the order of their ids; the first word has id 4.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The id of a word; [`UNKNOWN`] if it is not in the vocabulary.
    pub fn id(&self, word: &str) -> u32 {
        self.ids.get(word).copied().unwrap_or(UNKNOWN)
    }

    /// The word with this id; `None` for a special id.
    ///
    /// # Errors
    /// If the id is V or more.
    pub fn word(&self, id: u32) -> Result<Option<&str>, TextError> {
        let Some(index) = id.checked_sub(SPECIALS) else {
            return Ok(None);
        };
        match self.words.get(index as usize) {
            Some(word) => Ok(Some(word)),
            None => Err(TextError::UnknownToken {
                id,
                vocab_size: self.len(),
            }),
        }
    }

    /// The text of one id, with the space before it.
    pub(crate) fn text(&self, id: u32) -> Result<&str, TextError> {
        Ok(match self.word(id)? {
            Some(word) => word,
            None if id == UNKNOWN => " \u{FFFD}",
            None => "",
        })
    }

    /// The ids of the words of a text. A space is put before the text, because words inside a text
    /// begin with a space: so a word has the same id at the beginning of a text as elsewhere.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        pretokenize(&format!(" {text}"))
            .map(|word| self.id(word))
            .collect()
    }

    /// The text of ids: the inverse of [`encode`](Self::encode) if no word is unknown. [`UNKNOWN`]
    /// becomes ` �`; the other special ids have no text.
    ///
    /// # Errors
    /// If an id is V or more.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TextError> {
        let mut text = String::new();
        for &id in ids {
            text += self.text(id)?;
        }
        Ok(text.strip_prefix(' ').unwrap_or(&text).to_owned())
    }
}

impl From<WordVocabulary> for Vec<String> {
    fn from(vocabulary: WordVocabulary) -> Self {
        vocabulary.words
    }
}

impl TryFrom<Vec<String>> for WordVocabulary {
    type Error = TextError;

    fn try_from(words: Vec<String>) -> Result<Self, TextError> {
        if words.is_empty() {
            return Err(TextError::NoFrequentWord);
        }
        let mut ids = HashMap::with_capacity(words.len());
        for (word, id) in words.iter().zip(SPECIALS..) {
            if ids.insert(word.clone(), id).is_some() {
                return Err(TextError::DuplicateToken {
                    token: word.clone(),
                });
            }
        }
        Ok(Self { words, ids })
    }
}
