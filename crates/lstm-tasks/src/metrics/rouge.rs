//! ROUGE: the overlap of a summary and a reference, in n-grams and in the longest common subsequence.
//!
//! Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004. The results equal those
//! of the package `rouge-score` with `use_stemmer=False`, its default.

use super::bleu::n_grams;
use super::rouge_tokens;

/// Precision, recall and F, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RougeScore {
    /// The fraction of the candidate that the reference has too.
    pub precision: f64,
    /// The fraction of the reference that the candidate has too.
    pub recall: f64,
    /// 2PR / (P + R)
    pub f: f64,
}

/// The ROUGE of one summary. The ROUGE of a corpus is the mean over its summaries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rouge {
    /// In words.
    pub rouge_1: RougeScore,
    /// In 2-grams.
    pub rouge_2: RougeScore,
    /// In the longest common subsequence.
    pub rouge_l: RougeScore,
}

impl RougeScore {
    fn new(common: usize, candidate: usize, reference: usize) -> Self {
        let fraction = |of: usize| match of {
            0 => 0.0,
            _ => common as f64 / of as f64,
        };
        let (precision, recall) = (fraction(candidate), fraction(reference));
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
/// The ROUGE-1, ROUGE-2 and ROUGE-L of a candidate summary against one reference.
///
/// ```
/// // The longest common subsequence has 5 words; the candidate has 8, the reference 9.
/// let score = lstm_tasks::metrics::rouge(
///     "The quick brown dog jumps on the log.",
///     "The quick brown fox jumps over the lazy dog",
/// );
/// assert_eq!((score.rouge_l.precision, score.rouge_l.recall), (5.0 / 8.0, 5.0 / 9.0));
/// ```
pub fn rouge(candidate: &str, reference: &str) -> Rouge {
    let (candidate, reference) = (rouge_tokens(candidate), rouge_tokens(reference));
    let n_gram = |n| {
        let (c, r) = (n_grams(&candidate, n), n_grams(&reference, n));
        let in_c = |gram: &Vec<&str>| c.get(gram).copied().unwrap_or(0);
        let common = r.iter().map(|(gram, &count)| count.min(in_c(gram))).sum();
        RougeScore::new(common, c.values().sum(), r.values().sum())
    };
    let longest = longest_common_subsequence(&candidate, &reference);
    Rouge {
        rouge_1: n_gram(1),
        rouge_2: n_gram(2),
        rouge_l: RougeScore::new(longest, candidate.len(), reference.len()),
    }
}
// ANCHOR_END: rouge

/// The mean F of ROUGE-1, ROUGE-2 and ROUGE-L over summaries, each compared with that of its references
/// for which ROUGE-L is highest.
///
/// ```
/// let texts = [("a cat", vec!["a dog", "a cat"]), ("no", vec!["yes"])];
/// let texts = texts.map(|(summary, references)| (summary.to_owned(), references));
/// assert_eq!(lstm_tasks::metrics::mean_rouge(texts), [0.5; 3]);
/// ```
///
/// # Panics
/// If a summary has no reference.
pub fn mean_rouge<'a>(texts: impl IntoIterator<Item = (String, Vec<&'a str>)>) -> [f64; 3] {
    let (mut sums, mut count) = ([0.0; 3], 0.0);
    for (summary, references) in texts {
        let scores = references
            .iter()
            .map(|reference| rouge(&summary, reference));
        let best = scores.max_by(|a, b| a.rouge_l.f.total_cmp(&b.rouge_l.f));
        let best = best.expect("every summary has a reference");
        for (sum, score) in sums
            .iter_mut()
            .zip([best.rouge_1, best.rouge_2, best.rouge_l])
        {
            *sum += score.f;
        }
        count += 1.0;
    }
    sums.map(|sum| sum / count)
}

/// The length of the longest common subsequence of `a` and `b`.
fn longest_common_subsequence(a: &[String], b: &[String]) -> usize {
    // lengths[j] is the length for the words of `a` so far and the first j words of `b`.
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
