//! A trained classifier.

use super::{ClassBatch, Classifier, ClassifierDescription, Example, Reading, source};
use crate::TasksError;
use crate::data::{Labelled, Sequence};
use lstm_model::{Engine, log_softmax};
use lstm_text::UNKNOWN;
use lstm_train::{StoredModel, TrainError, Workers};
use nalgebra::DMatrix;
use std::path::Path;

/// A trained classifier.
pub struct ClassifyModel<R: Engine> {
    /// The description.
    pub description: ClassifierDescription,
    /// The network.
    pub network: Classifier<R>,
}

/// The sequences that are read together.
const BATCH: usize = 64;

impl<R: Engine<Scalar = f32>> ClassifyModel<R> {
    /// Reads a model file, or the best model in a run's directory (the last one if nothing was held out).
    ///
    /// # Errors
    /// As [`StoredModel::read`] and [`StoredModel::network`].
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let (description, network) = StoredModel::<ClassifierDescription>::read(path)?.network()?;
        Ok(Self {
            description,
            network,
        })
    }

    /// ln p of every class for each sequence (E20), in their order.
    ///
    /// # Errors
    /// [`TasksError::NotFinite`] if the network computes no numbers.
    pub fn log_probabilities(
        &self,
        sequences: &[&Sequence],
        workers: &Workers,
    ) -> Result<Vec<Vec<f64>>, TasksError> {
        let example = |sequence: &&Sequence| Example {
            steps: self.description.steps(sequence),
            label: 0,
        };
        let examples: Vec<Example> = sequences.iter().map(example).collect();
        // Sequences of similar lengths are read together, so that little of a batch is padding.
        let mut order: Vec<usize> = (0..examples.len()).collect();
        order.sort_by_key(|&n| examples[n].steps.len());
        let batches: Vec<&[usize]> = order.chunks(BATCH).collect();
        let found = workers.map(batches, |batch, team| {
            let batch = ClassBatch::new(batch.iter().map(|&n| &examples[n]), |number| number);
            let mut log_p: DMatrix<f64> = self.network.logits(&batch, team).map(f64::from);
            log_softmax(&mut log_p);
            log_p
        });
        let mut sorted = vec![Vec::new(); examples.len()];
        let columns = found.iter().flat_map(DMatrix::column_iter);
        for (&n, column) in order.iter().zip(columns) {
            if !column.iter().all(|log_p| log_p.is_finite()) {
                return Err(TasksError::NotFinite);
            }
            sorted[n] = column.iter().copied().collect();
        }
        Ok(sorted)
    }
}

/// The number of the most probable class; of equally probable ones the first.
#[must_use]
pub fn best(probabilities: &[f64]) -> usize {
    let all = probabilities.iter().enumerate().rev();
    all.max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(k, _)| k)
}

impl ClassifierDescription {
    /// Refuses the label of a class that the model does not know, in the file or part called `name`.
    ///
    /// # Errors
    /// [`TasksError::Cell`] naming the line and the classes.
    pub fn expect_classes<'a>(
        &self,
        name: &str,
        all: impl IntoIterator<Item = &'a Labelled>,
    ) -> Result<(), TasksError> {
        let names: Vec<String> = self.names().map(str::to_owned).collect();
        source::expect_known(name, all, &self.columns.label, &names)
    }

    /// Warnings about what the model does not read of these sequences.
    pub fn warnings<'a>(&self, all: impl IntoIterator<Item = &'a Labelled>) -> Vec<String> {
        let mut unread = Unread::default();
        all.into_iter()
            .for_each(|one| unread.add(self, &one.sequence));
        unread.warnings(self)
    }
}

/// What a model does not read of some sequences, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    sequences: usize,
    /// The sequences that are longer than the model reads.
    long: usize,
    tokens: usize,
    unknown: usize,
}

impl Unread {
    /// Counts a sequence.
    pub fn add(&mut self, description: &ClassifierDescription, sequence: &Sequence) {
        let most = description.max_length;
        let length = match (&description.reading, sequence) {
            (Reading::Tokens { unit, vocabulary }, Sequence::Text(text)) => {
                let ids = unit.ids(vocabulary, text);
                let read = &ids[..ids.len().min(most)];
                self.tokens += read.len();
                self.unknown += read.iter().filter(|&&id| id == UNKNOWN).count();
                ids.len()
            }
            (Reading::Numbers { .. }, Sequence::Series { rows, .. }) => rows.len(),
            _ => unreachable!("a model reads sequences of one kind"),
        };
        self.sequences += 1;
        self.long += usize::from(length > most);
    }

    /// Warnings about long sequences and about unknown tokens.
    #[must_use]
    pub fn warnings(&self, description: &ClassifierDescription) -> Vec<String> {
        let Self {
            sequences,
            long,
            tokens,
            unknown,
        } = self;
        let (step, most) = (description.reading.step(), description.max_length);
        let long = (*long > 0).then(|| {
            format!(
                "{long} of {sequences} sequences are longer than {most} {step}s and cut there; a model is \
                 trained on longer ones with --max-length"
            )
        });
        let unknown = (*unknown > 0).then(|| {
            format!(
                "{unknown} of {tokens} {step}s are unknown, because they are rare in the training part or \
                 not in it"
            )
        });
        long.into_iter().chain(unknown).collect()
    }
}
