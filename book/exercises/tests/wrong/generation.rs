//! Mistakes in generation.

use crate::rejects;
use exercises::generation::Next;
use exercises::judge::generation as judge;
use exercises::solutions::generation as right;

#[test]
fn length_penalty() {
    rejects(
        judge::length_penalty(|n, alpha| (n as f64).powf(alpha)),
        "n itself is raised",
    );
    rejects(
        judge::length_penalty(|n, _| (5.0 + n as f64) / 6.0),
        "the exponent is missing",
    );
    rejects(
        judge::length_penalty(|n, alpha| alpha * (5.0 + n as f64) / 6.0),
        "α is a factor",
    );
    rejects(
        judge::length_penalty(|n, alpha| (5.0 + n as f64).powf(alpha) / 6.0),
        "6 is not taken",
    );
}

/// A text and its sum or score.
type Text = (Vec<u32>, f64);

/// A search as one writes it down, with a rule for the texts that go on to the next step.
fn search(
    next: Next,
    end: u32,
    max_len: usize,
    go_on: impl Fn(Vec<Text>) -> Vec<Text>,
) -> Vec<(Vec<u32>, f64, usize)> {
    let (mut beam, mut finished) = (vec![(Vec::new(), 0.0)], Vec::new());
    for n in 1..=max_len {
        let mut all = Vec::new();
        for (text, sum) in &beam {
            for (id, log_p) in (0..).zip(next(text)) {
                all.push(([&text[..], &[id]].concat(), sum + log_p));
            }
        }
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (ended, going) = go_on(all)
            .into_iter()
            .partition(|text| text.0.last() == Some(&end));
        beam = going;
        let ended: Vec<Text> = ended;
        finished.extend(
            ended
                .into_iter()
                .map(|(text, sum)| (text[..n - 1].to_vec(), sum, n)),
        );
    }
    finished
}

/// The `width` best by a score of the sum and n.
fn best(
    mut texts: Vec<(Vec<u32>, f64, usize)>,
    width: usize,
    score: impl Fn(f64, usize) -> f64,
) -> Vec<Text> {
    texts.sort_by(|a, b| score(b.1, b.2).total_cmp(&score(a.1, a.2)));
    texts.truncate(width);
    texts
        .into_iter()
        .map(|(text, sum, n)| (text, score(sum, n)))
        .collect()
}

/// The texts that do not end, the first `width` of them, and all that end.
fn rule(width: usize, end: u32) -> impl Fn(Vec<Text>) -> Vec<Text> {
    move |all| {
        let (ended, mut going): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|(text, _)| text.last() == Some(&end));
        going.truncate(width);
        [ended, going].concat()
    }
}

fn divided(alpha: f64) -> impl Fn(f64, usize) -> f64 {
    move |sum, n| sum / ((5 + n) as f64 / 6.0).powf(alpha)
}

#[test]
fn beam_search() {
    let simple = |next, end, width, max_len, alpha| {
        best(
            search(next, end, max_len, rule(width, end)),
            width,
            divided(alpha),
        )
    };
    // The search of this file without a mistake.
    judge::beam_search(simple).unwrap();
    rejects(
        judge::beam_search(|next, end, width, max_len, alpha| {
            best(
                search(next, end, max_len, rule(1, end)),
                width,
                divided(alpha),
            )
        }),
        "only the best continuation of each step is kept",
    );
    rejects(
        judge::beam_search(|next, end, width, max_len, alpha| {
            let top = |mut all: Vec<_>| {
                all.truncate(width);
                all
            };
            best(search(next, end, max_len, top), width, divided(alpha))
        }),
        "finished texts take up places of the beam",
    );
}

#[test]
fn the_score_and_the_order_of_a_beam_search() {
    rejects(
        judge::beam_search(|next, end, width, max_len, _| {
            best(
                search(next, end, max_len, rule(width, end)),
                width,
                |sum, _| sum,
            )
        }),
        "not divided by the penalty",
    );
    rejects(
        judge::beam_search(|next, end, width, max_len, alpha| {
            let score = move |sum, n: usize| divided(alpha)(sum, n - 1);
            best(search(next, end, max_len, rule(width, end)), width, score)
        }),
        "n does not count the token `end`",
    );
    rejects(
        judge::beam_search(|next, end, width, max_len, alpha| {
            let found = search(next, end, max_len, rule(width, end))
                .into_iter()
                .take(width);
            found
                .map(|(text, sum, n)| (text, divided(alpha)(sum, n)))
                .collect()
        }),
        "in the order in which they ended",
    );
    rejects(
        judge::beam_search(|next, end, width, max_len, alpha| {
            let first = (1..=max_len).map(|n| {
                best(
                    search(next, end, n, rule(width, end)),
                    width,
                    divided(alpha),
                )
            });
            first
                .into_iter()
                .find(|found| !found.is_empty())
                .unwrap_or_default()
        }),
        "the search stops at the first text that ends",
    );
    // Another model in place of the one that is given.
    rejects(
        judge::beam_search(|_, end, width, max_len, alpha| {
            right::beam_search(|_| vec![-1.0, -2.0, -3.0, -0.9], end, width, max_len, alpha)
        }),
        "with width 1",
    );
}
