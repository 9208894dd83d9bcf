//! Three invented languages, and the best possible classifier of their words.
//!
//! ```text
//! language k: after a letter comes with probability q the one k + 1 places further in the alphabet,
//!             which is circular, and otherwise any letter
//! ```
//! Every letter is equally frequent in every language. Only their order tells the languages apart, so a
//! classifier that counts letters can do no better than guess.

use crate::data::{Labelled, LabelledColumns, Sequence, SequenceColumns};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const ALPHABET: &[u8] = b"abcdefgh";
/// The languages, in alphabetical order: how many letters the language likes to skip.
pub const LANGUAGES: [&str; 3] = ["skip-0", "skip-1", "skip-2"];
/// How probable each language is.
const PRIORS: [f64; 3] = [0.6, 0.3, 0.1];
/// q
const LIKED: f64 = 0.2;
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=30;
const WORDS: usize = 12_000;
const SEED: u64 = 1;

/// The columns of the generated words.
#[must_use]
pub fn columns() -> LabelledColumns {
    LabelledColumns {
        sequence: SequenceColumns::Text("text".to_owned()),
        label: "label".to_owned(),
    }
}

/// The words with their languages, always the same.
#[must_use]
pub fn words() -> Vec<Labelled> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let labelled = |line| {
        let language = draw_language(&mut rng);
        Labelled {
            sequence: Sequence::Text(draw_word(language, &mut rng)),
            label: LANGUAGES[language].to_owned(),
            line,
        }
    };
    (1..=WORDS).map(labelled).collect()
}

fn draw_language(rng: &mut impl Rng) -> usize {
    let at: f64 = rng.random();
    match at {
        at if at < PRIORS[0] => 0,
        at if at < PRIORS[0] + PRIORS[1] => 1,
        _ => 2,
    }
}

// ANCHOR: word
fn draw_word(language: usize, rng: &mut impl Rng) -> String {
    let n = ALPHABET.len();
    let mut letter = rng.random_range(0..n);
    let mut word = String::new();
    for _ in 0..rng.random_range(LENGTHS) {
        word.push(ALPHABET[letter].into());
        letter = if rng.random_bool(LIKED) {
            (letter + language + 1) % n
        } else {
            rng.random_range(0..n)
        };
    }
    word
}
// ANCHOR_END: word

// ANCHOR: posterior
/// The probability of every language given a word, by Bayes' rule: no classifier that sees the word alone
/// is right more often than one that names the most probable language.
///
/// ```text
/// p(k | word) ∝ p(k) Π_t p(next letter | letter, k)
/// ```
/// A step is k's favourite with probability q + (1 − q)/8, and any other with (1 − q)/8.
///
/// ```
/// let p = lstm_tasks::classify::generated::posterior("acegb");
/// // Three steps of two places and one of three: 0.3 · 3³ against 0.6 · 3⁰ and 0.1 · 3¹.
/// assert!((p[1] - 8.1 / (0.6 + 8.1 + 0.3)).abs() < 1e-12);
/// ```
#[must_use]
pub fn posterior(word: &str) -> [f64; 3] {
    let n = ALPHABET.len();
    let any = (1.0 - LIKED) / n as f64;
    let letters: Vec<usize> = word
        .bytes()
        .map(|letter| usize::from(letter - b'a'))
        .collect();
    let weight = |k: usize| {
        let is_liked = |pair: &&[usize]| pair[1] == (pair[0] + k + 1) % n;
        let liked = letters.windows(2).filter(is_liked).count();
        PRIORS[k] * ((LIKED + any) / any).powi(liked as i32)
    };
    let weights = [0, 1, 2].map(weight);
    let all: f64 = weights.iter().sum();
    weights.map(|weight| weight / all)
}
// ANCHOR_END: posterior
