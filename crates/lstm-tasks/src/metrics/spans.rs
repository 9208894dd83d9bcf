//! Precision, recall and F1 of labelled spans, by the rules of CoNLL-2005.
//!
//! Source: Carreras, Màrquez, "Introduction to the CoNLL-2005 Shared Task: Semantic Role Labeling",
//! and its program `srl-eval.pl`.

use crate::data::Argument;
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of predicted arguments, of gold arguments, and of those that agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanCounts {
    /// Predicted arguments with the label and the words of a gold argument.
    pub correct: usize,
    /// Predicted arguments.
    pub found: usize,
    /// Gold arguments.
    pub meant: usize,
}

/// Precision, recall and F1, each from 0 to 1; 0 where the divisor is 0.
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
    /// An argument is correct if its label and all its words are. The verb, V, is given and does not
    /// count. C-X continues the X before it: the two are one argument, which is correct only as a whole.
    /// Without an X before it, C-X counts as X. R-X is a label like any other.
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

    /// Precision, recall and F1 of these counts.
    pub fn score(&self) -> SpanScore {
        let fraction = |of: usize| match of {
            0 => 0.0,
            _ => self.correct as f64 / of as f64,
        };
        // 2PR / (P + R) = 2 · correct / (found + meant).
        let f1 = match self.found + self.meant {
            0 => 0.0,
            sum => 2.0 * self.correct as f64 / sum as f64,
        };
        SpanScore {
            precision: fraction(self.found),
            recall: fraction(self.meant),
            f1,
        }
    }
}

/// The label and the spans, each from its first to its last word, of every argument but the verb.
fn whole_arguments(arguments: &[Argument]) -> Vec<(&str, Vec<(usize, usize)>)> {
    let mut sorted: Vec<&Argument> = arguments.iter().collect();
    sorted.sort_by_key(|a| a.first);
    let mut whole: Vec<(&str, Vec<(usize, usize)>)> = Vec::new();
    for argument in sorted {
        let span = (argument.first, argument.last);
        let (label, continues) = match argument.label.strip_prefix("C-") {
            Some(label) => (label, true),
            None => (argument.label.as_str(), false),
        };
        match whole.iter_mut().rev().find(|(head, _)| *head == label) {
            Some((_, spans)) if continues => spans.push(span),
            _ => whole.push((label, vec![span])),
        }
    }
    whole.retain(|(label, _)| *label != "V");
    whole
}
// ANCHOR_END: spans

/// Span counts of many predicates, together and for each role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleCounts {
    /// Predicates.
    pub predicates: usize,
    /// Predicates with every argument right.
    pub perfect: usize,
    /// The counts of all roles together.
    pub all: SpanCounts,
    /// The counts of each role. V and continuations, C-X, are not among them.
    pub by_role: BTreeMap<String, SpanCounts>,
}

impl RoleCounts {
    /// Counts the arguments of one predicate.
    pub fn add(&mut self, found: &[Argument], meant: &[Argument]) {
        let mut one = SpanCounts::default();
        one.add(found, meant);
        self.predicates += 1;
        self.perfect += usize::from(one.correct == one.meant && one.found == one.meant);
        self.all.add(found, meant);
        let labels = found.iter().chain(meant).map(|a| a.label.as_str());
        let roles: BTreeSet<&str> = labels
            .filter(|label| *label != "V" && !label.starts_with("C-"))
            .collect();
        for role in roles {
            let of = |arguments: &[Argument]| -> Vec<Argument> {
                let own = arguments.iter().filter(|a| a.label == role);
                own.cloned().collect()
            };
            let counts = self.by_role.entry(role.to_owned()).or_default();
            counts.add(&of(found), &of(meant));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<Argument> {
        let parsed = text.split_whitespace().map(|a| a.parse().unwrap());
        parsed.collect()
    }

    fn counts(found: &str, meant: &str) -> (usize, usize, usize) {
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

    #[test]
    fn each_role_has_its_own_counts_and_only_a_perfect_predicate_is_perfect() {
        let mut counts = RoleCounts::default();
        let meant = arguments("A0:0-1 V:2-2 A1:3-4 C-A1:6-6");
        counts.add(&meant, &meant);
        counts.add(&arguments("A0:0-1 V:2-2 A2:3-4"), &meant);
        assert_eq!((counts.predicates, counts.perfect), (2, 1));
        let triple = |c: &SpanCounts| (c.correct, c.found, c.meant);
        assert_eq!(triple(&counts.all), (3, 4, 4));
        let by_role = counts.by_role.iter();
        let roles: Vec<_> = by_role
            .map(|(role, c)| (role.as_str(), triple(c)))
            .collect();
        assert_eq!(
            roles,
            [("A0", (2, 2, 2)), ("A1", (1, 1, 2)), ("A2", (0, 1, 0))]
        );
    }
}
