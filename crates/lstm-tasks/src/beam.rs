//! The likeliest sequence, looked for several at a time (E31).

use nalgebra::DMatrix;

/// Something that writes one token after another and knows how likely each is.
pub trait Continuation {
    /// Hypothesis k of the new step continues hypothesis `from[k]` of the step before with `tokens[k]`.
    /// Returned is ln p of every token that may come next, V×K.
    ///
    /// The first step has one hypothesis, which continues none: `from` is \[0\], and the token is the one
    /// that every sequence begins with.
    fn advance(&mut self, from: &[usize], tokens: &[u32]) -> DMatrix<f64>;
}

/// A sequence that was written, and what it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// What was written, without the tokens that begin and end it.
    pub tokens: Vec<u32>,
    /// Σ ln p, that of the last token among them.
    pub log_probability: f64,
    /// Σ ln p / ((5 + n)/6)^α (E31); n counts the token that ends it.
    pub score: f64,
}

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beam {
    /// How many hypotheses are followed at a time. With 1 the likeliest token that does not end is taken
    /// at every step, and of all the places where the sequence could end the best one.
    pub width: usize,
    /// α of E31; 0 prefers short sequences, as products of probabilities do.
    pub length_penalty: f64,
    /// A sequence that has so many tokens and no end is given up; if sequences have no end, they are
    /// finished with so many.
    pub max_len: usize,
    /// The token that every sequence begins with.
    pub begin: u32,
    /// The token that ends a sequence, if any does.
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
    /// The best finished sequences, best first, at most `width` of them: none if none ends within
    /// `max_len` tokens.
    ///
    /// Every step takes the `width` likeliest continuations that do not end; those that end are
    /// finished and leave the beam. The search is over when no unfinished hypothesis can still become
    /// better than the worst of `width` finished ones.
    pub fn search(&self, writer: &mut impl Continuation) -> Vec<Hypothesis> {
        let mut alive = vec![(Vec::new(), 0.0)];
        let mut finished: Vec<Hypothesis> = Vec::new();
        let (mut from, mut tokens) = (vec![0], vec![self.begin]);
        for n in 1..=self.max_len {
            let log_p = writer.advance(&from, &tokens);
            let mut candidates = Vec::new();
            for (k, (written, sum)) in alive.iter().enumerate() {
                for (token, log_p) in (0..).zip(log_p.column(k).iter()) {
                    let sum: f64 = sum + log_p;
                    if sum == f64::NEG_INFINITY {
                        continue;
                    }
                    if Some(token) == self.end {
                        finished.push(self.hypothesis(Vec::clone(written), sum, n));
                    } else {
                        candidates.push((sum, k, token));
                    }
                }
            }
            finished.sort_by(|a, b| b.score.total_cmp(&a.score));
            finished.truncate(self.width);
            keep_likeliest(&mut candidates, self.width);
            // ln p only falls, and no later penalty is larger than the last.
            let within_reach = |sum: f64| {
                finished.len() < self.width
                    || sum / self.penalty(self.max_len) > finished[self.width - 1].score
            };
            candidates.retain(|&(sum, ..)| within_reach(sum));
            if candidates.is_empty() {
                break;
            }
            alive = candidates
                .iter()
                .map(|&(sum, k, token)| ([&alive[k].0[..], &[token]].concat(), sum))
                .collect();
            if self.end.is_none() && n == self.max_len {
                let whole = |(tokens, sum)| self.hypothesis(tokens, sum, n);
                return alive.into_iter().map(whole).collect();
            }
            from = candidates.iter().map(|&(_, k, _)| k).collect();
            tokens = candidates.iter().map(|&(.., token)| token).collect();
        }
        finished
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

/// The `width` candidates with the largest sums, largest first; of equal ones the earlier.
fn keep_likeliest(candidates: &mut Vec<(f64, usize, u32)>, width: usize) {
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
