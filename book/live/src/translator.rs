//! A small trained translator, from English to French, and the attention of its decoder (E27–E29).
//!
//! | call | arguments | reads | answers |
//! |---|---|---|---|
//! | `translator_load` | | the model's bytes | 1, or 0 |
//! | `translator_words` | language | | the code points of the words, one word on a line; the first has id 4 |
//! | `translator_find` | language | a text's bytes | for each word: id (1 if unknown), first character, end |
//! | `translator_write` | S | source ids | the target ids |
//! | `translator_look` | S, T | source ids, target ids | see [`Translator::look`] |
//!
//! The language is 0 for the source and 1 for the target.

pub mod weights;

use crate::mailbox::{Inbox, answer};
use crate::words::Words;
use lstm_model::Spec;
use lstm_tasks::{Beam, Continuation, Decoding, EncoderDecoder};
use lstm_text::{BEGIN, END};

/// The most words of a sentence.
pub const LONGEST: usize = 24;
/// As `lstm translate run` without options.
const WIDTH: usize = 5;
const LENGTH_PENALTY: f64 = 1.0;

/// A network, and the words of its two languages.
#[derive(Debug, PartialEq)]
pub struct Translator {
    /// The network.
    pub network: EncoderDecoder<Spec<f64>>,
    /// The words of the source and of the target.
    pub words: [Words; 2],
}

impl Translator {
    /// The model that [`weights::encode`] wrote; `None` for other bytes.
    pub fn load(bytes: &[u8]) -> Option<Self> {
        weights::decode(bytes)
    }

    /// `translator_words`.
    pub fn code_points(&self, mailbox: &mut [f64], language: usize) -> Option<usize> {
        let lines = self.words.get(language)?.list().join("\n");
        let points: Vec<f64> = lines.chars().map(|c| f64::from(u32::from(c))).collect();
        answer(mailbox, &points)
    }

    /// `translator_find`.
    pub fn find(&self, mailbox: &mut [f64], language: usize, text: &str) -> Option<usize> {
        let found = self.words.get(language)?.find(text);
        let numbers = found
            .iter()
            .flat_map(|one| [f64::from(one.id), one.start as f64, one.end as f64]);
        answer(mailbox, &numbers.collect::<Vec<_>>())
    }

    /// `translator_write`: the best translation that beam search finds (E31).
    pub fn write(&self, mailbox: &mut [f64], source: usize) -> Option<usize> {
        let source = self.sentence(&mut Inbox::new(mailbox), 0, source)?;
        let target = self.translate(&source)?;
        let ids: Vec<f64> = target.into_iter().map(f64::from).collect();
        answer(mailbox, &ids)
    }

    /// The best translation that beam search finds for a source.
    pub fn translate(&self, source: &[u32]) -> Option<Vec<u32>> {
        let beam = Beam {
            width: WIDTH,
            length_penalty: LENGTH_PENALTY,
            max_len: LONGEST + 1,
            begin: BEGIN,
            end: Some(END),
        };
        let found = beam.search(&mut Decoding::new(&self.network, source));
        found.ok()?.into_iter().next().map(|best| best.tokens)
    }

    /// `translator_look`: the decoder reads a target, its own or a person's. Out, for each word of the
    /// target and for its end: α_t1 … α_tS (E29), the probability of the word, the id of the most
    /// probable word, and its probability.
    pub fn look(&self, mailbox: &mut [f64], source: usize, target: usize) -> Option<usize> {
        let mut inbox = Inbox::new(mailbox);
        let source = self.sentence(&mut inbox, 0, source)?;
        let target = match target {
            0 => Vec::new(),
            len => self.sentence(&mut inbox, 1, len)?,
        };
        let alpha = self.network.attention_map(&source, &target);
        let mut decoding = Decoding::new(&self.network, &source);
        let mut out = Vec::new();
        let mut read = BEGIN;
        for (alpha_t, next) in alpha.column_iter().zip(target.into_iter().chain([END])) {
            let p = decoding.advance(&[0], &[read]).map(f64::exp);
            let best = p.column(0).imax();
            out.extend(alpha_t.iter());
            out.extend([p[next as usize], best as f64, p[best]]);
            read = next;
        }
        answer(mailbox, &out)
    }

    /// The ids of a sentence of `len` words.
    fn sentence(&self, inbox: &mut Inbox<'_>, language: usize, len: usize) -> Option<Vec<u32>> {
        let words = &self.words[language];
        let is_word = |id: &u32| (END as usize + 1..words.vocab_size()).contains(&(*id as usize));
        let ids: Vec<u32> = inbox.slice(len)?.iter().map(|&id| id as u32).collect();
        let fits = (1..=LONGEST).contains(&len) && ids.iter().all(is_word);
        fits.then_some(ids)
    }
}
