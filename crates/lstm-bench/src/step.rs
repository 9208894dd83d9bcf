//! A training step, and the checks that all engines compute the same.

use crate::Shape;
use lstm_fast::{Fast, Level};
use lstm_model::{Batched, Engine, Layer, Loss, Network, Reader, Spec};
use lstm_tasks::LanguageTask;
use lstm_train::{Optimizer, OptimizerState, PartGradients, TrainError, Workers};

/// The message of `expect` for the shapes and threads of the benchmarks.
const POSSIBLE: &str = "the sizes are in range and the threads can be started";

/// A training step (E1–E23) that can be repeated, always with the same batch and from zero states.
pub struct Step<R: Engine<Scalar = f32>> {
    task: LanguageTask<R>,
    network: Network<R>,
    gradients: PartGradients<Network<R>>,
    adam: OptimizerState<Network<R>>,
    workers: Workers,
}

impl<R: Engine<Scalar = f32>> Step<R> {
    /// The step of this shape, with the batch shared out among `threads` threads.
    ///
    /// # Errors
    /// If a size is out of range, or the system cannot start the threads.
    pub fn new(shape: &Shape, threads: usize) -> Result<Self, TrainError> {
        let network = shape.network()?;
        Ok(Self {
            task: LanguageTask::new(shape.corpus()?, &network),
            gradients: PartGradients::new(&network),
            adam: OptimizerState::new(Optimizer::ADAM, &network),
            network,
            workers: Workers::new(threads)?,
        })
    }

    /// Computes the gradient and updates the weights, without clipping.
    pub fn run(&mut self) -> Loss {
        let (task, network) = (&mut self.task, &self.network);
        let (loss, grad, _) = self.gradients.compute(task, network, 0, &self.workers);
        let team = self.workers.team();
        self.adam.step(&mut self.network, grad, 1e-3, &team);
        loss
    }
}

impl Step<Fast> {
    /// The step of this shape, computed with the instructions of `level`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn at(level: Level, shape: &Shape, threads: usize) -> Result<Self, TrainError> {
        let mut step = Self::new(shape, threads)?;
        step.set_level(level);
        Ok(step)
    }

    /// Continues with the instructions of `level`.
    pub fn set_level(&mut self, level: Level) {
        for layer in &mut self.network.stack.layers {
            *layer = layer.clone().with_level(level);
        }
    }
}

/// Asserts that every engine computes the same loss, before and after an optimiser step.
///
/// # Panics
/// If two engines disagree.
pub fn assert_same_loss(shape: &Shape, threads: usize) {
    fn losses<R: Engine<Scalar = f32>>(shape: &Shape, threads: usize) -> [f64; 2] {
        let mut step = Step::<R>::new(shape, threads).expect(POSSIBLE);
        [step.run().nats, step.run().nats]
    }
    let spec = losses::<Spec<f32>>(shape, threads);
    for (name, found) in [
        (Batched::<f32>::NAME, losses::<Batched<f32>>(shape, threads)),
        (Fast::NAME, losses::<Fast>(shape, threads)),
    ] {
        for (n, (a, b)) in spec.iter().zip(found).enumerate() {
            let difference = (a - b).abs() / a;
            assert!(
                difference < 1e-5,
                "{shape:?}: loss {n} of spec is {a} and of {name} {b}"
            );
        }
    }
}

/// Asserts that every engine computes the same logits after a few tokens.
///
/// # Panics
/// If two engines disagree.
pub fn assert_same_logits(shape: &Shape, threads: usize) {
    fn logits<R: Engine<Scalar = f32>>(shape: &Shape, threads: usize) -> Vec<f32> {
        let network = shape.network::<R>().expect(POSSIBLE);
        let mut reader = network.reader(threads);
        reader.read(&[3, 1, 4, 1, 5]);
        reader.logits().to_vec()
    }
    let spec = logits::<Spec<f32>>(shape, threads);
    for (name, found) in [
        (Batched::<f32>::NAME, logits::<Batched<f32>>(shape, threads)),
        (Fast::NAME, logits::<Fast>(shape, threads)),
    ] {
        for (n, (a, b)) in spec.iter().zip(found).enumerate() {
            assert!(
                (a - b).abs() < 1e-5,
                "{shape:?}: logit {n} of spec is {a} and of {name} {b}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SHAPES;

    #[test]
    fn engines_agree_on_the_smallest_shape() {
        for threads in [1, 2] {
            assert_same_loss(&SHAPES[0].1, threads);
            assert_same_logits(&SHAPES[0].1, threads);
        }
    }
}
