//! The padding id, which stands for no character.

use crate::ExchangeError;
use crate::parts::Parts;
use crate::vocabulary::{GivenVocabulary, PADDING};
use lstm_text::Vocabulary;

/// The characters of all ids. If the list is one character short, the missing id is the one whose row of
/// the embedding is zero: `nn.Embedding` fills the row of `padding_idx` with zeros and never changes it.
///
/// # Errors
/// If the list is one character short and there is no such row, or if the ids in the vocabulary
/// contradict this.
pub(super) fn completed(
    given: &GivenVocabulary,
    parts: &Parts,
) -> Result<Vocabulary, ExchangeError> {
    let mut characters = given.vocabulary.chars().to_vec();
    let ids = parts.head_w.tensor.shape[0];
    if characters.first() == Some(&PADDING) && characters.len() == ids + 1 {
        return Err(ExchangeError::Padding {
            characters: characters.len(),
            ids,
            hint: "the vocabulary's ids begin at 1, which leaves id 0 to padding; if the model was given ids from 0, \
                   list the characters in their order",
        });
    }
    if characters.len() + 1 != ids {
        return Ok(given.vocabulary.clone());
    }
    let is_zero = |row: &[f64]| row.iter().all(|&value| value == 0.0);
    let rows = parts.embedding.as_ref().map(|table| {
        let rows = table.tensor.data.chunks(table.tensor.shape[1]).enumerate();
        rows.filter(|(_, row)| is_zero(row))
            .map(|(n, _)| n)
            .collect::<Vec<_>>()
    });
    match rows.as_deref() {
        Some(&[row]) if !given.has_ids || row == characters.len() => {
            characters.insert(row, PADDING);
            let all = Vocabulary::from_chars(characters);
            all.map_err(|e| ExchangeError::Characters { why: e.to_string() })
        }
        _ => Err(ExchangeError::Padding {
            characters: characters.len(),
            ids,
            hint: "if one id is padding, give it the entry \"<pad>\" in the vocabulary",
        }),
    }
}
