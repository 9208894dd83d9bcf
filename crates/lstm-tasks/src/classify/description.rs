//! The description of a classifier: everything but its weights.

use super::{Classifier, ClassifierConfig, Example, Pooling, Steps};
use crate::data::{Labelled, LabelledColumns, Sequence, SequenceColumns};
use crate::forecast::Scale;
use lstm_model::{Engine, ModelError};
use lstm_text::WordVocabulary;
use lstm_train::Description;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// The description of a classifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierDescription {
    /// The sizes of the network.
    pub network: ClassifierConfig,
    /// The columns of a sequence and its label.
    pub columns: LabelledColumns,
    /// How a sequence becomes the input of the network.
    pub reading: Reading,
    /// The classes, in the alphabetical order of their names.
    pub classes: Vec<Class>,
    /// The most steps that are read of a sequence, from its beginning.
    pub max_length: usize,
}

/// A class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// The number of its examples in the training part.
    pub examples: usize,
}

/// How a sequence becomes the input of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reading {
    /// A text as tokens. Those that are rare in the training part have one id in common.
    Tokens {
        /// What a token is.
        unit: TokenUnit,
        /// The tokens.
        vocabulary: WordVocabulary,
    },
    /// The values of a row, scaled as in the training part, and whether each is present.
    Numbers {
        /// The scale of every column.
        scales: Vec<Scale>,
    },
}

/// What a token of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenUnit {
    /// A character.
    Char,
    /// A word, or a punctuation mark.
    Word,
}

impl ClassifierDescription {
    /// The number of a class.
    #[must_use]
    pub fn class(&self, label: &str) -> Option<usize> {
        let place = self
            .classes
            .binary_search_by(|class| class.name.as_str().cmp(label));
        place.ok()
    }

    /// The names of the classes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().map(|class| class.name.as_str())
    }

    /// What the network reads of a sequence.
    ///
    /// # Panics
    /// If it is a text and the network reads numbers, or the other way round.
    #[must_use]
    pub fn steps(&self, sequence: &Sequence) -> Steps {
        let most = self.max_length;
        match (&self.reading, sequence) {
            (Reading::Tokens { unit, vocabulary }, Sequence::Text(text)) => {
                let mut ids = unit.ids(vocabulary, text);
                ids.truncate(most);
                Steps::Tokens(ids)
            }
            (Reading::Numbers { scales }, Sequence::Series { rows, .. }) => {
                let rows = &rows[..rows.len().min(most)];
                let value = |(scale, value): (&Scale, &Option<f64>)| scale.input(*value);
                let numbers = rows
                    .iter()
                    .flat_map(|row| scales.iter().zip(row).flat_map(value));
                Steps::Rows(DMatrix::from_iterator(
                    2 * scales.len(),
                    rows.len(),
                    numbers,
                ))
            }
            _ => unreachable!("a model reads sequences of one kind"),
        }
    }

    /// A training example, of a class that the model knows.
    pub(super) fn example(&self, one: &Labelled) -> Example {
        let class = self.class(&one.label);
        Example {
            steps: self.steps(&one.sequence),
            label: class.expect("the classes of the data were checked") as u32,
        }
    }

    fn check_reading(&self) -> Result<(), ModelError> {
        let (vocab_size, input_size) = (self.network.vocab_size, self.network.input_size);
        match (&self.reading, &self.columns.sequence) {
            (Reading::Tokens { vocabulary, .. }, SequenceColumns::Text(_)) => {
                if vocab_size != vocabulary.len() {
                    let expected = "the number of tokens";
                    return Err(ModelError::setting("vocabulary size", vocab_size, expected));
                }
                Ok(())
            }
            (Reading::Numbers { scales }, SequenceColumns::Series(columns)) => {
                if scales.len() != columns.values.len() {
                    let expected = "one for each column";
                    return Err(ModelError::setting(
                        "number of scales",
                        scales.len(),
                        expected,
                    ));
                }
                if !columns.known.is_empty() {
                    let (found, expected) = ("other", "none known in advance");
                    return Err(ModelError::setting("columns of a series", found, expected));
                }
                if (vocab_size, input_size) != (0, 2 * scales.len()) {
                    let expected = "two numbers for each column, and no vocabulary";
                    return Err(ModelError::setting("input size", input_size, expected));
                }
                scales.iter().try_for_each(Scale::check)
            }
            _ => {
                let (found, expected) = ("of another kind", "those of what the network reads");
                Err(ModelError::setting("columns", found, expected))
            }
        }
    }
}

impl Reading {
    /// What a step is, in a message.
    #[must_use]
    pub fn step(&self) -> &'static str {
        match self {
            Self::Tokens {
                unit: TokenUnit::Char,
                ..
            } => "character",
            Self::Tokens {
                unit: TokenUnit::Word,
                ..
            } => "word",
            Self::Numbers { .. } => "row",
        }
    }
}

impl TokenUnit {
    pub(super) fn ids(self, vocabulary: &WordVocabulary, text: &str) -> Vec<u32> {
        match self {
            Self::Char => text
                .chars()
                .map(|c| vocabulary.id(c.encode_utf8(&mut [0; 4])))
                .collect(),
            Self::Word => vocabulary.encode(text),
        }
    }
}

impl Pooling {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Mean => "mean",
        }
    }
}

impl Description for ClassifierDescription {
    const KIND: &'static str = "classifier";
    type Network<R: Engine<Scalar = f32>> = Classifier<R>;

    fn check(&self) -> Result<(), ModelError> {
        self.network.check()?;
        crate::text_settings::check_size("maximum length", self.max_length)?;
        if let Some(name) = self.columns.wrong_name() {
            let expected = "different names of columns, none of them empty";
            return Err(ModelError::setting("column", format!("{name:?}"), expected));
        }
        let ascending = self
            .classes
            .windows(2)
            .all(|pair| pair[0].name < pair[1].name);
        if self.network.classes != self.classes.len() || !ascending {
            let expected = "the number of different names, in alphabetical order";
            return Err(ModelError::setting(
                "number of classes",
                self.network.classes,
                expected,
            ));
        }
        self.check_reading()
    }

    fn parameter_count(&self) -> usize {
        self.network.parameter_count()
    }

    fn zeros<R: Engine<Scalar = f32>>(&self) -> Result<Classifier<R>, ModelError> {
        self.check()?;
        Classifier::zeros(self.network.clone())
    }

    fn init<R: Engine<Scalar = f32>>(&self, seed: u64) -> Result<Classifier<R>, ModelError> {
        self.check()?;
        Classifier::init(self.network.clone(), seed)
    }
}
