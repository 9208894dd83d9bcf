//! ROUGE: how much of a reference a summary has, in n-grams and in order.
//!
//! Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004; the numbers are those
//! of the package `rouge-score` with `use_stemmer=False`, its default.

use super::bleu::n_grams;
use super::rouge_tokens;

/// Precision, recall and F, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RougeScore {
    /// The share of what was written that was meant.
    pub precision: f64,
    /// The share of what was meant that was written.
    pub recall: f64,
    /// 2PR / (P + R)
    pub f: f64,
}

/// ROUGE of one summary. That of a corpus is the mean over its summaries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rouge {
    /// Of words.
    pub rouge_1: RougeScore,
    /// Of two words in sequence.
    pub rouge_2: RougeScore,
    /// Of the longest common subsequence.
    pub rouge_l: RougeScore,
}

impl RougeScore {
    fn new(common: usize, written: usize, meant: usize) -> Self {
        let share = |of: usize| match of {
            0 => 0.0,
            _ => common as f64 / of as f64,
        };
        let (precision, recall) = (share(written), share(meant));
        let f = match precision + recall {
            0.0 => 0.0,
            sum => 2.0 * precision * recall / sum,
        };
        Self {
            precision,
            recall,
            f,
        }
    }
}

// ANCHOR: rouge
/// ROUGE-1, ROUGE-2 and ROUGE-L of a summary against one reference.
///
/// ```
/// // Five of eight words in order, of the nine that were meant.
/// let score = lstm_tasks::metrics::rouge(
///     "The quick brown dog jumps on the log.",
///     "The quick brown fox jumps over the lazy dog",
/// );
/// assert_eq!((score.rouge_l.precision, score.rouge_l.recall), (5.0 / 8.0, 5.0 / 9.0));
/// ```
pub fn rouge(written: &str, meant: &str) -> Rouge {
    let (written, meant) = (rouge_tokens(written), rouge_tokens(meant));
    let n_gram = |n| {
        let (w, m) = (n_grams(&written, n), n_grams(&meant, n));
        let of_w = |gram: &Vec<&str>| w.get(gram).copied().unwrap_or(0);
        let common = m.iter().map(|(gram, &count)| count.min(of_w(gram))).sum();
        RougeScore::new(common, w.values().sum(), m.values().sum())
    };
    let longest = longest_common_subsequence(&written, &meant);
    Rouge {
        rouge_1: n_gram(1),
        rouge_2: n_gram(2),
        rouge_l: RougeScore::new(longest, written.len(), meant.len()),
    }
}
// ANCHOR_END: rouge

fn longest_common_subsequence(a: &[String], b: &[String]) -> usize {
    // lengths[j]: of the words of `a` so far and the first j of `b`.
    let mut lengths = vec![0; b.len() + 1];
    for a in a {
        let mut diagonal = 0;
        for (j, b) in b.iter().enumerate() {
            let above = lengths[j + 1];
            lengths[j + 1] = if a == b {
                diagonal + 1
            } else {
                above.max(lengths[j])
            };
            diagonal = above;
        }
    }
    lengths[b.len()]
}
