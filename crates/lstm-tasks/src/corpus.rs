//! A text, split into a training part and a validation part, and the batch of each step.

use crate::{Cut, EvaluationSettings, TextSettings};
use lstm_model::Purpose;
use lstm_text::{Batch, Streams, TextError, Windows, split};
use lstm_train::TrainError;
use rand::RngExt;
use rand::seq::SliceRandom;

/// A text as token ids, and the settings of its batches.
#[derive(Clone, Debug)]
pub struct Corpus {
    train: Vec<u32>,
    val: Vec<u32>,
    settings: TextSettings,
    /// The last epoch whose windows were shuffled, and their order.
    order: Option<(u64, Vec<usize>)>,
}

impl Corpus {
    /// Splits a text and checks that it is long enough for its batches.
    ///
    /// # Errors
    /// [`ModelError`](lstm_model::ModelError) for settings that are out of range, [`TrainError::Data`] for a text that is too short.
    pub fn new(tokens: &[u32], settings: TextSettings) -> Result<Self, TrainError> {
        settings.check()?;
        let (train, val) = split(tokens, settings.val_fraction).map_err(TrainError::data)?;
        let cut: Result<(), TextError> = match settings.cut {
            Cut::Streams => Streams::new(train, settings.batch_size, settings.seq_len).map(drop),
            Cut::Windows => Windows::new(train, settings.seq_len).map(drop),
        };
        cut.map_err(TrainError::data)?;
        Ok(Self {
            train: train.to_vec(),
            val: val.to_vec(),
            settings,
            order: None,
        })
    }

    /// The settings of the batches.
    pub fn settings(&self) -> &TextSettings {
        &self.settings
    }

    /// The number of training tokens and the number of validation tokens.
    pub fn sizes(&self) -> (usize, usize) {
        (self.train.len(), self.val.len())
    }

    /// The number of batches in an epoch: every training token once (streams), or every window once.
    pub fn steps_per_epoch(&self) -> u64 {
        let steps = match self.settings.cut {
            Cut::Streams => self.streams().len(),
            Cut::Windows => self.windows().len().div_ceil(self.settings.batch_size),
        };
        steps as u64
    }

    /// The batch of a step, and whether it starts from zero states. Otherwise it starts from the states
    /// after the previous batch.
    pub fn batch(&mut self, step: u64) -> (Batch, bool) {
        let steps = self.steps_per_epoch();
        let (epoch, within) = (step / steps, (step % steps) as usize);
        match self.settings.cut {
            Cut::Streams => (self.streams().chunk(within), within == 0),
            Cut::Windows => {
                self.shuffle(epoch);
                let order = &self.order.as_ref().expect("just shuffled").1;
                let size = self.settings.batch_size;
                let indices = &order[within * size..order.len().min((within + 1) * size)];
                (self.windows().batch(indices), true)
            }
        }
    }

    /// The streams that start again from a zero state at a step, beside those of an epoch's beginning: each
    /// with the probability [`TextSettings::restart`]. None if the text is cut into windows.
    pub fn restarts(&self, step: u64) -> Vec<usize> {
        let TextSettings {
            cut, restart, seed, ..
        } = self.settings;
        if cut == Cut::Windows || restart == 0.0 {
            return Vec::new();
        }
        let mut rng = Purpose::Restart.rng(seed, step, 0);
        let streams = 0..self.settings.batch_size;
        streams.filter(|_| rng.random_bool(restart)).collect()
    }

    /// The [`evaluation_streams`] of the validation part; `None` if it has no token to predict.
    pub fn validation(&self) -> Option<Streams<'_>> {
        evaluation_streams(&self.val, self.settings.evaluation())
    }

    fn streams(&self) -> Streams<'_> {
        Streams::new(&self.train, self.settings.batch_size, self.settings.seq_len)
            .expect("checked when the corpus was made")
    }

    fn windows(&self) -> Windows<'_> {
        Windows::new(&self.train, self.settings.seq_len).expect("checked when the corpus was made")
    }

    fn shuffle(&mut self, epoch: u64) {
        if self.order.as_ref().is_some_and(|(of, _)| *of == epoch) {
            return;
        }
        let mut order: Vec<usize> = (0..self.windows().len()).collect();
        order.shuffle(&mut Purpose::Shuffle.rng(self.settings.seed, epoch, 0));
        self.order = Some((epoch, order));
    }
}

/// A text cut into streams to measure the loss on it: at most `batch_size`, and so few that each is at
/// least four sequences long, because every stream starts from a zero state. `None` if the text has no
/// token to predict.
pub fn evaluation_streams(tokens: &[u32], settings: EvaluationSettings) -> Option<Streams<'_>> {
    let predictions = tokens.len().checked_sub(1)?;
    let warm = predictions / (4 * settings.seq_len);
    Streams::new(
        tokens,
        settings.batch_size.min(warm).max(1),
        settings.seq_len,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(cut: Cut) -> TextSettings {
        TextSettings {
            cut,
            batch_size: 4,
            seq_len: 5,
            val_fraction: 0.1,
            restart: 0.0,
            seed: 9,
        }
    }

    fn corpus(cut: Cut) -> Corpus {
        Corpus::new(&(0..200).collect::<Vec<u32>>(), config(cut)).unwrap()
    }

    #[test]
    fn every_window_comes_once_an_epoch_and_in_another_order_the_next() {
        let mut corpus = corpus(Cut::Windows);
        let steps = corpus.steps_per_epoch();
        assert_eq!(steps, (180_u64 - 5).div_ceil(4));
        let mut first_tokens = |epoch: u64| -> Vec<u32> {
            let batches = (epoch * steps..(epoch + 1) * steps).map(|step| corpus.batch(step));
            batches
                .flat_map(|(batch, fresh)| {
                    assert!(fresh);
                    batch.inputs[..batch.batch_size].to_vec()
                })
                .collect()
        };
        let (first, second, again) = (first_tokens(0), first_tokens(1), first_tokens(0));
        assert_ne!(first, second);
        assert_eq!(first, again);
        for mut epoch in [first, second] {
            epoch.sort_unstable();
            assert_eq!(epoch, (0..175).collect::<Vec<_>>());
        }
    }

    #[test]
    fn streams_start_afresh_at_each_epoch_and_only_there() {
        let mut corpus = corpus(Cut::Streams);
        let steps = corpus.steps_per_epoch();
        for step in 0..2 * steps {
            assert_eq!(corpus.batch(step).1, step % steps == 0);
        }
        assert_eq!(corpus.batch(0).0, corpus.batch(steps).0);
    }

    #[test]
    fn streams_restart_as_often_as_they_should_and_at_other_places_at_each_step() {
        let at = |cut, restart| -> Vec<Vec<usize>> {
            let settings = TextSettings {
                restart,
                ..config(cut)
            };
            let corpus = Corpus::new(&(0..200).collect::<Vec<u32>>(), settings).unwrap();
            (0..1000).map(|step| corpus.restarts(step)).collect()
        };
        let steps = at(Cut::Streams, 0.25);
        for stream in 0..4 {
            let count = steps.iter().filter(|step| step.contains(&stream)).count();
            assert!((200..300).contains(&count), "stream {stream}: {count}");
        }
        assert_eq!(steps, at(Cut::Streams, 0.25));
        assert!(at(Cut::Streams, 0.0).concat().is_empty());
        assert_eq!(at(Cut::Streams, 1.0), vec![vec![0, 1, 2, 3]; 1000]);
        assert!(at(Cut::Windows, 0.25).concat().is_empty());
    }

    #[test]
    fn a_probability_of_a_restart_is_between_0_and_1() {
        for restart in [-0.1, 1.1, f64::NAN] {
            let settings = TextSettings {
                restart,
                ..config(Cut::Streams)
            };
            let said = Corpus::new(&[1, 2, 3], settings).unwrap_err().to_string();
            assert!(said.starts_with("probability of a restart is "), "{said}");
        }
    }

    #[test]
    fn every_token_of_the_validation_part_is_predicted_even_if_it_is_short() {
        let predicted = |val_fraction| {
            let settings = TextSettings {
                val_fraction,
                ..config(Cut::Streams)
            };
            let corpus = Corpus::new(&(0..200).collect::<Vec<u32>>(), settings).unwrap();
            let streams = corpus.validation()?;
            Some(streams.chunks().map(|b| b.tokens()).sum::<usize>())
        };
        assert_eq!(predicted(0.1), Some(19));
        assert_eq!(predicted(0.015), Some(2));
        assert_eq!(predicted(0.0), None);
    }

    #[test]
    fn sizes_of_zero_are_refused() {
        let refuse = |config| Corpus::new(&[1, 2, 3], config).unwrap_err().to_string();
        let good = config(Cut::Streams);
        assert_eq!(
            refuse(TextSettings {
                batch_size: 0,
                ..good
            }),
            "batch size is 0, expected at least 1 and at most 16777216"
        );
        assert_eq!(
            refuse(TextSettings { seq_len: 0, ..good }),
            "sequence length is 0, expected at least 1 and at most 16777216"
        );
    }
}
