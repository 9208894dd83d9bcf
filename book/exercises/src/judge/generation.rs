//! Generating text.

use super::{Tensors, Verdict, agree, list};
use crate::generation::Next;
use Mistake::*;

pub fn length_penalty(answer: fn(usize, f64) -> f64) -> Verdict {
    for (n, alpha) in [(1, 0.6), (7, 0.6), (7, 1.0), (20, 0.0), (40, 2.0)] {
        let named = |value: f64| vec![list(format!("length_penalty({n}, {alpha})"), &[value])];
        let n = n as f64;
        let suspects = [
            ("n itself is raised to the power", named(n.powf(alpha))),
            ("the exponent is missing", named((5.0 + n) / 6.0)),
            (
                "α is a factor and not an exponent",
                named(alpha * (5.0 + n) / 6.0),
            ),
            (
                "6 is not taken to the power",
                named((5.0 + n).powf(alpha) / 6.0),
            ),
        ];
        let right = ((5.0 + n) / 6.0).powf(alpha);
        agree(&named(answer(n as usize, alpha)), &named(right), &suspects)?;
    }
    Ok(())
}

/// A finished text and its score.
type Text = (Vec<u32>, f64);

/// A mistake in a beam search.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    OnlyOne,
    WidthForEach,
    FinishedTakePlaces,
    EndGoesOn,
    StopsAtFirst,
    UnfinishedCount,
    Unordered,
    NoPenalty,
    EndNotCounted,
    LogarithmsMultiplied,
    OnlyLastToken,
}

const MISTAKES: [(&str, Mistake); 11] = [
    ("only the best continuation of each step is kept", OnlyOne),
    (
        "`width` continuations of each text are kept, and not of all texts together",
        WidthForEach,
    ),
    (
        "finished texts take up places of the beam",
        FinishedTakePlaces,
    ),
    ("a text goes on after the token `end`", EndGoesOn),
    ("the search stops at the first text that ends", StopsAtFirst),
    (
        "texts that have not ended count as finished",
        UnfinishedCount,
    ),
    (
        "the results are in the order in which they ended",
        Unordered,
    ),
    ("the sum is not divided by the penalty", NoPenalty),
    ("n does not count the token `end`", EndNotCounted),
    (
        "logarithms are multiplied; their sum is the logarithm of the product",
        LogarithmsMultiplied,
    ),
    (
        "`next` gets only the last token, and not the whole text",
        OnlyLastToken,
    ),
];

/// The settings of a search, with or without a mistake.
struct Search {
    width: usize,
    max_len: usize,
    alpha: f64,
    mistake: Option<Mistake>,
}

pub fn beam_search(answer: fn(Next, u32, usize, usize, f64) -> Vec<Text>) -> Verdict {
    let cases = [(1, 4, 1.0), (2, 5, 0.6), (3, 6, 1.0), (5, 4, 0.0)];
    let of = |texts: &dyn Fn(usize, usize, f64) -> Vec<Text>| -> Tensors {
        let named = |(width, max_len, alpha)| named(width, &texts(width, max_len, alpha));
        cases.into_iter().flat_map(named).collect()
    };
    let texts = |mistake| {
        of(&|width, max_len, alpha| {
            let search = Search {
                width,
                max_len,
                alpha,
                mistake,
            };
            search.run()
        })
    };
    let suspects = MISTAKES.map(|(what, mistake)| (what, texts(Some(mistake))));
    let found = of(&|width, max_len, alpha| answer(next, END, width, max_len, alpha));
    agree(&found, &texts(None), &suspects)
}

fn named(width: usize, texts: &[Text]) -> Tensors {
    let at = format!("with width {width}");
    let count = texts.len() as f64;
    let mut all = vec![list(format!("the number of texts {at}"), &[count])];
    for (n, (text, score)) in (1..).zip(texts) {
        let ids: Vec<_> = text.iter().map(|&id| f64::from(id)).collect();
        all.push(list(format!("text {n} {at}"), &ids));
        all.push(list(format!("the score of text {n} {at}"), &[*score]));
    }
    all
}

/// The token that ends a text.
const END: u32 = 1;

/// Four tokens, whose probabilities depend on the whole text before them.
fn next(text: &[u32]) -> Vec<f64> {
    let seed = text
        .iter()
        .fold(49, |seed, &id| (7 * seed + u64::from(id)) % 1009);
    let logits: Vec<_> = (0..4)
        .map(|v| 2.0 * ((seed * 5 + v * 3) as f64 + 0.5).sin())
        .collect();
    let log_sum = lstm_model::log_sum_exp(&logits);
    logits.iter().map(|z| z - log_sum).collect()
}

impl Search {
    fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    fn score(&self, sum: f64, n: usize) -> f64 {
        let n = n - usize::from(self.has(EndNotCounted));
        match self.mistake {
            Some(NoPenalty) => sum,
            _ => sum / ((5 + n) as f64 / 6.0).powf(self.alpha),
        }
    }

    /// All continuations of a text, with their sums.
    fn continued(&self, (text, sum): &Text) -> Vec<Text> {
        let seen = match self.mistake {
            Some(OnlyLastToken) => &text[text.len().saturating_sub(1)..],
            _ => &text[..],
        };
        let sum = |log_p: f64| match self.mistake {
            Some(LogarithmsMultiplied) if !text.is_empty() => sum * log_p,
            _ => sum + log_p,
        };
        let with = |(id, log_p)| ([&text[..], &[id]].concat(), sum(log_p));
        (0..).zip(next(seen)).map(with).collect()
    }

    /// The `width` texts with the largest sums.
    fn largest(&self, mut texts: Vec<Text>) -> Vec<Text> {
        texts.sort_by(|a, b| b.1.total_cmp(&a.1));
        texts.truncate(match self.mistake {
            Some(OnlyOne) => 1,
            _ => self.width,
        });
        texts
    }

    /// The finished texts, best first.
    fn run(&self) -> Vec<Text> {
        let mut beam: Vec<Text> = vec![(Vec::new(), 0.0)];
        let mut finished = Vec::new();
        for n in 1..=self.max_len {
            let kept = |text| match self.mistake {
                Some(WidthForEach) => self.largest(self.continued(text)),
                _ => self.continued(text),
            };
            let mut all: Vec<Text> = beam.iter().flat_map(kept).collect();
            if self.has(FinishedTakePlaces) {
                all = self.largest(all);
            }
            let ends = |(text, _): &Text| text.last() == Some(&END);
            let ended = all.iter().filter(|text| ends(text));
            finished.extend(ended.map(|(text, sum)| (text[..n - 1].to_vec(), self.score(*sum, n))));
            if self.has(StopsAtFirst) && !finished.is_empty() {
                break;
            }
            all.retain(|text| self.has(EndGoesOn) || !ends(text));
            beam = match self.mistake {
                Some(WidthForEach) => all,
                _ => self.largest(all),
            };
        }
        if self.has(UnfinishedCount) {
            let scored = |(text, sum)| (text, self.score(sum, self.max_len));
            finished.extend(beam.into_iter().map(scored));
        }
        if !self.has(Unordered) {
            finished.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
        finished.truncate(self.width);
        finished
    }
}
