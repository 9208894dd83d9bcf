//! Generating text with a trained network, token by token.

use lstm_model::{Engine, Network, Reader, Sampler};
use lstm_text::{TextError, Tokenizer};
use rand::Rng;

/// Reads a sequence with a network and continues it, in several ways at once if asked to.
pub struct Generator<'a, R: Engine + 'a> {
    reader: R::Reader<'a>,
}

impl<'a, R: Engine> Generator<'a, R>
where
    R::Scalar: Into<f64>,
{
    /// Reads `prime` from zero states, with at most `threads` threads; the generated text does not
    /// depend on their number.
    ///
    /// # Panics
    /// If `prime` is empty, or if an id is not below V.
    pub fn new(network: &'a Network<R>, prime: &[u32], threads: usize) -> Self {
        Self::with_reader(network.reader(threads), prime)
    }

    /// Reads `prime` with a reader in the zero state.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    pub fn with_reader(mut reader: R::Reader<'a>, prime: &[u32]) -> Self {
        reader.read(prime);
        Self { reader }
    }

    /// Replaces sequence k by the sequence that had the number `from[k]`: `[0; 16]` continues the text that
    /// has been read in sixteen ways. Each of them is continued exactly as it would be alone.
    ///
    /// # Panics
    /// If `from` is empty, or if there is no sequence with such a number.
    pub fn select(&mut self, from: &[usize]) {
        self.reader.select(from);
    }

    /// Whether all logits of the next tokens are numbers. If not, a token that is drawn means nothing.
    pub fn is_finite(&self) -> bool {
        let mut logits = self.reader.logits().iter();
        logits.all(|&z| z.into().is_finite())
    }

    /// Draws the next token (E24) and reads it.
    ///
    /// # Panics
    /// If there are several sequences.
    pub fn next_token(&mut self, sampler: &Sampler, rng: &mut impl Rng) -> u32 {
        self.next_tokens(sampler, [rng])[0]
    }

    /// Draws the next token of each sequence (E24), each with a generator of its own, and reads them.
    ///
    /// # Panics
    /// If there are not as many random generators as sequences.
    pub fn next_tokens<'r, G: Rng + 'r>(
        &mut self,
        sampler: &Sampler,
        rngs: impl IntoIterator<Item = &'r mut G, IntoIter: ExactSizeIterator>,
    ) -> Vec<u32> {
        let (rngs, logits) = (rngs.into_iter(), self.reader.logits());
        let of_each = logits.chunks_exact(logits.len() / rngs.len());
        let tokens = of_each.zip(rngs).map(|(z, rng)| sampler.sample(z, rng));
        let tokens: Vec<u32> = tokens.collect();
        self.reader.read(&tokens);
        tokens
    }
}

/// A text at the beginning of a line, as a model reads it before it continues the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The ids of the line.
    pub ids: Vec<u32>,
    /// The number of bytes of the line before the text.
    pub hidden: usize,
}

/// `text` at the beginning of a line. A model trained on streams has rarely read text from a zero state,
/// so it predicts the first characters badly; the beginning of a line has occurred often. If the
/// vocabulary has no line end, an empty text is replaced by the vocabulary's first character.
///
/// # Errors
/// If the vocabulary lacks a character of the text.
pub fn prime_line(vocabulary: &Tokenizer, text: &str) -> Result<Line, TextError> {
    let hidden: String = match vocabulary {
        Tokenizer::Characters(characters) if characters.id('\n').is_none() => match text {
            "" => characters.chars()[..1].iter().collect(),
            _ => String::new(),
        },
        _ => "\n".to_owned(),
    };
    // An error names a position in the text, not in the line.
    if let Tokenizer::Characters(characters) = vocabulary {
        characters.encode(text)?;
    }
    Ok(Line {
        ids: vocabulary.encode(&(hidden.clone() + text))?,
        hidden: hidden.len(),
    })
}
