//! Semantic roles.

use super::{Tensors, Verdict, agree, list};
use lstm_model::{Span, log_sum_exp};
use lstm_tasks::Crf;
use nalgebra::{DMatrix, DVector};

pub fn log_partition(
    answer: fn(&DMatrix<f64>, &DMatrix<f64>, &DVector<f64>, &DVector<f64>) -> f64,
) -> Verdict {
    for (k, words, scale) in [(2, 2, 1.0), (2, 1, 1.0), (3, 4, 1.0), (2, 3, 1000.0)] {
        let score = |n: usize| scale * (1.7 * n as f64 + 0.3).sin();
        let emissions = DMatrix::from_fn(k, words, |j, t| score(j + 7 * t));
        let crf = Crf {
            transitions: DMatrix::from_fn(k, k, |j, i| score(50 + j + 5 * i)),
            start: DVector::from_fn(k, |j, _| score(90 + j)),
            end: DVector::from_fn(k, |j, _| score(120 + j)),
        };
        let of = |crf: &Crf<f64>| crf.log_partitions(&emissions, Span::full(words, 1))[0];
        let name = format!("log_partition of {words} words and {k} labels");
        let named = |value: f64| vec![list(name.clone(), &[value])];
        let without = |change: fn(&mut Crf<f64>)| {
            let mut changed = crf.clone();
            change(&mut changed);
            named(of(&changed))
        };
        let alone = emissions.column_iter().map(|e| log_sum_exp(e.as_slice()));
        let suspects = [
            (
                "A is read with row and column exchanged",
                without(|crf| crf.transitions.transpose_mut()),
            ),
            (
                "the scores of the end are left out",
                without(|crf| crf.end.fill(0.0)),
            ),
            (
                "the scores of the beginning are left out",
                without(|crf| crf.start.fill(0.0)),
            ),
            (
                "the transitions between labels are left out",
                named(alone.sum()),
            ),
        ];
        let found = answer(&emissions, &crf.transitions, &crf.start, &crf.end);
        agree(&named(found), &named(of(&crf)), &suspects)?;
    }
    Ok(())
}

/// The arguments of a search for the best labels.
#[derive(Clone)]
struct Sentence {
    e: DMatrix<f64>,
    a: DMatrix<f64>,
    start: DVector<f64>,
    end: DVector<f64>,
}

/// Finds labels for a sentence.
type Labels = fn(&Sentence) -> Vec<u32>;

pub fn viterbi(
    answer: fn(&DMatrix<f64>, &DMatrix<f64>, &DVector<f64>, &DVector<f64>) -> Vec<u32>,
) -> Verdict {
    let sizes = [(2, 2), (2, 1), (3, 5), (4, 6), (3, 4)];
    let sentences: Vec<_> = (0..)
        .zip(sizes)
        .map(|(n, size)| Sentence::of(n, size))
        .collect();
    let of = |labels: &dyn Fn(&Sentence) -> Vec<u32>| -> Tensors {
        let named = |s: &Sentence| {
            let path: Vec<_> = labels(s).into_iter().map(f64::from).collect();
            let (k, words) = s.e.shape();
            list(format!("the labels of {words} words ({k} labels)"), &path)
        };
        sentences.iter().map(named).collect()
    };
    let suspects = mistakes().map(|(what, labels)| (what, of(&labels)));
    let found = of(&|s| answer(&s.e, &s.a, &s.start, &s.end));
    agree(&found, &of(&Sentence::best), &suspects)
}

/// Other labels than the best, each with what is wrong.
fn mistakes() -> [(&'static str, Labels); 8] {
    [
        ("A is read with row and column exchanged", |s| {
            s.changed(|s| s.a.transpose_mut())
        }),
        ("the scores of the end are left out", |s| {
            s.changed(|s| s.end.fill(0.0))
        }),
        ("the scores of the beginning are left out", |s| {
            s.changed(|s| s.start.fill(0.0))
        }),
        ("the transitions between labels are left out", |s| {
            s.changed(|s| s.a.fill(0.0))
        }),
        ("each word gets the label with the largest emission", |s| {
            let labels = s.e.column_iter();
            labels.map(|e_t| largest(e_t.iter().copied())).collect()
        }),
        (
            "each word gets the label with the largest δ_t: the labels are not followed backwards",
            Sentence::without_back_pointers,
        ),
        (
            "each label is chosen once and for all on the way forwards, greedily",
            Sentence::greedily,
        ),
        (
            "each word gets the label with the largest marginal, which need not be the best path",
            Sentence::by_marginals,
        ),
    ]
}

/// The index of the largest score.
fn largest(scores: impl Iterator<Item = f64>) -> u32 {
    let best = (0..).zip(scores).max_by(|a, b| a.1.total_cmp(&b.1));
    best.map_or(0, |(k, _)| k)
}

impl Sentence {
    /// The n-th sentence, of K labels and T words: every mistake finds other labels for two sentences at
    /// least.
    fn of(n: usize, (k, words): (usize, usize)) -> Self {
        let score = |m: usize| (1.7 * (m + 2 + 10 * n) as f64 + 0.3).sin();
        Self {
            e: DMatrix::from_fn(k, words, |j, t| score(j * j + 7 * t * t)),
            a: DMatrix::from_fn(k, k, |j, i| score(50 + j * j + 5 * i * i + j * i)),
            start: DVector::from_fn(k, |j, _| score(90 + j)),
            end: DVector::from_fn(k, |j, _| score(120 + j)),
        }
    }

    /// What label `next` adds to the score of the labels before it.
    fn gain(&self, path: &[u32], next: usize) -> f64 {
        let t = path.len();
        let before = path.last();
        let before = before.map_or(self.start[next], |&y| self.a[(y as usize, next)]);
        let is_last = t + 1 == self.e.ncols();
        before + self.e[(next, t)] + if is_last { self.end[next] } else { 0.0 }
    }

    /// Every sequence of labels with its score.
    fn paths(&self) -> Vec<(Vec<u32>, f64)> {
        let (k, words) = self.e.shape();
        let mut paths = vec![(Vec::new(), 0.0)];
        for _ in 0..words {
            let longer = |(path, score): (Vec<u32>, f64)| {
                (0..k).map(move |next| {
                    let longer = [&path[..], &[next as u32]].concat();
                    (longer, score + self.gain(&path, next))
                })
            };
            paths = paths.into_iter().flat_map(longer).collect();
        }
        paths
    }

    /// The best of all sequences, tried one by one.
    fn best(&self) -> Vec<u32> {
        let paths = self.paths().into_iter();
        let best = paths.max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(Vec::new(), |(path, _)| path)
    }

    /// The best labels after a change of the scores.
    fn changed(&self, change: fn(&mut Self)) -> Vec<u32> {
        let mut changed = self.clone();
        change(&mut changed);
        changed.best()
    }

    /// For every t the last label of the best sequence for the first t words.
    fn without_back_pointers(&self) -> Vec<u32> {
        let words = self.e.ncols();
        let up_to = |t: usize| {
            let end = &self.end * f64::from(u8::from(t == words));
            let e = self.e.columns(0, t).into_owned();
            Self {
                e,
                end,
                ..self.clone()
            }
            .best()[t - 1]
        };
        (1..=words).map(up_to).collect()
    }

    fn greedily(&self) -> Vec<u32> {
        let (k, words) = self.e.shape();
        let mut path: Vec<u32> = Vec::new();
        for _ in 0..words {
            path.push(largest((0..k).map(|next| self.gain(&path, next))));
        }
        path
    }

    fn by_marginals(&self) -> Vec<u32> {
        let paths = self.paths();
        let marginal = |t: usize, k: usize| -> f64 {
            let through = paths.iter().filter(|(path, _)| path[t] as usize == k);
            through.map(|(_, score)| score.exp()).sum()
        };
        let label = |t| largest((0..self.e.nrows()).map(|k| marginal(t, k)));
        (0..self.e.ncols()).map(label).collect()
    }
}
