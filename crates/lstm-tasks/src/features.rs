//! The features of a word, which are the input of a labeller.

use crate::TasksError;
use lstm_text::WordVocabulary;
use serde::{Deserialize, Serialize};

/// The number of features of a word.
pub const FEATURES: usize = 5;

/// The number of word shapes: lower case, Capital, CAPITALS, with a digit, without a letter.
const SHAPES: usize = 5;

/// The length of a prefix and of a suffix in characters.
const AFFIX: usize = 3;

/// The vocabularies of a word's features: the word in lower case, its first three and its last three
/// letters, its shape, and whether it is the predicate.
///
/// The other four features say something about an unknown word: a suffix such as `-ing`, for example, or
/// a capital letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Features {
    words: WordVocabulary,
    prefixes: WordVocabulary,
    suffixes: WordVocabulary,
}

impl Features {
    /// Vocabularies of the words and affixes that occur at least `min_count` times.
    ///
    /// # Errors
    /// If no word is frequent enough.
    pub fn from_words(words: &[&str], min_count: usize) -> Result<Self, TasksError> {
        let known = |of: fn(&str) -> String| -> Result<WordVocabulary, TasksError> {
            let all: Vec<String> = words.iter().map(|word| of(&word.to_lowercase())).collect();
            let all = all.iter().map(String::as_str);
            Ok(WordVocabulary::from_words(all, min_count, usize::MAX)?)
        };
        Ok(Self {
            words: known(str::to_owned)?,
            prefixes: known(prefix)?,
            suffixes: known(suffix)?,
        })
    }

    /// V of each feature, the number of its ids.
    pub fn sizes(&self) -> [usize; FEATURES] {
        let [words, prefixes, suffixes] =
            [&self.words, &self.prefixes, &self.suffixes].map(WordVocabulary::len);
        [words, prefixes, suffixes, SHAPES, 2]
    }

    /// The ids of a word's features.
    ///
    /// ```
    /// let text = ["The", "dog", "sees", "the", "dog"];
    /// let features = lstm_tasks::Features::from_words(&text, 2)?;
    /// let [word, .., shape, predicate] = features.ids("The", false);
    /// assert_eq!((word, shape, predicate), (features.ids("the", true)[0], 1, 0));
    /// # Ok::<(), lstm_tasks::TasksError>(())
    /// ```
    pub fn ids(&self, word: &str, is_predicate: bool) -> [u32; FEATURES] {
        let lower = word.to_lowercase();
        [
            self.words.id(&lower),
            self.prefixes.id(&prefix(&lower)),
            self.suffixes.id(&suffix(&lower)),
            shape(word),
            is_predicate.into(),
        ]
    }
}

fn prefix(word: &str) -> String {
    word.chars().take(AFFIX).collect()
}

fn suffix(word: &str) -> String {
    let skipped = word.chars().count().saturating_sub(AFFIX);
    word.chars().skip(skipped).collect()
}

fn shape(word: &str) -> u32 {
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).peekable();
    if word.chars().any(char::is_numeric) {
        return 3;
    }
    if letters.peek().is_none() {
        return 4;
    }
    let first = word.chars().next().is_some_and(char::is_uppercase);
    match (first, letters.skip(1).any(char::is_lowercase)) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) if word.chars().count() == 1 => 1,
        (true, false) => 2,
    }
}
