//! Beam search for the most probable sequence (E31).

use crate::TasksError;
use nalgebra::DMatrix;

/// The largest sensible width of a beam. Each step scores every token after every hypothesis: a thousand
/// hypotheses over a vocabulary of 8,000 tokens are 64 MB of scores, and few searches gain from a
/// hundredth of that.
pub const MOST_HYPOTHESES: usize = 1000;

/// A model that computes the probability of every next token of a hypothesis.
pub trait Continuation {
    /// Advances by one step. Hypothesis k of the new step is hypothesis `from[k]` of the previous step,
    /// followed by `tokens[k]`. The result is ln p of every next token, V×K.
    ///
    /// The first step has a single, empty hypothesis: `from` is \[0\], and the token is the one with
    /// which every sequence begins.
    fn advance(&mut self, from: &[usize], tokens: &[u32]) -> DMatrix<f64>;
}

/// A generated sequence and its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// The tokens, without those that begin and end the sequence.
    pub tokens: Vec<u32>,
    /// Σ ln p of all tokens, including the one that ends the sequence.
    pub log_probability: f64,
    /// Σ ln p / ((5 + n)/6)^α (E31); n includes the token that ends the sequence.
    pub score: f64,
}

/// The settings of a beam search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beam {
    /// The number of hypotheses that are kept at every step. With 1, the most probable token that does
    /// not end the sequence is taken at every step, and the sequence ends where its score is best.
    pub width: usize,
    /// α of E31. With 0, short sequences are preferred, because every token lowers the probability.
    pub length_penalty: f64,
    /// The largest number of tokens, including the one that ends the sequence. A sequence that does not
    /// end by then is dropped. If no token ends a sequence, all have exactly this many.
    pub max_len: usize,
    /// The token with which every sequence begins.
    pub begin: u32,
    /// The token that ends a sequence, if there is one.
    pub end: Option<u32>,
}

// ANCHOR: beam
impl Beam {
    // ANCHOR: length_penalty
    /// ((5 + n)/6)^α, by which the log-probability of n tokens is divided (E31).
    ///
    /// Wu et al. (2016), arXiv 1609.08144, equation 14.
    pub fn penalty(&self, n: usize) -> f64 {
        ((5 + n) as f64 / 6.0).powf(self.length_penalty)
    }
    // ANCHOR_END: length_penalty

    // ANCHOR: search
    /// The finished sequences with the highest scores, best first, at most `width` of them. The result is
    /// empty if no sequence ends within `max_len` tokens.
    ///
    /// Every step keeps the `width` most probable continuations that do not end; those that end are
    /// finished and leave the beam. The search stops when no unfinished hypothesis can still get a higher
    /// score than the worst of `width` finished ones.
    ///
    /// # Errors
    /// [`TasksError::NotFinite`] if the model computes NaN.
    pub fn search(&self, model: &mut impl Continuation) -> Result<Vec<Hypothesis>, TasksError> {
        let mut alive = vec![(Vec::new(), 0.0)];
        let mut finished: Vec<Hypothesis> = Vec::new();
        let (mut from, mut tokens) = (vec![0], vec![self.begin]);
        for n in 1..=self.max_len {
            let log_p = model.advance(&from, &tokens);
            if log_p.iter().any(|log_p| log_p.is_nan()) {
                return Err(TasksError::NotFinite);
            }
            let mut candidates = Vec::new();
            for (k, (prefix, sum)) in alive.iter().enumerate() {
                for (token, log_p) in (0..).zip(log_p.column(k).iter()) {
                    let sum: f64 = sum + log_p;
                    if sum == f64::NEG_INFINITY {
                        continue;
                    }
                    if Some(token) == self.end {
                        finished.push(self.hypothesis(Vec::clone(prefix), sum, n));
                    } else {
                        candidates.push((sum, k, token));
                    }
                }
            }
            finished.sort_by(|a, b| b.score.total_cmp(&a.score));
            finished.truncate(self.width);
            keep_most_probable(&mut candidates, self.width);
            // Every further token lowers Σ ln p, and no penalty is larger than that of `max_len`.
            let can_improve = |sum: f64| {
                finished.len() < self.width
                    || sum / self.penalty(self.max_len) > finished[self.width - 1].score
            };
            candidates.retain(|&(sum, ..)| can_improve(sum));
            if candidates.is_empty() {
                break;
            }
            alive = candidates
                .iter()
                .map(|&(sum, k, token)| ([&alive[k].0[..], &[token]].concat(), sum))
                .collect();
            if self.end.is_none() && n == self.max_len {
                let finish = |(tokens, sum)| self.hypothesis(tokens, sum, n);
                return Ok(alive.into_iter().map(finish).collect());
            }
            from = candidates.iter().map(|&(_, k, _)| k).collect();
            tokens = candidates.iter().map(|&(.., token)| token).collect();
        }
        Ok(finished)
    }
    // ANCHOR_END: search

    fn hypothesis(&self, tokens: Vec<u32>, log_probability: f64, n: usize) -> Hypothesis {
        Hypothesis {
            tokens,
            log_probability,
            score: log_probability / self.penalty(n),
        }
    }
}

/// Keeps the `width` candidates with the largest sums, largest first; of equal ones the earlier.
fn keep_most_probable(candidates: &mut Vec<(f64, usize, u32)>, width: usize) {
    let order = |a: &(f64, usize, u32), b: &(f64, usize, u32)| {
        b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2)))
    };
    if candidates.len() > width {
        candidates.select_nth_unstable_by(width - 1, order);
        candidates.truncate(width);
    }
    candidates.sort_unstable_by(order);
}
// ANCHOR_END: beam
