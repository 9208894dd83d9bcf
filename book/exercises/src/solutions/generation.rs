//! E31

use crate::generation::Next;
use lstm_tasks::{Beam, Continuation};
use nalgebra::DMatrix;

/// [`Beam::penalty`]
pub fn length_penalty(n: usize, alpha: f64) -> f64 {
    let beam = Beam {
        width: 1,
        length_penalty: alpha,
        max_len: n,
        begin: 0,
        end: None,
    };
    beam.penalty(n)
}

/// The texts of the beam, and the model that continues them.
struct Texts {
    next: Next,
    texts: Vec<Vec<u32>>,
}

impl Continuation for Texts {
    fn advance(&mut self, from: &[usize], tokens: &[u32]) -> DMatrix<f64> {
        // The token that begins every text is no part of it.
        let grown = |(&k, &token): (&usize, &u32)| match self.texts.get(k) {
            None => Vec::new(),
            Some(text) => [&text[..], &[token]].concat(),
        };
        self.texts = from.iter().zip(tokens).map(grown).collect();
        let log_p: Vec<_> = self.texts.iter().map(|text| (self.next)(text)).collect();
        DMatrix::from_fn(log_p[0].len(), log_p.len(), |v, k| log_p[k][v])
    }
}

/// [`Beam::search`]
pub fn beam_search(
    next: Next,
    end: u32,
    width: usize,
    max_len: usize,
    alpha: f64,
) -> Vec<(Vec<u32>, f64)> {
    let beam = Beam {
        width,
        length_penalty: alpha,
        max_len,
        begin: end,
        end: Some(end),
    };
    let texts = Vec::new();
    let finished = beam.search(&mut Texts { next, texts }).unwrap();
    let found = finished.into_iter();
    found.map(|text| (text.tokens, text.score)).collect()
}
