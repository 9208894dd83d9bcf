//! Language models: training, reproducibility, and files that every engine reads.

use lstm_fast::Fast;
use lstm_model::{Batched, Engine, Network, NetworkConfig, Parameters, Sampler, Spec};
use lstm_tasks::{Cut, LanguageModel, LanguageTask, TextSettings};
use lstm_train::{
    Application, Descent, Description, Observer, Outcome, Plan, StepReport, Task, Trainer, Workers,
};
use std::ops::ControlFlow;

/// A text with ten different characters.
const TEXT: &str = "abcdefghi abcdefghi abcdefghi abcdefghi ";

const CONFIG: NetworkConfig = NetworkConfig {
    vocab_size: 10,
    embed_size: 5,
    hidden_size: 12,
    layers: 2,
    dropout: 0.1,
    head_dropout: 0.1,
    init: lstm_model::Init::GlorotOrthogonal,
};

fn settings(cut: Cut) -> TextSettings {
    TextSettings {
        cut,
        batch_size: 5,
        seq_len: 6,
        val_fraction: 0.1,
        restart: 0.1,
        seed: 11,
    }
}

fn trainer<R: Engine<Scalar = f32>>(
    cut: Cut,
    threads: usize,
    learning_rate: f64,
) -> Trainer<LanguageTask<R>> {
    let text = TEXT.repeat(6);
    let model = LanguageModel::<R>::new(&text, CONFIG, 11).unwrap();
    let ids = model.description.encode(&text).unwrap();
    let task = settings(cut).task(&model.description, &ids, &model.network);
    let descent = Descent {
        learning_rate,
        max_norm: Some(1.0),
        ..Descent::default()
    };
    let workers = Workers::new(threads).unwrap();
    Trainer::new(task.unwrap(), model.network, descent, workers).unwrap()
}

/// Records every loss.
#[derive(Default)]
struct Losses(Vec<f64>);

impl<T: Task> Observer<T> for Losses {
    fn on_step(&mut self, _: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        self.0.push(report.loss);
        ControlFlow::Continue(())
    }
}

fn losses<R: Engine<Scalar = f32>>(cut: Cut, threads: usize, steps: u64) -> Vec<f64> {
    let mut losses = Losses::default();
    let mut trainer = trainer::<R>(cut, threads, 0.01);
    let outcome = trainer.run(&Plan::steps(steps), &mut losses).unwrap();
    assert_eq!(outcome, Outcome::Finished);
    losses.0
}

#[test]
fn a_model_memorises_a_repeating_text() {
    let text = TEXT.repeat(6);
    let mut model = LanguageModel::<Batched<f32>>::new(&text, CONFIG, 11).unwrap();
    let mut losses = Losses::default();
    let plan = Plan::steps(400);
    let outcome = model.train(&text, &settings(Cut::Streams), &plan, &mut losses);
    assert_eq!(outcome.unwrap(), Outcome::Finished);
    let chance = f64::from(10_u8).ln();
    assert!(losses.0[0] > 0.8 * chance, "first loss {}", losses.0[0]);
    let loss = model.evaluate(&text).unwrap().unwrap().mean().unwrap();
    assert!(loss < 0.15 * chance, "last loss {loss}");
    let greedy = Sampler::new(0.0, None, None).unwrap();
    let generated = model.generate(&TEXT[..6], 20, &greedy, 0).unwrap();
    assert_eq!(generated, TEXT[..26]);
}

#[test]
fn all_engines_have_the_same_losses() {
    for cut in [Cut::Streams, Cut::Windows] {
        let spec = losses::<Spec<f32>>(cut, 2, 10);
        for other in [
            losses::<Batched<f32>>(cut, 2, 10),
            losses::<Fast>(cut, 2, 10),
        ] {
            for (step, (s, o)) in spec.iter().zip(&other).enumerate() {
                assert!(
                    (s - o).abs() < 1e-4,
                    "{cut:?}, step {step}: spec {s}, other {o}"
                );
            }
        }
    }
}

#[test]
fn the_same_seed_repeats_a_run_to_the_bit_and_threads_change_only_rounding() {
    let one = losses::<Batched<f32>>(Cut::Windows, 1, 12);
    let three = losses::<Batched<f32>>(Cut::Windows, 3, 12);
    assert_eq!(three, losses::<Batched<f32>>(Cut::Windows, 3, 12));
    for (step, (a, b)) in one.iter().zip(&three).enumerate() {
        assert!(
            (a - b).abs() < 1e-4,
            "step {step}: {a} with one thread, {b} with three"
        );
    }
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run_before_the_weights_change() {
    let mut trainer = trainer::<Batched<f32>>(Cut::Streams, 1, 0.01);
    trainer.network.head.b[0] = f32::NAN;
    let bits = |network: &Network<Batched<f32>>| -> Vec<u32> {
        let weights = network.slices().concat();
        weights.into_iter().map(f32::to_bits).collect()
    };
    let before = bits(&trainer.network);
    let message = trainer.run(&Plan::steps(5), &mut ()).unwrap_err();
    assert_eq!(
        message.to_string(),
        "the loss is not finite at step 1 (learning rate 0.01): resume from the last checkpoint with a lower learning rate or a smaller norm to clip at"
    );
    assert_eq!(bits(&trainer.network), before);
    assert_eq!(trainer.progress().step, 0);
}

#[test]
fn a_saved_model_is_read_back_to_the_bit_by_every_engine() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("any name");
    let model = LanguageModel::<Batched<f32>>::new(TEXT, CONFIG, 11).unwrap();
    model.save(&path).unwrap();
    let batched = LanguageModel::<Batched<f32>>::load(&path).unwrap();
    assert_eq!(batched.description, model.description);
    assert_eq!(batched.network, model.network);
    let spec = LanguageModel::<Spec<f32>>::load(&path).unwrap();
    assert_eq!(spec.network.to_engine(), model.network);
    let fast = LanguageModel::<Fast>::load(&path).unwrap();
    assert_eq!(fast.network.to_engine(), model.network);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_description_that_contradicts_itself_is_refused() {
    let mut description = LanguageModel::<Spec<f32>>::new(TEXT, CONFIG, 1)
        .unwrap()
        .description;
    description.network.vocab_size = 9;
    let error = description.zeros::<Spec<f32>>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "vocabulary size is 9, expected the number of tokens in its vocabulary"
    );
}
