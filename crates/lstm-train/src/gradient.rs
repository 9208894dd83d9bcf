//! The gradient of a step: here a batch is shared out among workers.

use crate::elements::{add_up, add_up_in_order, broadcast, set_zero};
use crate::processes::sum_in_order;
use crate::workers::parts_of;
use crate::{BatchSize, Part, Task, Workers};
use lstm_model::{Loss, Parameters, even_parts};
use std::ops::Range;

/// The gradients of the parts of a batch. The next step uses their memory again.
pub struct PartGradients<P> {
    gradients: Vec<P>,
    /// The parts of the last step, if every process knows only what its own parts carry to the next step.
    unshared: Vec<Range<usize>>,
}

impl<P: Parameters<Scalar = f32>> PartGradients<P> {
    /// Memory for one gradient, shaped like `network`. It grows if a batch has more parts.
    pub fn new(network: &P) -> Self {
        Self {
            gradients: vec![network.zeros_like()],
            unshared: Vec::new(),
        }
    }

    // ANCHOR: step_gradient
    /// The loss of step number `step`, its gradient, and the norm of the gradient.
    ///
    /// The batch is cut into parts, each worker computes the gradient of one part, and the gradients are
    /// added in the order of the parts. So the same number of parts gives the same bits, in one process or
    /// in several.
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
        let count = workers.for_all(task.parts(network, sequences, workers.threads()));
        let parts = even_parts(sequences, count);
        // A short last batch has other parts than the batch before, and other processes compute them.
        if self.unshared != parts {
            self.share_carried(task, workers);
        }
        let own = workers.own(parts.len());
        while self.gradients.len() < own.len() {
            self.gradients.push(network.zeros_like());
        }
        let grads = &mut self.gradients[..own.len()];
        let jobs = parts[own.clone()].iter().cloned();
        let jobs = jobs.zip(grads.iter_mut()).collect();
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
        let processes = workers.processes();
        let mut count = own.len();
        if processes.count() > 1 {
            self.unshared = parts;
            add_up_in_order(&mut self.gradients, count, processes);
            count = 1;
        }
        let norm = add_up(&mut self.gradients[..count], &workers.team());
        let mut sum = [0.0];
        sum_in_order(processes, &mut sum, |sum| {
            sum[0] = nats.into_iter().fold(sum[0], |sum, nats| sum + nats);
        });
        let [nats] = sum;
        (Loss { nats, tokens }, &mut self.gradients[0], norm)
    }
    // ANCHOR_END: step_gradient

    /// Every process gets the states that the parts of the others carry to the next step.
    pub(crate) fn share_carried<T: Task<Network = P>>(&mut self, task: &mut T, workers: &Workers) {
        let (processes, parts) = (workers.processes(), &self.unshared);
        for rank in 0..processes.count() {
            let parts = &parts[parts_of(processes, rank, parts.len())];
            let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
                continue;
            };
            let carried = task.carried_mut(first.start..last.end);
            let numbers = carried.iter().flat_map(|slice| slice.iter().copied());
            let numbers = numbers.collect();
            broadcast(processes, rank, carried, numbers);
        }
        self.unshared.clear();
    }
}
