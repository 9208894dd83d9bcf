//! Mistakes in summarisation.

use crate::rejects;
use exercises::judge::summarisation as judge;
use exercises::solutions::summarisation as right;

#[test]
fn mixture() {
    rejects(
        judge::mixture(|p_gen, p_vocab, alpha, source| {
            let mut p: Vec<f64> = p_vocab.iter().map(|p| p_gen * p).collect();
            for (w, p) in p.iter_mut().enumerate() {
                if let Some(s) = source.iter().rposition(|&of| of as usize == w) {
                    *p += (1.0 - p_gen) * alpha[s];
                }
            }
            p
        }),
        "only one occurrence of a word counts",
    );
    rejects(
        judge::mixture(|p_gen, p_vocab, alpha, source| {
            right::mixture(1.0 - p_gen, p_vocab, alpha, source)
        }),
        "are exchanged",
    );
    rejects(
        judge::mixture(|p_gen, p_vocab, alpha, source| {
            let mut p: Vec<f64> = p_vocab.iter().map(|p| p_gen * p).collect();
            for (&w, a) in source.iter().zip(alpha) {
                p[w as usize] += a;
            }
            p
        }),
        "not weighted",
    );
    rejects(
        judge::mixture(|p_gen, p_vocab, _, _| p_vocab.iter().map(|p| p_gen * p).collect()),
        "nothing is copied",
    );
}
