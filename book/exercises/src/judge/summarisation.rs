//! Summarisation.

use super::{Verdict, agree, list};

pub fn mixture(answer: fn(f64, &[f64], &[f64], &[u32]) -> Vec<f64>) -> Verdict {
    let p_vocab = [0.5, 0.25, 0.125, 0.125];
    let (alpha, source) = ([0.5, 0.2, 0.3], [2, 0, 2]);
    for p_gen in [0.4, 0.9] {
        let named = |values: &[f64]| vec![list("p", values)];
        let of = |write: f64, copy: f64, last_only: bool| -> Vec<f64> {
            let mut p: Vec<f64> = p_vocab.iter().map(|p| write * p).collect();
            for (s, (&w, a)) in source.iter().zip(alpha).enumerate() {
                if !(last_only && s == 0) {
                    p[w as usize] += copy * a;
                }
            }
            p
        };
        let suspects = [
            (
                "only one occurrence of a word counts that occurs twice in the source",
                named(&of(p_gen, 1.0 - p_gen, true)),
            ),
            (
                "p_gen and 1 − p_gen are exchanged",
                named(&of(1.0 - p_gen, p_gen, false)),
            ),
            (
                "copying is not weighted by 1 − p_gen",
                named(&of(p_gen, 1.0, false)),
            ),
            ("nothing is copied", named(&of(p_gen, 0.0, false))),
        ];
        let right = of(p_gen, 1.0 - p_gen, false);
        let found = answer(p_gen, &p_vocab, &alpha, &source);
        agree(&named(&found), &named(&right), &suspects)?;
    }
    Ok(())
}
