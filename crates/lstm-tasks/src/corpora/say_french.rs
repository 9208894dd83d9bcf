//! Expressing a meaning in French: agreement, elision, *ne … pas*, *pas de*, adjectives on either side.

use super::meaning::{Determiner, Meaning, Phrase, Subject};
use super::say_english::capital;

pub(super) fn sentence(m: &Meaning) -> String {
    let person = m.subject.person();
    let verb = match m.tense {
        0 => m.verb.fr[person].to_owned(),
        1 => ["ai", "a", "avons", "ont"][person].to_owned(),
        _ => m.verb.future.to_owned() + ["ai", "a", "ons", "ont"][person],
    };
    let mut words = match &m.subject {
        Subject::Pronoun(pronoun) => vec![["je", "il", "elle", "nous", "ils"][*pronoun].to_owned()],
        Subject::Name(name) => vec![name[1].to_owned()],
        Subject::Phrase(phrase) => noun_phrase(phrase, false),
    };
    words.extend(m.negative.then(|| "ne".to_owned()));
    words.push(verb);
    words.extend(m.negative.then(|| "pas".to_owned()));
    words.extend(m.often.then(|| "souvent".to_owned()));
    words.extend((m.tense == 1).then(|| m.verb.participle.to_owned()));
    words.extend(noun_phrase(&m.object, m.negative));
    words.extend(m.place.map(|p| p[1].to_owned()));
    let sentence = elide(&words);
    // A repeated time comes last in the sentence, a single time first.
    capital(&match m.time {
        Some(time) if time.tense == 0 => format!("{sentence} {}.", time.fr),
        Some(time) => format!("{}, {sentence}.", time.fr),
        None => format!("{sentence}."),
    })
}

fn noun_phrase(phrase: &Phrase, negative: bool) -> Vec<String> {
    use Determiner::*;
    let (plural, feminine) = (phrase.plural, phrase.noun.feminine);
    let noun = phrase.noun.fr[usize::from(plural)];
    let before = phrase.adjective.filter(|a| a.before);
    let form = |a: &super::lexicon::Adjective| {
        if a.before && !plural && !feminine && vowel(noun) {
            a.fr_vowel
        } else {
            a.fr[usize::from(plural) + 2 * usize::from(feminine)]
        }
    };
    let next = before.map_or(noun, form);
    let determiner = match (phrase.determiner, plural, feminine) {
        (A, _, _) if negative => "de",
        (The, true, _) => "les",
        (The, false, true) => "la",
        (The, false, false) => "le",
        (A, true, _) if before.is_some() => "de",
        (A, true, _) => "des",
        (A, false, true) => "une",
        (A, false, false) => "un",
        (This | That, true, _) => "ces",
        (This | That, false, true) => "cette",
        (This | That, false, false) if vowel(next) => "cet",
        (This | That, false, false) => "ce",
        (My, true, _) => "mes",
        (My, false, true) if !vowel(next) => "ma",
        (My, false, _) => "mon",
        (Two, _, _) => "deux",
        (Three, _, _) => "trois",
    };
    let after = phrase.adjective.filter(|a| !a.before);
    [
        Some(determiner),
        before.map(form),
        Some(noun),
        after.map(form),
    ]
    .into_iter()
    .flatten()
    .map(str::to_owned)
    .collect()
}

/// Joins the words; je, ne, le, la and de lose their vowel before a vowel.
fn elide(words: &[String]) -> String {
    let mut text = String::new();
    for (n, word) in words.iter().enumerate() {
        let elided = matches!(word.as_str(), "je" | "ne" | "le" | "la" | "de")
            && words.get(n + 1).is_some_and(|next| vowel(next));
        if elided {
            text += &word[..word.len() - 1];
            text.push('\'');
        } else {
            text += word;
            text.push(' ');
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Whether a word begins with a vowel sound. Every h in this lexicon is silent.
fn vowel(word: &str) -> bool {
    word.starts_with(['a', 'e', 'i', 'o', 'u', 'h', 'é', 'à'])
}
