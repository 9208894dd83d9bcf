//! Training that diverges.

use lstm_plot::grouped;
use lstm_train::StepReport;

/// Notices, once, that the loss has become far worse than that of guessing.
pub struct Explosion {
    /// ln V, the loss of a model that finds all V answers equally probable.
    guess: f64,
    /// The loss of the session's first step: a model that is trained further may begin badly.
    first: Option<f64>,
    warned: bool,
}

impl Explosion {
    pub fn new(guess: f64) -> Self {
        Self {
            guess,
            first: None,
            warned: false,
        }
    }

    pub fn warning(&mut self, report: &StepReport) -> Option<String> {
        let &StepReport {
            loss,
            step,
            learning_rate,
            ..
        } = report;
        let first = *self.first.get_or_insert(loss);
        // A run that learns stays below; one unlucky batch costs less than twice as much.
        if self.warned || loss <= 2.0 * self.guess.max(1.0) || loss <= 2.0 * first {
            return None;
        }
        self.warned = true;
        Some(format!(
            "warning: the training loss is {loss:.1} at step {}, far above the {:.2} of guessing: the run has \
             exploded; a learning rate below {learning_rate} or a smaller --clip may help",
            grouped(step),
            self.guess
        ))
    }
}
