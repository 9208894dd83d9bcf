//! BLEU: how many n-grams of a translation stand in a reference.
//!
//! Source: Papineni, Roukos, Ward, Zhu, "BLEU: a Method for Automatic Evaluation of Machine
//! Translation", ACL 2002.

use super::BleuTokens;
use std::collections::HashMap;

/// The longest n-gram counted.
const N: usize = 4;

/// A corpus' BLEU with what it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bleu {
    /// 100 · BP · (p_1 p_2 p_3 p_4)^{1/4}
    pub score: f64,
    /// p_n, 0 to 1.
    pub precisions: [f64; N],
    /// BP
    pub brevity_penalty: f64,
}

/// The counts of a corpus, which add up sentence by sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BleuCounts {
    /// For n = 1 … 4, the n-grams that a reference has too, each at most as often as the reference
    /// that has it most often.
    pub matches: [usize; N],
    /// For n = 1 … 4, all n-grams.
    pub totals: [usize; N],
    /// Tokens written.
    pub written: usize,
    /// Tokens of the references, of each sentence the one whose length is nearest (the shorter of two
    /// that are equally near).
    pub meant: usize,
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
        self.meant += nearest;
        self.written += hypothesis.len();
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

    /// BLEU of what was counted, by the published definition and without smoothing:
    ///
    /// ```text
    /// BLEU = BP · exp(¼ Σ_n ln p_n),   BP = min(1, e^{1 − meant/written})
    /// ```
    /// It is 0 if some p_n is. `sacrebleu` smooths by default, which makes a difference only then.
    pub fn bleu(&self) -> Bleu {
        let mut precisions = [0.0; N];
        for (n, p) in precisions.iter_mut().enumerate() {
            if self.totals[n] > 0 {
                *p = self.matches[n] as f64 / self.totals[n] as f64;
            }
        }
        let brevity_penalty = match (self.written, self.meant) {
            (0, 1..) => 0.0,
            (w, m) if w < m => (1.0 - m as f64 / w as f64).exp(),
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

/// BLEU of a corpus: each sentence with its references.
///
/// ```
/// use lstm_tasks::metrics::{BleuTokens, corpus_bleu};
///
/// // One word of six is wrong, and with it two of five pairs, two of four triples, two of three fours.
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

/// Every n-gram with how often it is there.
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
    fn nothing_written_scores_nothing() {
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
