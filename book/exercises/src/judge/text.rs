//! Text into tokens.

use super::{Verdict, equal};
use lstm_text::{Batch, Streams, Vocabulary, Windows};
use std::ops::Range;
use std::panic::catch_unwind;

const TEXTS: [&str; 3] = ["to be or not to be", "bab", "月光\nmoonlight 月光"];

pub fn vocabulary(answer: fn(&str) -> Vec<char>) -> Verdict {
    for text in TEXTS {
        let right = known(text).chars().to_vec();
        let mut first_seen: Vec<char> = Vec::new();
        for character in text.chars() {
            if !first_seen.contains(&character) {
                first_seen.push(character);
            }
        }
        let mut repeated: Vec<char> = text.chars().collect();
        repeated.sort_unstable();
        let suspects = [
            (
                "the characters are in the order of the text, not sorted",
                first_seen,
            ),
            ("the vocabulary has a character more than once", repeated),
        ];
        equal(
            &format!("vocabulary({text:?})"),
            &answer(text),
            &right,
            &suspects,
        )?;
    }
    Ok(())
}

pub fn encode(answer: fn(&[char], &str) -> Option<Vec<u32>>) -> Verdict {
    for text in TEXTS {
        let vocabulary = known(text);
        let name = |text: &str| format!("encode({:?}, {text:?})", vocabulary.chars());
        let right = vocabulary.encode(text).ok();
        equal(&name(text), &answer(vocabulary.chars(), text), &right, &[])?;
        let skipped = vocabulary.encode("").ok();
        let suspects = [
            ("an unknown character is skipped silently", skipped),
            ("an unknown character is given an id", Some(vec![0])),
        ];
        equal(
            &name("é"),
            &answer(vocabulary.chars(), "é"),
            &None,
            &suspects,
        )?;
    }
    Ok(())
}

pub fn decode(answer: fn(&[char], &[u32]) -> Option<String>) -> Verdict {
    for text in TEXTS {
        let vocabulary = known(text);
        let ids = vocabulary
            .encode(text)
            .expect("it is the vocabulary of the text");
        let name = |ids: &[u32]| format!("decode({:?}, {ids:?})", vocabulary.chars());
        equal(
            &name(&ids),
            &answer(vocabulary.chars(), &ids),
            &Some(text.to_owned()),
            &[],
        )?;
        let beyond = [vocabulary.len() as u32];
        let suspects = [("an unknown id is skipped silently", Some(String::new()))];
        let found = catch_unwind(|| answer(vocabulary.chars(), &beyond));
        let found = found.map_err(|_| format!("{} panics, expected None.", name(&beyond)))?;
        equal(&name(&beyond), &found, &None, &suspects)?;
    }
    Ok(())
}

pub fn windows(answer: for<'a> fn(&'a [u32], usize) -> Vec<(&'a [u32], &'a [u32])>) -> Verdict {
    let tokens = [3, 1, 4, 1, 5, 9, 2];
    for seq_len in [1, 3, 6] {
        let windows = Windows::new(&tokens, seq_len).expect("the text is long enough");
        let found = answer(&tokens, seq_len);
        let call = format!("windows({tokens:?}, {seq_len})");
        let suspects = [
            (
                "the last window has no token after it, or the last target is missing",
                windows.len() + 1,
            ),
            ("the windows do not overlap", tokens.len() / seq_len),
        ];
        equal(
            &format!("the number of {call}"),
            &found.len(),
            &windows.len(),
            &suspects,
        )?;
        for (i, (input, target)) in found.into_iter().enumerate() {
            equal(
                &format!("the input of window {i} of {call}"),
                &input,
                &windows.input(i),
                &[],
            )?;
            let suspects = [("the target is not shifted by one", windows.input(i))];
            equal(
                &format!("the target of window {i} of {call}"),
                &target,
                &windows.target(i),
                &suspects,
            )?;
        }
    }
    Ok(())
}

pub fn stream(answer: fn(usize, usize, usize) -> Range<usize>) -> Verdict {
    for (tokens, batch_size) in [(7, 2), (8, 2), (11, 3), (11, 7), (12, 4)] {
        let text = vec![0; tokens];
        let streams = Streams::new(&text, batch_size, 1).expect("there are enough tokens");
        for b in 0..batch_size {
            let of = |n: usize, len: usize| (b * len).min(n)..((b + 1) * len).min(n);
            let suspects = [
                (
                    "the last token, which has no target, is read",
                    of(tokens, tokens / batch_size),
                ),
                (
                    "every stream is as long as the first",
                    of(tokens - 1, (tokens - 1).div_ceil(batch_size)),
                ),
                (
                    "the remainder of the division is left out",
                    of(tokens - 1, (tokens - 1) / batch_size),
                ),
                (
                    "the N tokens are divided among the streams, not the N − 1 targets",
                    of(tokens, tokens.div_ceil(batch_size)),
                ),
            ];
            let name = format!("stream({tokens}, {batch_size}, {b})");
            equal(
                &name,
                &answer(tokens, batch_size, b),
                &streams.stream(b),
                &suspects,
            )?;
        }
    }
    Ok(())
}

pub fn batch(answer: fn(&[u32], usize, &[Range<usize>]) -> Batch) -> Verdict {
    let tokens = [10, 11, 12, 13, 14, 15, 16, 17];
    let spans = [0..3, 3..5, 5..7];
    let right = Batch::from_spans(&tokens, 3, &spans);
    let found = answer(&tokens, 3, &spans);
    let sizes = |batch: &Batch| (batch.seq_len, batch.batch_size);
    equal("(seq_len, batch_size)", &sizes(&found), &sizes(&right), &[])?;
    let batch_major = |of: &[u32]| {
        let place = |i: usize| of[i % 3 * 3 + i / 3];
        (0..9).map(place).collect::<Vec<_>>()
    };
    let mistake = "the order is sequence by sequence, not step by step";
    let suspects = [(mistake, batch_major(&right.inputs))];
    equal("inputs", &found.inputs, &right.inputs, &suspects)?;
    let suspects = [
        (mistake, batch_major(&right.targets)),
        ("targets are not shifted by one", right.inputs.clone()),
    ];
    equal("targets", &found.targets, &right.targets, &suspects)?;
    let suspects = [("padding is not masked", vec![true; 9])];
    equal("mask", &found.mask, &right.mask, &suspects)
}

fn known(text: &str) -> Vocabulary {
    Vocabulary::from_text(text).expect("a text is not empty")
}
