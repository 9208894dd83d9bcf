//! A sentence with its semantic roles: who does what to whom.

use lstm_text::counted;
use std::fmt;
use std::str::FromStr;

/// A sentence and a frame for each of its predicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its id in the file; empty if it has none.
    pub id: String,
    /// The words; at least one.
    pub words: Vec<String>,
    /// One frame for each predicate.
    pub frames: Vec<Frame>,
}

/// One predicate and its arguments. The predicate itself is an argument too, with label V.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The index of the predicate, counted from 0.
    pub predicate: usize,
    /// The sense, for example `give.01`.
    pub roleset: String,
    /// The arguments in the order of the sentence; they do not overlap.
    pub arguments: Vec<Argument>,
}

/// A span of words with a role, written `ARG0:2-4`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Argument {
    /// The role, for example `ARG0`.
    pub label: String,
    /// The index of its first word, counted from 0.
    pub first: usize,
    /// The index of its last word.
    pub last: usize,
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}-{}", self.label, self.first, self.last)
    }
}

impl FromStr for Argument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (label, words) = text.rsplit_once(':')?;
            let (first, last) = words.split_once('-')?;
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last && !label.is_empty()).then(|| Self {
                label: label.to_owned(),
                first,
                last,
            })
        };
        parse().ok_or_else(|| format!("argument {text:?}, expected LABEL:first-last"))
    }
}

impl Frame {
    /// Sorts the arguments and checks that they fit a sentence of `words` words. Messages count the
    /// words from `from`, as the file does.
    pub(super) fn checked(mut self, words: usize, from: usize) -> Result<Self, String> {
        let sentence = counted(words, "word");
        if self.predicate >= words {
            let predicate = self.predicate + from;
            return Err(format!(
                "the predicate is word {predicate} (from {from}) of a sentence of {sentence}"
            ));
        }
        self.arguments.sort_by_key(|a| a.first);
        let shown = |argument: &Argument| Argument {
            label: argument.label.clone(),
            first: argument.first + from,
            last: argument.last + from,
        };
        if let Some(beyond) = self.arguments.iter().find(|a| a.last >= words) {
            return Err(format!(
                "argument {} (words from {from}) of a sentence of {sentence}",
                shown(beyond)
            ));
        }
        for pair in self.arguments.windows(2) {
            if pair[1].first <= pair[0].last {
                let (one, other) = (shown(&pair[0]), shown(&pair[1]));
                return Err(format!(
                    "arguments {one} and {other} overlap; a word has at most one role for a predicate"
                ));
            }
        }
        Ok(self)
    }
}
