//! Expressing a meaning in English: subject, verb, object, place, time.

use super::meaning::{Determiner, Meaning, Phrase, Subject};

pub(super) fn sentence(m: &Meaning) -> String {
    let subject = match &m.subject {
        Subject::Pronoun(pronoun) => ["I", "he", "she", "we", "they"][*pronoun].to_owned(),
        Subject::Name(name) => name[0].to_owned(),
        Subject::Phrase(phrase) => noun_phrase(phrase, false),
    };
    let third = m.subject.person() == 1;
    let [base, s, past] = m.verb.en;
    let often = if m.often { "often " } else { "" };
    let verb = match (m.tense, m.negative) {
        (0, false) => format!("{often}{}", if third { s } else { base }),
        (0, true) if third => format!("does not {often}{base}"),
        (0, true) => format!("do not {often}{base}"),
        (1, false) => past.to_owned(),
        (1, true) => format!("did not {base}"),
        (_, false) => format!("will {base}"),
        (_, true) => format!("will not {base}"),
    };
    let object = noun_phrase(&m.object, m.negative);
    let place = m.place.map_or(String::new(), |p| format!(" {}", p[0]));
    let time = m.time.map_or(String::new(), |t| format!(" {}", t.en));
    capital(&format!("{subject} {verb} {object}{place}{time}."))
}

fn noun_phrase(phrase: &Phrase, negative: bool) -> String {
    use Determiner::*;
    let adjective = phrase.adjective.map_or("", |a| a.en);
    let noun = phrase.noun.en[usize::from(phrase.plural)];
    let next = if adjective.is_empty() {
        noun
    } else {
        adjective
    };
    let determiner = match (phrase.determiner, phrase.plural) {
        (The, _) => "the",
        (A, false) if next.starts_with(['a', 'e', 'i', 'o', 'u']) => "an",
        (A, false) => "a",
        (A, true) if negative => "any",
        (A, true) => "some",
        (This, false) => "this",
        (This, true) => "these",
        (That, false) => "that",
        (That, true) => "those",
        (My, _) => "my",
        (Two, _) => "two",
        (Three, _) => "three",
    };
    let words = [determiner, adjective, noun];
    words
        .into_iter()
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text with its first letter in upper case.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}
