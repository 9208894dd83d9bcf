//! The output of a run while it trains: a progress bar, and a line for each evaluation.

use crate::error::note;
use crate::{interrupt, terminal};
use indicatif::{ProgressBar, ProgressStyle};
use lstm_plot::grouped;
use lstm_train::{Evaluation, Observer, Plan, StepReport, Task, TrainError, Trainer};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The progress bar of a run. `show` says what to print below an evaluation's line.
pub struct Progress<F> {
    bar: ProgressBar,
    plan: Plan,
    unit: &'static str,
    smoothed_loss: Option<f64>,
    explosion: Explosion,
    session: Instant,
    session_tokens: usize,
    told_of_room: Option<Instant>,
    show: F,
}

/// The time between two warnings of a full disk.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(30);

impl<F> Progress<F> {
    pub fn new(
        plan: &Plan,
        progress: &lstm_train::Progress,
        unit: &'static str,
        guess: f64,
        show: F,
    ) -> Self {
        let len = plan.steps.or(plan.seconds.map(|s| (10.0 * s) as u64));
        let style = ProgressStyle::with_template(
            "{bar:24} {percent:>3}%  {msg}  {elapsed_precise}, left {eta_precise}",
        )
        .expect("the template is well formed");
        let bar = ProgressBar::new(len.unwrap_or(0))
            .with_style(style)
            .with_position(position(plan, progress.step, progress.seconds));
        bar.reset_eta();
        Self {
            bar,
            plan: *plan,
            unit,
            smoothed_loss: None,
            explosion: Explosion::new(guess),
            session: Instant::now(),
            session_tokens: 0,
            told_of_room: None,
            show,
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl<T: Task, F: FnMut(&T::Network) -> String> Observer<T> for Progress<F> {
    fn on_step(&mut self, trainer: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        let smoothed = self.smoothed_loss.get_or_insert(report.loss);
        *smoothed += 0.1 * (report.loss - *smoothed);
        if let Some(warning) = self.explosion.warning(report) {
            self.bar.suspend(|| note!("{warning}"));
        }
        self.session_tokens += report.tokens;
        let rate = self.session_tokens as f64 / self.session.elapsed().as_secs_f64();
        self.bar.set_message(format!(
            "step {}  loss {smoothed:.3}  {} {}s/s",
            grouped(report.step),
            grouped(rate as u64),
            self.unit
        ));
        let seconds = trainer.progress().seconds;
        self.bar
            .set_position(position(&self.plan, report.step, seconds));
        if interrupt::asked() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn on_evaluation(
        &mut self,
        trainer: &Trainer<T>,
        evaluation: &Evaluation,
    ) -> Result<(), TrainError> {
        let (told, shown) = (told(evaluation, self.unit), (self.show)(&trainer.network));
        // Training goes on even if nobody reads the output.
        self.bar
            .suspend(|| drop(terminal::print_lines(&format!("{told}{shown}"))));
        Ok(())
    }

    fn on_no_room(&mut self, error: &TrainError) -> ControlFlow<()> {
        if self
            .told_of_room
            .is_none_or(|told| told.elapsed() > BETWEEN_WARNINGS)
        {
            self.told_of_room = Some(Instant::now());
            self.bar.suspend(|| {
                note!("warning: {error}; make room: saving is tried again until it succeeds");
            });
        }
        ControlFlow::Continue(())
    }
}

/// Notices, once, that the loss has become far worse than that of guessing.
struct Explosion {
    /// ln V, the loss of a model that finds all V answers equally probable.
    guess: f64,
    /// The loss of the session's first step: a model that is trained further may begin badly.
    first: Option<f64>,
    warned: bool,
}

impl Explosion {
    fn new(guess: f64) -> Self {
        Self {
            guess,
            first: None,
            warned: false,
        }
    }

    fn warning(&mut self, report: &StepReport) -> Option<String> {
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

/// The position of the bar: in steps if the plan limits the steps, else in tenths of a second.
fn position(plan: &Plan, step: u64, seconds: f64) -> u64 {
    match plan.steps {
        Some(_) => step,
        None => (10.0 * seconds) as u64,
    }
}

fn told(e: &Evaluation, unit: &str) -> String {
    let val_loss = e.val_loss.map(|loss| format!("{loss:.4}"));
    let val_loss = val_loss.unwrap_or_else(|| "none".to_owned());
    format!(
        "step {:>6}  train {:.4}  val {val_loss}  {:.3} bits/{unit}  perplexity {:.2}  {} {unit}s/s",
        grouped(e.step),
        e.train_loss,
        e.bpc,
        e.perplexity,
        grouped(e.chars_per_s as u64)
    )
}
