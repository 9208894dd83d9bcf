//! BLEU: the fraction of the n-grams of a translation that occur in a reference.
//!
//! Source: Papineni, Roukos, Ward, Zhu, "BLEU: a Method for Automatic Evaluation of Machine
//! Translation", ACL 2002.

use super::BleuTokens;
use std::collections::HashMap;

/// The longest n-gram counted.
const N: usize = 4;

/// The BLEU of a corpus and its factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bleu {
    /// 100 · BP · (p_1 p_2 p_3 p_4)^{1/4}
    pub score: f64,
    /// p_n for n = 1 … 4, each from 0 to 1.
    pub precisions: [f64; N],
    /// BP, the brevity penalty.
    pub brevity_penalty: f64,
}

/// The counts of a corpus, added up sentence by sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BleuCounts {
    /// For n = 1 … 4, the n-grams of the hypotheses that occur in a reference. Each n-gram counts at most
    /// as often as it occurs in the reference that has it most often.
    pub matches: [usize; N],
    /// For n = 1 … 4, all n-grams of the hypotheses.
    pub totals: [usize; N],
    /// The number of tokens of the hypotheses.
    pub hypothesis_len: usize,
    /// The number of tokens of the references. Of several references, the one counts whose length is
    /// nearest to the hypothesis; of two equally near, the shorter.
    pub reference_len: usize,
}

// ANCHOR: bleu
impl BleuCounts {
    /// Counts one sentence.
    ///
    /// # Panics
    /// If there is no reference.
    pub fn add<S: AsRef<str>>(&mut self, hypothesis: &[S], references: &[Vec<S>]) {
        let nearest = references
            .iter()
            .map(Vec::len)
            .min_by_key(|&len| (len.abs_diff(hypothesis.len()), len))
            .expect("a translation has at least one reference");
        self.reference_len += nearest;
        self.hypothesis_len += hypothesis.len();
        for n in 1..=N {
            let mut allowed: HashMap<Vec<&str>, usize> = HashMap::new();
            for reference in references {
                for (gram, count) in n_grams(reference, n) {
                    let most = allowed.entry(gram).or_insert(0);
                    *most = count.max(*most);
                }
            }
            for (gram, count) in n_grams(hypothesis, n) {
                self.totals[n - 1] += count;
                self.matches[n - 1] += count.min(allowed.get(&gram).copied().unwrap_or(0));
            }
        }
    }

    /// The BLEU of these counts, by the published definition and without smoothing:
    ///
    /// ```text
    /// BLEU = BP · exp(¼ Σ_n ln p_n),   BP = min(1, e^{1 − reference_len/hypothesis_len})
    /// ```
    /// It is 0 if one p_n is 0. By default `sacrebleu` smooths, which changes the result only then.
    pub fn bleu(&self) -> Bleu {
        let mut precisions = [0.0; N];
        for (n, p) in precisions.iter_mut().enumerate() {
            if self.totals[n] > 0 {
                *p = self.matches[n] as f64 / self.totals[n] as f64;
            }
        }
        let brevity_penalty = match (self.hypothesis_len, self.reference_len) {
            (0, 1..) => 0.0,
            (h, r) if h < r => (1.0 - r as f64 / h as f64).exp(),
            _ => 1.0,
        };
        let mean = precisions.iter().map(|p| p.ln()).sum::<f64>() / N as f64;
        Bleu {
            score: 100.0 * brevity_penalty * mean.exp(),
            precisions,
            brevity_penalty,
        }
    }
}
// ANCHOR_END: bleu

/// The BLEU of a corpus of translations, each with its references.
///
/// ```
/// use lstm_tasks::metrics::{BleuTokens, corpus_bleu};
///
/// // One word of six is wrong. Two of the five 2-grams contain it, two of the four 3-grams and two
/// // of the three 4-grams.
/// let bleu = corpus_bleu(BleuTokens::Words, [("the cat sat on the mat", vec!["the cat sat on a mat"])]);
/// assert_eq!(bleu.precisions, [5.0 / 6.0, 3.0 / 5.0, 2.0 / 4.0, 1.0 / 3.0]);
/// assert!((bleu.score - 100.0 * (1.0_f64 / 12.0).powf(0.25)).abs() < 1e-12);
/// ```
///
/// # Panics
/// If a sentence has no reference.
pub fn corpus_bleu<'a>(
    tokens: BleuTokens,
    corpus: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>,
) -> Bleu {
    let mut counts = BleuCounts::default();
    for (hypothesis, references) in corpus {
        let references: Vec<_> = references.iter().map(|r| tokens.split(r)).collect();
        counts.add(&tokens.split(hypothesis), &references);
    }
    counts.bleu()
}

/// Every n-gram and how often it occurs.
pub(super) fn n_grams<S: AsRef<str>>(tokens: &[S], n: usize) -> HashMap<Vec<&str>, usize> {
    let mut counts = HashMap::new();
    for gram in tokens.windows(n) {
        let gram = gram.iter().map(AsRef::as_ref).collect();
        *counts.entry(gram).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_repeated_counts_no_more_than_in_the_reference() {
        // The example of the paper: 2 of 7.
        let bleu = corpus_bleu(
            BleuTokens::Words,
            [("the the the the the the the", vec!["the cat is on the mat"])],
        );
        assert_eq!(bleu.precisions[0], 2.0 / 7.0);
        assert_eq!(bleu.score, 0.0);
    }

    #[test]
    fn an_empty_translation_scores_0() {
        let bleu = corpus_bleu(BleuTokens::Words, [("", vec!["a b c d e"])]);
        assert_eq!((bleu.score, bleu.brevity_penalty), (0.0, 0.0));
    }

    #[test]
    fn a_perfect_copy_scores_100() {
        let bleu = corpus_bleu(
            BleuTokens::Characters,
            [("我喜欢她。", vec!["你好", "我喜欢她。"])],
        );
        assert_eq!(bleu.score, 100.0);
    }
}
