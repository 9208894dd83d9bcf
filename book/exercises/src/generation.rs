//! Chapter on generating text: E31. `cargo test -p exercises generation::`

/// A language model: ln p of every token that may follow these tokens.
pub type Next = fn(&[u32]) -> Vec<f64>;

/// ((5 + n)/6)^α, by which the log-probability of n tokens is divided (E31).
pub fn length_penalty(n: usize, alpha: f64) -> f64 {
    todo!("(5 + n) / 6 to the power alpha")
}

/// Beam search: the finished texts with the highest scores (E31), best first, at most `width` of them,
/// each with its score.
///
/// The beam begins with the empty text. In each of `max_len` steps, every text of the beam is continued
/// with every token. Continued with the token `end`, a text is finished: it leaves the beam, and its score
/// is Σ ln p / ((5 + n)/6)^α, where n counts the token `end`. Of the other continuations of all texts, the
/// `width` with the largest Σ ln p are the beam of the next step. A text that has not ended after `max_len`
/// tokens is dropped.
///
/// The tokens of a result do not include `end`.
pub fn beam_search(
    next: Next,
    end: u32,
    width: usize,
    max_len: usize,
    alpha: f64,
) -> Vec<(Vec<u32>, f64)> {
    todo!(
        "continue every text with every token, take out the finished ones, keep the best of the rest"
    )
}
