//! Sentences with semantic roles: active and passive, with or without recipient, relative clause, time
//! and place. Punctuation marks are words of their own, as in PropBank.

use super::draw::{self, Corpus, once_in, one};
use super::say_english::capital;
use crate::data::{Argument, Frame, Sentence};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// Sentences whose predicates have A0 (agent), A1 (patient), A2 (recipient), R-A0 and R-A1 (the
/// relative pronouns *who* and *that*), AM-TMP, AM-LOC, AM-MOD and AM-NEG.
///
/// ```
/// let corpus = lstm_tasks::corpora::roles(7, 3);
/// assert_eq!(corpus.train.len(), 3);
/// ```
pub fn roles(seed: u64, train: usize) -> Corpus<Sentence> {
    draw::corpus(seed, train, draw_sentence, |sentence| {
        sentence.words.join(" ")
    })
}

#[rustfmt::skip]
const PEOPLE: &[&str] = &[
    "teacher", "doctor", "farmer", "girl", "boy", "woman", "man", "singer", "neighbour", "engineer",
];
const THINGS: &[&str] = &[
    "book", "letter", "car", "house", "picture", "table", "watch", "coat", "computer", "bicycle",
];
const OF_PEOPLE: &[&str] = &["old", "young", "tall", "famous", "quiet"];
const OF_THINGS: &[&str] = &["old", "new", "small", "expensive", "strange"];
const NAMES: &[&str] = &["Anna", "Boris", "Clara", "David", "Elena", "Felix"];
const MODALS: &[&str] = &["will", "could", "must"];
/// Base, past, participle.
const ACTS: &[[&str; 3]] = &[
    ["buy", "bought", "bought"],
    ["find", "found", "found"],
    ["paint", "painted", "painted"],
    ["see", "saw", "seen"],
    ["choose", "chose", "chosen"],
    ["steal", "stole", "stolen"],
    ["repair", "repaired", "repaired"],
    ["describe", "described", "described"],
];
const GIFTS: &[[&str; 3]] = &[
    ["give", "gave", "given"],
    ["send", "sent", "sent"],
    ["show", "showed", "shown"],
    ["sell", "sold", "sold"],
];
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "yesterday", "last week", "on Monday", "in the morning", "after the concert", "two days ago",
];
#[rustfmt::skip]
const PLACES: &[&str] = &[
    "in the garden", "at the market", "near the station", "in Paris", "behind the church",
    "at school",
];

/// A sentence under construction.
#[derive(Default)]
struct Draft {
    words: Vec<String>,
    frames: Vec<Frame>,
}

impl Draft {
    /// Appends words and returns the indices of the first and the last.
    fn write(&mut self, text: &str) -> (usize, usize) {
        let first = self.words.len();
        self.words.extend(text.split(' ').map(str::to_owned));
        (first, self.words.len() - 1)
    }

    /// Appends the words of an argument of frame `f`.
    fn argue(&mut self, f: usize, label: &str, text: &str) {
        let span = self.write(text);
        self.mark(f, label, span);
    }

    fn mark(&mut self, f: usize, label: &str, (first, last): (usize, usize)) {
        let label = label.to_owned();
        let argument = Argument { label, first, last };
        self.frames[f].arguments.push(argument);
    }

    /// Begins a frame; its predicate is appended later.
    fn frame(&mut self, verb: &[&str; 3]) -> usize {
        self.frames.push(Frame {
            predicate: 0,
            roleset: format!("{}.01", verb[0]),
            arguments: Vec::new(),
        });
        self.frames.len() - 1
    }

    fn predicate(&mut self, f: usize, word: &str) {
        let span = self.write(word);
        self.frames[f].predicate = span.0;
        self.mark(f, "V", span);
    }
}

fn draw_sentence(rng: &mut ChaCha8Rng) -> Sentence {
    let mut draft = Draft::default();
    let gift = once_in(rng, 3);
    let verb = one(rng, if gift { GIFTS } else { ACTS });
    let f = draft.frame(verb);
    let mut adjuncts: Vec<(&str, &str)> = Vec::new();
    if !once_in(rng, 3) {
        adjuncts.push(("AM-TMP", *one(rng, TIMES)));
    }
    if once_in(rng, 2) {
        adjuncts.push(("AM-LOC", *one(rng, PLACES)));
    }
    if !adjuncts.is_empty() && once_in(rng, 3) {
        let (label, text) = adjuncts.swap_remove(rng.random_range(0..adjuncts.len()));
        draft.argue(f, label, text);
        draft.write(",");
    }
    if once_in(rng, 2) {
        passive(rng, &mut draft, f, verb, gift);
    } else {
        active(rng, &mut draft, f, verb, gift);
    }
    for (label, text) in adjuncts {
        draft.argue(f, label, text);
    }
    draft.write(".");
    draft.words[0] = capital(&draft.words[0]);
    for frame in &mut draft.frames {
        frame.arguments.sort_by_key(|a| a.first);
    }
    draft.frames.sort_by_key(|frame| frame.predicate);
    Sentence {
        id: String::new(),
        words: draft.words,
        frames: draft.frames,
    }
}

/// `The man who found the book did not give the girl a watch`.
fn active(rng: &mut ChaCha8Rng, draft: &mut Draft, f: usize, verb: &[&str; 3], gift: bool) {
    let agent = person(rng);
    noun_with_clause(rng, draft, (f, "A0"), &agent, true);
    match rng.random_range(0..5) {
        0 => {
            draft.write("did");
            draft.argue(f, "AM-NEG", "not");
            draft.predicate(f, verb[0]);
        }
        1 => {
            draft.argue(f, "AM-MOD", one::<&str>(rng, MODALS));
            draft.predicate(f, verb[0]);
        }
        _ => draft.predicate(f, verb[1]),
    }
    let object = thing(rng);
    if gift && once_in(rng, 2) {
        let recipient = person(rng);
        draft.argue(f, "A2", &recipient);
        draft.argue(f, "A1", &object);
        return;
    }
    noun_with_clause(rng, draft, (f, "A1"), &object, false);
    if gift {
        let recipient = format!("to {}", person(rng));
        draft.argue(f, "A2", &recipient);
    }
}

/// `The book that Anna chose was not given to the girl by the man`.
fn passive(rng: &mut ChaCha8Rng, draft: &mut Draft, f: usize, verb: &[&str; 3], gift: bool) {
    let object = thing(rng);
    noun_with_clause(rng, draft, (f, "A1"), &object, false);
    match rng.random_range(0..4) {
        0 => {
            draft.write("was");
            draft.argue(f, "AM-NEG", "not");
        }
        1 => {
            draft.argue(f, "AM-MOD", one::<&str>(rng, MODALS));
            draft.write("be");
        }
        _ => drop(draft.write("was")),
    }
    draft.predicate(f, verb[2]);
    if gift {
        let recipient = format!("to {}", person(rng));
        draft.argue(f, "A2", &recipient);
    }
    if !once_in(rng, 3) {
        let agent = format!("by {}", person(rng));
        draft.argue(f, "A0", &agent);
    }
}

/// Appends a noun phrase as an argument. One in three has a relative clause, with a frame of its own:
/// `the man who saw Anna`, `the book that Anna saw`.
fn noun_with_clause(
    rng: &mut ChaCha8Rng,
    draft: &mut Draft,
    (f, label): (usize, &str),
    noun: &str,
    is_person: bool,
) {
    let head = draft.write(noun);
    if once_in(rng, 3) && noun.contains(' ') {
        let verb = one(rng, ACTS);
        let inner = draft.frame(verb);
        if is_person {
            draft.mark(inner, "A0", head);
            draft.argue(inner, "R-A0", "who");
            draft.predicate(inner, verb[1]);
            let object = thing(rng);
            draft.argue(inner, "A1", &object);
        } else {
            draft.mark(inner, "A1", head);
            draft.argue(inner, "R-A1", "that");
            let agent = person(rng);
            draft.argue(inner, "A0", &agent);
            draft.predicate(inner, verb[1]);
        }
    }
    draft.mark(f, label, (head.0, draft.words.len() - 1));
}

fn person(rng: &mut impl Rng) -> String {
    if once_in(rng, 4) {
        return (*one(rng, NAMES)).to_owned();
    }
    described(rng, &["the", "this", "that"], OF_PEOPLE, PEOPLE)
}

fn thing(rng: &mut impl Rng) -> String {
    described(rng, &["the", "this", "her", "his"], OF_THINGS, THINGS)
}

fn described(
    rng: &mut impl Rng,
    determiners: &[&str],
    adjectives: &[&str],
    nouns: &[&str],
) -> String {
    let (determiner, noun) = (one(rng, determiners), one(rng, nouns));
    if once_in(rng, 3) {
        format!("{determiner} {} {noun}", one(rng, adjectives))
    } else {
        format!("{determiner} {noun}")
    }
}
