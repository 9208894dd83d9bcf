//! Precision, recall and F1 of labelled spans, by the rules of CoNLL-2005.
//!
//! Source: Carreras, Màrquez, "Introduction to the CoNLL-2005 Shared Task: Semantic Role Labeling",
//! and its program `srl-eval.pl`.

use crate::data::Argument;

/// Arguments of a corpus: found, meant, and both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanCounts {
    /// Found with the words and the label that were meant.
    pub correct: usize,
    /// Found.
    pub found: usize,
    /// Meant.
    pub meant: usize,
}

/// Shares from 0 to 1; 0 where there is nothing to divide by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpanScore {
    /// correct / found
    pub precision: f64,
    /// correct / meant
    pub recall: f64,
    /// 2PR / (P + R)
    pub f1: f64,
}

// ANCHOR: spans
impl SpanCounts {
    /// Counts the arguments of one predicate.
    ///
    /// An argument is right if its label and all its words are. The verb, V, is given and not
    /// counted. C-X continues the X before it: the two are one argument, right only as a whole; with
    /// no X before it, it is an X. R-X is a label as any other.
    pub fn add(&mut self, found: &[Argument], meant: &[Argument]) {
        let found = whole_arguments(found);
        let mut meant = whole_arguments(meant);
        self.found += found.len();
        self.meant += meant.len();
        for argument in found {
            if let Some(at) = meant.iter().position(|other| *other == argument) {
                meant.swap_remove(at);
                self.correct += 1;
            }
        }
    }

    /// Precision, recall and F1 of what was counted.
    pub fn score(&self) -> SpanScore {
        let share = |of: usize| match of {
            0 => 0.0,
            _ => self.correct as f64 / of as f64,
        };
        // 2PR / (P + R) without P and R.
        let f1 = match self.found + self.meant {
            0 => 0.0,
            both => 2.0 * self.correct as f64 / both as f64,
        };
        SpanScore {
            precision: share(self.found),
            recall: share(self.meant),
            f1,
        }
    }
}

/// Label and pieces, first to last word, of every argument but the verb.
fn whole_arguments(arguments: &[Argument]) -> Vec<(&str, Vec<(usize, usize)>)> {
    let mut sorted: Vec<&Argument> = arguments.iter().collect();
    sorted.sort_by_key(|a| a.first);
    let mut whole: Vec<(&str, Vec<(usize, usize)>)> = Vec::new();
    for argument in sorted {
        let piece = (argument.first, argument.last);
        let (label, continues) = match argument.label.strip_prefix("C-") {
            Some(label) => (label, true),
            None => (argument.label.as_str(), false),
        };
        match whole.iter_mut().rev().find(|(head, _)| *head == label) {
            Some((_, pieces)) if continues => pieces.push(piece),
            _ => whole.push((label, vec![piece])),
        }
    }
    whole.retain(|(label, _)| *label != "V");
    whole
}
// ANCHOR_END: spans

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(found: &str, meant: &str) -> (usize, usize, usize) {
        let arguments = |text: &str| -> Vec<Argument> {
            text.split_whitespace()
                .map(|a| a.parse().unwrap())
                .collect()
        };
        let mut counts = SpanCounts::default();
        counts.add(&arguments(found), &arguments(meant));
        (counts.correct, counts.found, counts.meant)
    }

    #[test]
    fn span_and_label_are_right_together_and_the_verb_does_not_count() {
        assert_eq!(
            counts("A0:0-1 V:2-2 A1:3-5", "A0:0-1 V:2-2 A1:3-4"),
            (1, 2, 2)
        );
        assert_eq!(counts("A1:0-1 V:2-2", "A0:0-1 V:2-2 AM-TMP:3-3"), (0, 1, 2));
        assert_eq!(counts("V:2-2", "V:1-1"), (0, 0, 0));
    }

    #[test]
    fn a_continued_argument_is_one_and_right_only_as_a_whole() {
        let meant = "A1:0-1 V:2-2 C-A1:4-5";
        assert_eq!(counts(meant, meant), (1, 1, 1));
        assert_eq!(counts("A1:0-1 V:2-2", meant), (0, 1, 1));
        assert_eq!(counts("V:2-2 C-A1:4-5", "V:2-2 A1:4-5"), (1, 1, 1));
        assert_eq!(counts("V:2-2 C-V:4-4", "V:2-2"), (0, 0, 0));
    }

    #[test]
    fn f1_is_the_harmonic_mean() {
        let counts = SpanCounts {
            correct: 3,
            found: 4,
            meant: 6,
        };
        let score = counts.score();
        assert_eq!((score.precision, score.recall), (0.75, 0.5));
        assert!((score.f1 - 0.6).abs() < 1e-15);
        assert_eq!(SpanCounts::default().score().f1, 0.0);
    }
}
