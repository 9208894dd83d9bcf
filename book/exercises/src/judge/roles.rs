//! Semantic roles.

use super::{Verdict, agree, list};
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
