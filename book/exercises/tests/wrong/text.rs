//! Mistakes in tokens and batches.

use crate::rejects;
use exercises::judge::text as judge;
use lstm_text::Batch;
use nalgebra::DMatrix;

#[test]
fn vocabulary() {
    rejects(
        judge::vocabulary(|text| {
            let mut chars: Vec<char> = text.chars().collect();
            chars.sort_unstable();
            chars
        }),
        "more than once",
    );
    rejects(
        judge::vocabulary(|text| {
            let mut chars: Vec<char> = text.chars().collect();
            chars.dedup();
            chars
        }),
        "vocabulary(\"to be or not to be\") is",
    );
}

#[test]
fn encode() {
    rejects(
        judge::encode(|chars, text| {
            Some(
                text.chars()
                    .filter_map(|c| chars.iter().position(|&k| k == c))
                    .map(|id| id as u32)
                    .collect(),
            )
        }),
        "silently",
    );
    rejects(
        judge::encode(|chars, text| {
            Some(
                text.chars()
                    .map(|c| chars.iter().position(|&k| k == c).unwrap_or(0) as u32)
                    .collect(),
            )
        }),
        "is given an id",
    );
}

#[test]
fn decode() {
    rejects(
        judge::decode(|chars, ids| {
            Some(
                ids.iter()
                    .filter_map(|&id| chars.get(id as usize))
                    .collect(),
            )
        }),
        "silently",
    );
    rejects(
        judge::decode(|chars, ids| Some(ids.iter().map(|&id| chars[id as usize]).collect())),
        "panics, expected None",
    );
}

#[test]
fn windows() {
    rejects(
        judge::windows(|tokens, t| tokens.windows(t).map(|w| (w, w)).collect()),
        "has no token after it",
    );
    rejects(
        judge::windows(|tokens, t| {
            (0..tokens.len() - t)
                .map(|i| (&tokens[i..i + t], &tokens[i..i + t]))
                .collect()
        }),
        "not shifted by one",
    );
    rejects(
        judge::windows(|tokens, t| tokens.chunks_exact(t).map(|w| (w, w)).collect()),
        "the number of windows",
    );
}

#[test]
fn stream() {
    rejects(
        judge::stream(|n, size, b| {
            let len = (n - 1).div_ceil(size);
            (b * len).min(n - 1)..((b + 1) * len).min(n - 1)
        }),
        "every stream is as long as the first",
    );
    rejects(
        judge::stream(|n, size, b| {
            let len = n.div_ceil(size);
            (b * len).min(n)..((b + 1) * len).min(n)
        }),
        "not the N − 1 targets",
    );
    rejects(
        judge::stream(|n, size, b| b * ((n - 1) / size)..(b + 1) * ((n - 1) / size)),
        "left out",
    );
    rejects(
        judge::stream(|n, size, b| b * (n / size)..(b + 1) * (n / size)),
        "the last token, which has no target, is read",
    );
}

#[test]
fn batch() {
    rejects(
        judge::batch(|tokens, t, spans| Batch {
            mask: vec![true; t * spans.len()],
            ..Batch::from_spans(tokens, t, spans)
        }),
        "padding is not masked",
    );
    rejects(
        judge::batch(|tokens, t, spans| {
            let right = Batch::from_spans(tokens, t, spans);
            Batch {
                targets: right.inputs.clone(),
                ..right
            }
        }),
        "not shifted by one",
    );
    rejects(
        judge::batch(|tokens, t, spans| {
            let right = Batch::from_spans(tokens, t, spans);
            let turned = DMatrix::from_row_slice(t, spans.len(), &right.inputs);
            Batch {
                inputs: turned.as_slice().to_vec(),
                ..right
            }
        }),
        "sequence by sequence",
    );
}
