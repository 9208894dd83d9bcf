//! The words that the translator knows in one language.

use lstm_text::{UNKNOWN, WordVocabulary, pretokenize};
use std::collections::BTreeSet;

/// Words by their ids. Case is ignored: a word has capitals only if it never occurs without them.
#[derive(Clone, Debug, PartialEq)]
pub struct Words(WordVocabulary);

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// [`UNKNOWN`] if the translator does not know the word.
    pub id: u32,
    /// The place of its first character in the text.
    pub start: usize,
    /// The place behind its last character.
    pub end: usize,
}

impl Words {
    /// All words of these sentences; `None` if there are none.
    pub fn of<'a>(sentences: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let words: BTreeSet<String> = sentences
            .into_iter()
            .flat_map(pieces)
            .map(|(word, _)| word)
            .collect();
        let lower = |word: &&String| {
            let lower = word.to_lowercase();
            **word == lower || !words.contains(&lower)
        };
        Self::from_list(words.iter().filter(lower).cloned().collect())
    }

    /// The words in the order of their ids; `None` if there are none, or one occurs twice.
    pub fn from_list(words: Vec<String>) -> Option<Self> {
        WordVocabulary::try_from(words).ok().map(Self)
    }

    /// The words in the order of their ids, of which the first is 4.
    pub fn list(&self) -> &[String] {
        self.0.words()
    }

    /// V, with the special tokens.
    pub fn vocab_size(&self) -> usize {
        self.0.len()
    }

    /// The words of a text in order. Spaces and punctuation are left out.
    pub fn find(&self, text: &str) -> Vec<Found> {
        let found = |(word, start): (String, usize)| Found {
            id: self.id(&word),
            start,
            end: start + word.chars().count(),
        };
        pieces(text).map(found).collect()
    }

    /// The ids of a text; `None` if a word is unknown.
    pub fn encode(&self, text: &str) -> Option<Vec<u32>> {
        let ids = self.find(text).into_iter().map(|found| found.id);
        ids.map(|id| (id != UNKNOWN).then_some(id)).collect()
    }

    fn id(&self, word: &str) -> u32 {
        let lower = word.to_lowercase();
        let mut chars = lower.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        let capital: String = first.chain(chars).collect();
        let ids = [&lower, &capital].map(|word| self.0.id(word));
        ids.into_iter().find(|&id| id != UNKNOWN).unwrap_or(UNKNOWN)
    }
}

/// The words of a text with their places, counted in characters. An elided word keeps its apostrophe.
fn pieces(text: &str) -> impl Iterator<Item = (String, usize)> {
    let mut place = 0;
    pretokenize(text).filter_map(move |piece| {
        let word = piece.strip_prefix(' ').unwrap_or(piece);
        let start = place + usize::from(word.len() < piece.len());
        place += piece.chars().count();
        let is_word = word.chars().any(char::is_alphanumeric);
        is_word.then(|| (word.replace('’', "'"), start))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words::of(["Hier, Marie n'a pas cherché l'horloge.", "Elle a vu hier."]).unwrap()
    }

    #[test]
    fn a_word_has_capitals_only_if_it_never_occurs_without() {
        let words = words();
        let expected = [
            "Elle", "Marie", "a", "cherché", "hier", "horloge", "l'", "n'", "pas", "vu",
        ];
        assert_eq!(words.list(), expected);
        for (text, word) in [("HIER", 8), ("elle", 4), ("marie", 5), ("N’", 11)] {
            let id = if text == "N’" {
                words.find("N’a")[0].id
            } else {
                words.find(text)[0].id
            };
            assert_eq!(id, word, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_into_words_with_their_places() {
        let text = "  Qui, l’horloge  de Marie ?";
        let found = words().find(text);
        let chars: Vec<char> = text.chars().collect();
        let of = |found: &Found| chars[found.start..found.end].iter().collect::<String>();
        let cut: Vec<String> = found.iter().map(of).collect();
        assert_eq!(cut, ["Qui", "l’", "horloge", "de", "Marie"]);
        let known: Vec<bool> = found.iter().map(|found| found.id != UNKNOWN).collect();
        assert_eq!(known, [false, true, true, false, true]);
        assert_eq!(words().encode(text), None);
        assert_eq!(words().encode("Marie a"), Some(vec![5, 6]));
        assert_eq!(words().encode("… ?"), Some(vec![]));
    }
}
