//! A training step, and what all engines must agree on.

use crate::Shape;
use lstm_fast::Fast;
use lstm_model::{
    Batched, LanguageTask, Loss, Network, Optimizer, OptimizerState, Parameters, Reader, Recurrent,
    Spec, Task, Workers,
};

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
    /// # Panics
    /// If the system refuses a thread.
    pub fn new(shape: &Shape, threads: usize) -> Self {
        let network = shape.network::<R>();
        let workers = Workers::new(threads).expect("the threads can be had");
        Self {
            task: LanguageTask::new(shape.corpus(), &network, workers),
            adam: OptimizerState::new(Optimizer::ADAM, &network),
            grad: network.zeros_like(),
            network,
        }
    }

    /// Gradient and descent, without clipping.
    pub fn run(&mut self) -> Loss {
        self.grad.set_zero();
        let loss = self.task.gradient(&self.network, 0, &mut self.grad);
        self.adam.step(&mut self.network, &self.grad, 1e-3);
        loss
    }
}

/// Asserts that every engine finds the same loss, before and after a step of descent.
///
/// # Panics
/// If they do not.
pub fn assert_same_loss(shape: &Shape, threads: usize) {
    fn losses<R: Recurrent<Scalar = f32>>(shape: &Shape, threads: usize) -> [f64; 2] {
        let mut step = Step::<R>::new(shape, threads);
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
        let network = shape.network::<R>();
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
