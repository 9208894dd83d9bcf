//! The confusion matrix of a classifier, and what is measured by it.

use super::{SpanCounts, SpanScore};

/// How often each class was taken for each.
///
/// ```
/// use lstm_tasks::metrics::Confusion;
///
/// let mut confusion = Confusion::new(3);
/// // Nine of class 0, of which one is taken for class 1, and one of class 1, which is taken for class 0.
/// for (meant, found) in [(0, 0); 8].into_iter().chain([(0, 1), (1, 0)]) {
///     confusion.add(meant, found);
/// }
/// assert_eq!(confusion.accuracy(), Some(0.8));
/// // F1 is 16/18 for class 0 and 0 for class 1; class 2 is nowhere and does not count.
/// assert_eq!(confusion.macro_f1(), Some(8.0 / 18.0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// `counts[meant][found]`.
    pub counts: Vec<Vec<usize>>,
}

// ANCHOR: scores
impl Confusion {
    /// K classes, and no example.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self {
            counts: vec![vec![0; classes]; classes],
        }
    }

    /// Counts an example of class `meant` that is taken for `found`.
    pub fn add(&mut self, meant: usize, found: usize) {
        self.counts[meant][found] += 1;
    }

    /// The number of examples.
    #[must_use]
    pub fn examples(&self) -> usize {
        self.counts.iter().flatten().sum()
    }

    /// The examples of class k, those that are taken for it, and those of them that are right.
    #[must_use]
    pub fn of_class(&self, k: usize) -> SpanCounts {
        SpanCounts {
            correct: self.counts[k][k],
            found: self.counts.iter().map(|row| row[k]).sum(),
            meant: self.counts[k].iter().sum(),
        }
    }

    /// The fraction of the examples that are right; `None` without an example.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        let right: usize = (0..self.counts.len()).map(|k| self.counts[k][k]).sum();
        (self.examples() > 0).then(|| right as f64 / self.examples() as f64)
    }

    /// The mean of the F1 of every class that has an example or is found; `None` without an example.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        let scores: Vec<f64> = self
            .scores()
            .iter()
            .flatten()
            .map(|score| score.f1)
            .collect();
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    }

    /// Precision, recall and F1 of every class; `None` for one that has no example and is not found.
    #[must_use]
    pub fn scores(&self) -> Vec<Option<SpanScore>> {
        let counts = (0..self.counts.len()).map(|k| self.of_class(k));
        let score = |counts: SpanCounts| (counts.meant + counts.found > 0).then(|| counts.score());
        counts.map(score).collect()
    }
}
// ANCHOR_END: scores
