//! The description of a new model: vocabulary or scales, and the classes, come from the training part.

use super::{Class, ClassifierConfig, ClassifierDescription, Pooling, Reading, TokenUnit};
use crate::TasksError;
use crate::data::{Labelled, LabelledColumns, Sequence, SequenceColumns};
use crate::forecast::Scale;
use lstm_text::WordVocabulary;
use std::collections::BTreeMap;

/// What a person chooses of a new model.
#[derive(Clone, Debug)]
pub struct NewClassifier {
    /// The columns of a sequence and its label.
    pub columns: LabelledColumns,
    /// The most frequent words to know; `None` for characters.
    pub words: Option<usize>,
    /// Tokens that occur less often than this are unknown.
    pub min_count: usize,
    /// The most steps to read.
    pub max_length: usize,
    /// The size of the embedding of a token; numbers have none.
    pub embed_size: usize,
    /// H of every layer.
    pub hidden_size: usize,
    /// The number of layers.
    pub layers: usize,
    /// Whether the layers read in both directions (E27).
    pub bidirectional: bool,
    /// How the outputs of all steps become one vector.
    pub pooling: Pooling,
    /// The dropout rate on the output of every layer.
    pub dropout: f64,
}

impl NewClassifier {
    /// A description whose vocabulary or scales, and whose classes, come from the training part.
    ///
    /// # Errors
    /// If no token is frequent enough; if a column has fewer than two values.
    pub fn describe(
        self,
        name: &str,
        train: &[Labelled],
    ) -> Result<ClassifierDescription, TasksError> {
        let (reading, vocab_size, input_size) = match &self.columns.sequence {
            SequenceColumns::Text(_) => {
                let (unit, vocabulary) = vocabulary(train, self.words, self.min_count)?;
                let vocab_size = vocabulary.len();
                let reading = Reading::Tokens { unit, vocabulary };
                (reading, vocab_size, self.embed_size)
            }
            SequenceColumns::Series(columns) => {
                let scales = scales(name, train, &columns.values)?;
                let input_size = 2 * scales.len();
                (Reading::Numbers { scales }, 0, input_size)
            }
        };
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        for one in train {
            *counts.entry(&one.label).or_default() += 1;
        }
        let class = |(name, examples): (&String, usize)| Class {
            name: name.clone(),
            examples,
        };
        Ok(ClassifierDescription {
            network: ClassifierConfig {
                vocab_size,
                input_size,
                hidden_size: self.hidden_size,
                layers: self.layers,
                bidirectional: self.bidirectional,
                pooling: self.pooling,
                classes: counts.len(),
                dropout: self.dropout,
            },
            reading,
            classes: counts.into_iter().map(class).collect(),
            columns: self.columns,
            max_length: self.max_length,
        })
    }
}

fn vocabulary(
    train: &[Labelled],
    words: Option<usize>,
    min_count: usize,
) -> Result<(TokenUnit, WordVocabulary), TasksError> {
    let texts = train.iter().filter_map(|one| match &one.sequence {
        Sequence::Text(text) => Some(text.as_str()),
        Sequence::Series { .. } => None,
    });
    Ok(match words {
        Some(most) => (
            TokenUnit::Word,
            WordVocabulary::from_texts(texts, min_count, most)?,
        ),
        None => {
            let characters = texts
                .flat_map(|text| text.split(""))
                .filter(|c| !c.is_empty());
            let vocabulary = WordVocabulary::from_words(characters, min_count, usize::MAX)?;
            (TokenUnit::Char, vocabulary)
        }
    })
}

fn scales(name: &str, train: &[Labelled], columns: &[String]) -> Result<Vec<Scale>, TasksError> {
    let rows = || {
        train.iter().flat_map(|one| match &one.sequence {
            Sequence::Series { rows, .. } => rows.as_slice(),
            Sequence::Text(_) => &[],
        })
    };
    let scale = |(c, column): (usize, &String)| {
        Scale::fit(rows().map(|row| row[c])).ok_or_else(|| {
            let why = format!(
                "column {column:?} has fewer than two values in the training part; leave it out"
            );
            TasksError::table(name, why)
        })
    };
    columns.iter().enumerate().map(scale).collect()
}
