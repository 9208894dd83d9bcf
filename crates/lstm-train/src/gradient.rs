//! The gradient of a step: here a batch is shared out among workers.

use crate::elements::{add_up, set_zero};
use crate::{BatchSize, Part, Task, Workers};
use lstm_model::{Loss, Parameters, even_parts};

/// The gradients of the parts of a batch. The next step uses their memory again.
pub struct PartGradients<P>(Vec<P>);

impl<P: Parameters<Scalar = f32>> PartGradients<P> {
    /// Memory for one gradient, shaped like `network`. It grows if a batch has more parts.
    pub fn new(network: &P) -> Self {
        Self(vec![network.zeros_like()])
    }

    // ANCHOR: step_gradient
    /// The loss of step number `step`, its gradient, and the norm of the gradient.
    ///
    /// The batch is cut into parts, each worker computes the gradient of one part, and the gradients are
    /// added in the order of the parts. So the same number of parts gives the same bits.
    ///
    /// # Panics
    /// If the batch has no sequence.
    pub fn compute<T: Task<Network = P>>(
        &mut self,
        task: &mut T,
        network: &P,
        step: u64,
        workers: &Workers,
    ) -> (Loss, &mut P, f32) {
        let batch = task.batch(step);
        let BatchSize { sequences, tokens } = task.size(&batch);
        let count = task.parts(network, sequences, workers.threads());
        let parts = even_parts(sequences, count);
        while self.0.len() < parts.len() {
            self.0.push(network.zeros_like());
        }
        // A short last batch has fewer parts than the batch before. Only this step's parts count.
        let grads = &mut self.0[..parts.len()];
        let jobs = parts.into_iter().zip(grads.iter_mut()).collect();
        let learner = &*task;
        let done = workers.map(jobs, |(sequences, grad), team| {
            set_zero(grad, team);
            let part = Part {
                step,
                sequences: sequences.clone(),
                scale: 1.0 / tokens as f32,
                team,
            };
            let (nats, carry) = learner.gradient(network, &batch, &part, grad);
            (nats, (sequences, carry))
        });
        let (nats, carried): (Vec<f64>, Vec<_>) = done.into_iter().unzip();
        task.carry(carried);
        let norm = add_up(grads, &workers.team());
        let nats = nats.into_iter().sum();
        (Loss { nats, tokens }, &mut self.0[0], norm)
    }
    // ANCHOR_END: step_gradient
}
