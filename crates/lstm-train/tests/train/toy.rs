//! A minimal application: a linear classifier of fixed vectors. It carries a state from step to step, so
//! that a run has every kind of data that it must save.

use lstm_model::{Canonical, Engine, Head, Loss, ModelError, Tensors};
use lstm_train::{
    Application, BatchSize, Description, Fingerprint, Keep, Part, Plan, Run, RunDir, RunSettings,
    StoredRun, Task, TrainError, Workers,
};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;
use std::path::Path;

const CLASSES: usize = 3;
const INPUTS: usize = 4;

/// With so few examples none is held out.
pub const TOO_FEW: usize = 5;

/// The description of a toy model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Toy {
    pub classes: usize,
}

impl Description for Toy {
    const KIND: &'static str = "toy";
    type Network<R: Engine<Scalar = f32>> = Head<f32>;

    fn check(&self) -> Result<(), ModelError> {
        if self.classes == 0 {
            return Err(ModelError::setting("number of classes", 0, "at least 1"));
        }
        Ok(())
    }

    fn parameter_count(&self) -> usize {
        self.classes * (INPUTS + 1)
    }

    fn zeros<R: Engine<Scalar = f32>>(&self) -> Result<Head<f32>, ModelError> {
        Ok(Head::zeros(self.classes, INPUTS))
    }

    fn init<R: Engine<Scalar = f32>>(&self, seed: u64) -> Result<Head<f32>, ModelError> {
        let mut head = Head::zeros(self.classes, INPUTS);
        head.w.fill(1.0 / (1.0 + seed as f32));
        Ok(head)
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        Self::deserialize(&header["network"])
    }
}

/// The settings of the training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToySettings {
    pub batch_size: usize,
    pub examples: usize,
}

impl Application for ToySettings {
    type Description = Toy;
    type Data = ();
    type Task<R: Engine<Scalar = f32>> = ToyTask;

    fn check(&self) -> Result<(), ModelError> {
        if self.batch_size == 0 {
            return Err(ModelError::setting("batch size", 0, "at least 1"));
        }
        Ok(())
    }

    fn seed(&self) -> u64 {
        7
    }

    fn steps_per_epoch(&self, _data: &()) -> Result<u64, TrainError> {
        Ok(self.examples.div_ceil(self.batch_size) as u64)
    }

    fn task<R: Engine<Scalar = f32>>(
        &self,
        _description: &Toy,
        _data: &(),
        _network: &Head<f32>,
    ) -> Result<ToyTask, TrainError> {
        Ok(ToyTask {
            settings: *self,
            carried: DVector::zeros(self.batch_size),
        })
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        Self::deserialize(&header["data"])
    }
}

/// Classifies a few fixed vectors. The carried state of a place in the batch is added to its example.
pub struct ToyTask {
    settings: ToySettings,
    carried: DVector<f32>,
}

impl ToyTask {
    fn examples(&self, numbers: &[usize]) -> (DMatrix<f32>, Vec<u32>) {
        let h = DMatrix::from_fn(INPUTS, numbers.len(), |row, column| {
            let n = numbers[column];
            ((n * 7 + row * 3) as f32).sin()
        });
        let targets = numbers.iter().map(|n| (n % CLASSES) as u32).collect();
        (h, targets)
    }
}

impl Task for ToyTask {
    type Network = Head<f32>;
    type Batch = Vec<usize>;
    type Carry = Vec<f32>;

    fn steps_per_epoch(&self) -> u64 {
        self.settings.examples.div_ceil(self.settings.batch_size) as u64
    }

    fn batch(&mut self, step: u64) -> Vec<usize> {
        let ToySettings {
            batch_size,
            examples,
        } = self.settings;
        let first = (step % self.steps_per_epoch()) as usize * batch_size;
        (first..examples.min(first + batch_size)).collect()
    }

    fn size(&self, batch: &Vec<usize>) -> BatchSize {
        BatchSize {
            sequences: batch.len(),
            tokens: batch.len(),
        }
    }

    fn gradient(
        &self,
        network: &Head<f32>,
        batch: &Vec<usize>,
        part: &Part<'_>,
        grad: &mut Head<f32>,
    ) -> (f64, Vec<f32>) {
        let (mut h, targets) = self.examples(&batch[part.sequences.clone()]);
        for (mut column, place) in h.column_iter_mut().zip(part.sequences.clone()) {
            column.add_scalar_mut(self.carried[place]);
        }
        let mask = vec![true; targets.len()];
        let (nats, _) = network.loss_and_gradient(&h, &targets, &mask, part.scale, grad);
        let carry = h.column_iter().map(|column| 0.1 * column.sum()).collect();
        (nats.into(), carry)
    }

    fn carry(&mut self, parts: Vec<(Range<usize>, Vec<f32>)>) {
        for (places, values) in parts {
            for (place, value) in places.zip(values) {
                self.carried[place] = value;
            }
        }
    }

    fn carried_mut(&mut self, places: Range<usize>) -> Vec<&mut [f32]> {
        vec![&mut self.carried.as_mut_slice()[places]]
    }

    fn validate(&self, network: &Head<f32>, _workers: &Workers) -> Option<f64> {
        if self.settings.examples == TOO_FEW {
            return None;
        }
        let numbers: Vec<usize> = (100..110).collect();
        let (h, targets) = self.examples(&numbers);
        let nats = network.loss(&h, &targets, &[true; 10]);
        let tokens = targets.len();
        Loss {
            nats: nats.into(),
            tokens,
        }
        .mean()
    }

    fn export(&self, tensors: &mut Tensors) {
        self.carried.export("carried", tensors);
    }

    fn import(&mut self, tensors: &mut Tensors) -> Result<(), ModelError> {
        self.carried.import("carried", tensors)
    }
}

pub type ToyRun = Run<ToySettings, lstm_model::Spec<f32>>;

/// Eleven examples in batches of four: the last batch of an epoch is short.
pub const SETTINGS: ToySettings = ToySettings {
    batch_size: 4,
    examples: 11,
};

pub fn settings(steps: u64, threads: usize) -> RunSettings<ToySettings> {
    RunSettings {
        settings: SETTINGS,
        threads,
        descent: Default::default(),
        plan: Plan {
            eval_every: 2,
            ..Plan::steps(steps)
        },
        keep: Keep::Both,
        data: Fingerprint::new("a test", "data"),
    }
}

pub fn begin(dir: &Path, settings: RunSettings<ToySettings>) -> ToyRun {
    let dir = RunDir::create::<ToySettings>(dir).unwrap();
    let header = settings.header("spec").unwrap();
    Run::begin(dir, Toy { classes: CLASSES }, None, header, &(), "word").unwrap()
}

/// The run in `dir`, resumed with `steps` as its last step.
pub fn resume(dir: &Path, steps: u64) -> ToyRun {
    let locked = RunDir::resume(dir).unwrap();
    let mut stored = StoredRun::<ToySettings>::read(dir).unwrap();
    stored.header.plan.steps = Some(steps);
    Run::resume(locked, stored, &(), "word").unwrap()
}

pub fn bits(run: &ToyRun) -> Vec<u32> {
    let Head { w, b } = &run.trainer().network;
    w.iter().chain(b).map(|v| v.to_bits()).collect()
}
