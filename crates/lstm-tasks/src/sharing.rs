//! A batch's work shared out among threads.

use lstm_model::{Loss, Parameters, Workers};
use std::ops::Range;

/// Workers, and a gradient for each of them but the first, which adds to the trainer's.
pub(crate) struct Sharing<P> {
    workers: Workers,
    grads: Vec<P>,
}

impl<P: Parameters<Scalar = f32>> Sharing<P> {
    /// For batches of at most `batch_size` examples.
    pub(crate) fn new(workers: Workers, batch_size: usize, params: &P) -> Self {
        let parts = workers.parts(batch_size).len();
        Self {
            grads: vec![params.zeros_like(); parts - 1],
            workers,
        }
    }

    /// The threads.
    pub(crate) fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Lets each thread add the gradient of its part of the examples; returned are the nats of all.
    pub(crate) fn gradient(
        &mut self,
        examples: usize,
        grad: &mut P,
        work: impl Fn(Range<usize>, &mut P) -> f32 + Sync + Send,
    ) -> f64 {
        self.grads.iter_mut().for_each(Parameters::set_zero);
        let grads = std::iter::once(&mut *grad).chain(&mut self.grads);
        let parts = self.workers.parts(examples);
        let jobs: Vec<_> = parts.into_iter().zip(grads).collect();
        let nats = self.workers.map(jobs, |(part, grad)| work(part, grad));
        for part in &self.grads {
            grad.add(part);
        }
        nats.into_iter().map(f64::from).sum()
    }

    /// The mean loss over batches, whatever the number of threads; `None` if they hold nothing.
    pub(crate) fn mean<B: Send>(
        &self,
        batches: Vec<B>,
        loss: impl Fn(B) -> Loss + Sync + Send,
    ) -> Option<f64> {
        let mut total = Loss::default();
        for part in self.workers.map(batches, loss) {
            total.add(part);
        }
        total.mean()
    }
}
