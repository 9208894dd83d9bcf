//! Batches of sequences with one label each.

use crate::batch::Padded;
use lstm_model::{Direction, Span};
use nalgebra::{DMatrix, RealField};

/// A sequence as the network reads it, and the number of its class.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What is read.
    pub steps: Steps,
    /// The number of the class.
    pub label: u32,
}

/// The steps of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub enum Steps {
    /// The ids of tokens.
    Tokens(Vec<u32>),
    /// D numbers for every step, D×T.
    Rows(DMatrix<f32>),
}

impl Steps {
    /// T
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Tokens(ids) => ids.len(),
            Self::Rows(x) => x.ncols(),
        }
    }

    /// Whether there is no step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A batch of sequences, each with at least one step, and the number of the class of each.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassBatch<T> {
    pub(super) input: BatchInput<T>,
    pub(super) labels: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum BatchInput<T> {
    Tokens(Padded),
    /// Step t of sequence b in column t·B + b; 0 after the end of a sequence.
    Rows {
        x: DMatrix<T>,
        lengths: Vec<usize>,
    },
}

impl<T: RealField + Copy> ClassBatch<T> {
    /// The batch of these examples, all of tokens or all of numbers.
    ///
    /// # Panics
    /// If there is none, or if some are tokens and some are numbers.
    pub fn new<'a>(examples: impl IntoIterator<Item = &'a Example>, convert: fn(f32) -> T) -> Self {
        let (steps, labels): (Vec<&Steps>, Vec<u32>) = examples
            .into_iter()
            .map(|one| (&one.steps, one.label))
            .unzip();
        let tokens = |steps: &&'a Steps| match steps {
            Steps::Tokens(ids) => Some(ids),
            Steps::Rows(_) => None,
        };
        let rows = |steps: &&'a Steps| match steps {
            Steps::Rows(x) => Some(x),
            Steps::Tokens(_) => None,
        };
        let input = match steps.iter().map(tokens).collect::<Option<Vec<_>>>() {
            Some(tokens) => BatchInput::Tokens(Padded::new(&tokens)),
            None => {
                let rows = steps.iter().map(rows).collect::<Option<Vec<_>>>();
                padded_rows(&rows.expect("all are tokens or all are numbers"), convert)
            }
        };
        Self { input, labels }
    }

    /// T, B and the lengths.
    pub fn span(&self) -> Span<'_> {
        match &self.input {
            BatchInput::Tokens(padded) => padded.span(),
            BatchInput::Rows { x, lengths } => Span {
                seq_len: x.ncols() / lengths.len(),
                batch_size: lengths.len(),
                lengths: Some(lengths),
                direction: Direction::Forward,
            },
        }
    }
}

fn padded_rows<T: RealField>(rows: &[&DMatrix<f32>], convert: fn(f32) -> T) -> BatchInput<T> {
    let lengths: Vec<usize> = rows.iter().map(|x| x.ncols()).collect();
    let longest = lengths.iter().copied().max().unwrap_or(0);
    let mut x = DMatrix::zeros(rows[0].nrows(), longest * rows.len());
    for (b, from) in rows.iter().enumerate() {
        for (t, x_t) in from.column_iter().enumerate() {
            x.set_column(t * rows.len() + b, &x_t.map(convert));
        }
    }
    BatchInput::Rows { x, lengths }
}
