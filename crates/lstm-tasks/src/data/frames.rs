//! A sentence with who does what to whom.

use std::fmt;
use std::str::FromStr;

/// A sentence and what its predicates say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What the file calls it.
    pub id: String,
    /// At least one.
    pub words: Vec<String>,
    /// One for each predicate.
    pub frames: Vec<Frame>,
}

/// One predicate and its arguments, V among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The predicate's word, from 0.
    pub predicate: usize,
    /// The sense, `give.01` say.
    pub roleset: String,
    /// In the order of the sentence; no word is in two.
    pub arguments: Vec<Argument>,
}

/// A span of words with a role, written `ARG0:2-4`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Argument {
    /// The role.
    pub label: String,
    /// Its first word, from 0.
    pub first: usize,
    /// Its last word.
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
    /// Puts the arguments in order and looks whether they fit the sentence.
    pub(super) fn checked(mut self, words: usize) -> Result<Self, String> {
        if self.predicate >= words {
            let predicate = self.predicate;
            return Err(format!(
                "predicate {predicate} in a sentence of {words} words"
            ));
        }
        self.arguments.sort_by_key(|a| a.first);
        if let Some(beyond) = self.arguments.iter().find(|a| a.last >= words) {
            return Err(format!("argument {beyond} in a sentence of {words} words"));
        }
        for pair in self.arguments.windows(2) {
            if pair[1].first <= pair[0].last {
                return Err(format!("arguments {} and {} overlap", pair[0], pair[1]));
            }
        }
        Ok(self)
    }
}
