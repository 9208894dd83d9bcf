//! A training step, and what all engines must agree on.

use crate::Shape;
use lstm_fast::Fast;
use lstm_model::{
    Batched, LanguageTask, Loss, ModelError, Network, Optimizer, OptimizerState, Parameters,
    Reader, Recurrent, Spec, Task, Workers,
};

/// Why the shapes and threads of the benchmarks are not refused.
pub(crate) const POSSIBLE: &str = "sizes are in range, and the threads can be had";

/// A training step (E1–E23) ready to be run again and again: the same batch, from zero states.
pub struct Step<R: Recurrent<Scalar = f32>> {
    task: LanguageTask<R>,
    network: Network<R>,
    grad: Network<R>,
    adam: OptimizerState<Network<R>>,
}

impl<R: Recurrent<Scalar = f32>> Step<R> {
    /// The step of this shape, its batch shared out among `threads`.
    ///
    /// # Errors
    /// A size that is out of range, or threads that the system refuses.
    pub fn new(shape: &Shape, threads: usize) -> Result<Self, ModelError> {
        let (network, workers) = (shape.network::<R>()?, Workers::new(threads)?);
        Ok(Self {
            task: LanguageTask::new(shape.corpus()?, &network, workers),
            adam: OptimizerState::new(Optimizer::ADAM, &network),
            grad: network.zeros_like(),
            network,
        })
    }

    /// Gradient and descent, without clipping.
    pub fn run(&mut self) -> Loss {
        let loss = self.task.gradient(&self.network, 0, &mut self.grad);
        let workers = self.task.workers();
        self.adam
            .step_with(workers, &mut self.network, &mut self.grad, 1e-3);
        loss
    }
}

/// Asserts that every engine finds the same loss, before and after a step of descent.
///
/// # Panics
/// If they do not.
pub fn assert_same_loss(shape: &Shape, threads: usize) {
    fn losses<R: Recurrent<Scalar = f32>>(shape: &Shape, threads: usize) -> [f64; 2] {
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

/// Asserts that every engine has the same logits after a few tokens.
///
/// # Panics
/// If they do not.
pub fn assert_same_logits(shape: &Shape, threads: usize) {
    fn logits<R: Recurrent<Scalar = f32>>(shape: &Shape, threads: usize) -> Vec<f32> {
        let network = shape.network::<R>().expect(POSSIBLE);
        let mut reader = R::reader(&network, threads);
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
