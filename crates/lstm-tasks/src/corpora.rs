//! Small generated corpora, so that every application can be tried without a download.
//!
//! A grammar draws a meaning, and each language expresses it in exactly one way. So a translation is a
//! function of its source, and an exact match can be demanded. The source sentence alone decides whether
//! an example is held out, so the training part and the held-out part share no source sentence, whatever
//! the seed or the number of examples.

mod draw;
mod headlines;
mod lexicon;
mod meaning;
mod roles;
mod say_english;
mod say_french;
mod say_chinese;

pub use draw::Corpus;
pub use headlines::headlines;
pub use roles::roles;

use crate::data::Pair;
use lexicon::Tongue;
use meaning::Meaning;

// ANCHOR: english_french
/// English sentences and their French translations: gender and number, elision, negation with *de*,
/// adjectives before and after the noun, three tenses.
///
/// ```
/// let corpus = lstm_tasks::corpora::english_french(7, 3);
/// assert_eq!(corpus.train.len(), 3);
/// ```
pub fn english_french(seed: u64, train: usize) -> Corpus<Pair> {
    translations(seed, train, Tongue::French, say_french::sentence)
}

fn translations(
    seed: u64,
    train: usize,
    tongue: Tongue,
    translate: fn(&Meaning) -> String,
) -> Corpus<Pair> {
    let draw_pair = |rng: &mut _| {
        let meaning = meaning::draw(rng, tongue);
        Pair {
            source: say_english::sentence(&meaning),
            target: translate(&meaning),
        }
    };
    draw::corpus(seed, train, draw_pair, |pair| pair.source.clone())
}
// ANCHOR_END: english_french

/// English sentences and their Chinese translations: measure words, 了 and 没有, time and place
/// before the verb.
///
/// ```
/// let corpus = lstm_tasks::corpora::english_chinese(7, 3);
/// assert_eq!(corpus.train.len(), 3);
/// ```
pub fn english_chinese(seed: u64, train: usize) -> Corpus<Pair> {
    translations(seed, train, Tongue::Chinese, say_chinese::sentence)
}
