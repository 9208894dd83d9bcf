//! A language model that several processes train together.

use crate::linked::on_each;
use lstm_fast::Fast;
use lstm_model::{Engine, NetworkConfig, Parameters, Spec};
use lstm_tasks::{Cut, LanguageModel, LanguageTask, TextSettings};
use lstm_train::{Application, Descent, Evaluation, Observer, Plan, Task, TrainError};
use lstm_train::{Trainer, Workers};

const TEXT: &str = "abcdefghi abcdefghi bacdefghi abcdegfhi ";

/// Records every validation loss.
#[derive(Default)]
struct ValLosses(Vec<f64>);

impl<T: Task> Observer<T> for ValLosses {
    fn on_evaluation(&mut self, _: &Trainer<T>, evaluation: &Evaluation) -> Result<(), TrainError> {
        self.0.extend(evaluation.val_loss);
        Ok(())
    }
}

/// The weights after 50 steps with dropout, and the validation losses.
fn trained<R: Engine<Scalar = f32>>(cut: Cut, workers: Workers) -> (Vec<u32>, Vec<f64>) {
    let config = NetworkConfig {
        vocab_size: 10,
        embed_size: 5,
        hidden_size: 12,
        layers: 2,
        dropout: 0.1,
        head_dropout: 0.1,
        ..NetworkConfig::default()
    };
    // The last batch of an epoch of windows is short.
    let settings = TextSettings {
        cut,
        batch_size: 7,
        seq_len: 6,
        val_fraction: 0.1,
        restart: 0.1,
        seed: 11,
    };
    let text = TEXT.repeat(6);
    let model = LanguageModel::<R>::new(&text, config, 11).unwrap();
    let ids = model.description.encode(&text).unwrap();
    let task = settings.task(&model.description, &ids, &model.network);
    let descent = Descent {
        learning_rate: 0.01,
        max_norm: Some(1.0),
        ..Descent::default()
    };
    let mut trainer: Trainer<LanguageTask<R>> =
        Trainer::new(task.unwrap(), model.network, descent, workers).unwrap();
    let plan = Plan {
        eval_every: 10,
        ..Plan::steps(50)
    };
    let mut losses = ValLosses::default();
    trainer.run(&plan, &mut losses).unwrap();
    let weights = trainer.network.slices().concat();
    (weights.into_iter().map(f32::to_bits).collect(), losses.0)
}

fn compare<R: Engine<Scalar = f32>>() {
    for cut in [Cut::Streams, Cut::Windows] {
        let alone = trained::<R>(cut, Workers::new(4).unwrap());
        assert_eq!(alone.1.len(), 5);
        // With three processes, one of them has two of the four parts.
        for count in 2..=4 {
            let all = on_each(count, |linked| {
                trained::<R>(cut, Workers::across(Box::new(linked), 4).unwrap())
            });
            for (rank, one) in all.iter().enumerate() {
                assert!(*one == alone, "{cut:?}: rank {rank} of {count}");
            }
        }
    }
}

#[test]
fn processes_and_threads_share_a_batch_of_a_language_model_with_the_same_bits() {
    compare::<Spec<f32>>();
    compare::<Fast>();
}
