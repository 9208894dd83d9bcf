//! Watching a run: progress bar, metrics, checkpoints, Ctrl-C.

use crate::error::{CliError, say};
use crate::interrupt;
use crate::run_dir::RunDir;
use indicatif::{ProgressBar, ProgressStyle};
use lstm_model::{Evaluation, ModelError, Observer, Plan, RunHeader, StepReport, Task, Trainer};
use lstm_plot::grouped;
use std::io::{Write, stdout};
use std::ops::ControlFlow;
use std::time::Instant;

/// Trains until the plan is fulfilled (`true`) or the user stops it (`false`); the run's directory is
/// kept up to date. `command` is what goes on with it, and `show` says what to print below an
/// evaluation's line, if anything.
pub fn train<T: Task, H: RunHeader>(
    run: &RunDir,
    header: &mut H,
    trainer: &mut Trainer<T>,
    command: &str,
    show: impl FnMut(&Trainer<T>) -> String,
) -> Result<bool, CliError> {
    interrupt::listen();
    let plan = *header.plan();
    let mut watch = Watch::new(run, header, show);
    // The first checkpoint shows at once whether the directory can be written.
    watch.save(trainer)?;
    let completed = trainer.run(&plan, &mut watch);
    watch.bar.finish_and_clear();
    let completed = completed?;
    if !completed {
        watch.save(trainer)?;
        let (dir, step) = (run.path().display(), trainer.progress().step);
        say!("stopped and saved at step {step}; go on with: {command} --resume {dir}");
    }
    Ok(completed)
}

/// Follows a run, and keeps its directory up to date.
struct Watch<'a, H, F> {
    run: &'a RunDir,
    header: &'a mut H,
    bar: ProgressBar,
    plan: Plan,
    unit: &'static str,
    smoothed_loss: Option<f64>,
    session: Instant,
    session_tokens: usize,
    show: F,
}

impl<'a, H: RunHeader, F> Watch<'a, H, F> {
    fn new(run: &'a RunDir, header: &'a mut H, show: F) -> Self {
        let plan = *header.plan();
        let len = plan.steps.or(plan.seconds.map(|s| (10.0 * s) as u64));
        let style = ProgressStyle::with_template(
            "{bar:24} {percent:>3}%  {msg}  {elapsed_precise}, left {eta_precise}",
        )
        .expect("the template is well formed");
        let progress = header.state().progress;
        let bar = ProgressBar::new(len.unwrap_or(0))
            .with_style(style)
            .with_position(position(&plan, progress.step, progress.seconds));
        bar.reset_eta();
        Self {
            run,
            plan,
            unit: header.unit(),
            bar,
            header,
            smoothed_loss: None,
            session: Instant::now(),
            session_tokens: 0,
            show,
        }
    }

    /// Saves the run as it stands.
    fn save<T: Task>(&mut self, trainer: &Trainer<T>) -> Result<(), ModelError> {
        self.header.save(self.run.path(), trainer)
    }
}

impl<T: Task, H: RunHeader, F: FnMut(&Trainer<T>) -> String> Observer<T> for Watch<'_, H, F> {
    fn on_step(&mut self, trainer: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        let smoothed = self.smoothed_loss.get_or_insert(report.loss);
        *smoothed += 0.1 * (report.loss - *smoothed);
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
    ) -> Result<(), ModelError> {
        self.run
            .write_metrics(evaluation, self.unit)
            .map_err(|source| ModelError::Io {
                action: "write",
                path: self.run.metrics_path(),
                source,
            })?;
        self.save(trainer)?;
        let (line, shown) = (line(evaluation, self.unit), (self.show)(trainer));
        // Training goes on whether or not anyone reads.
        self.bar
            .suspend(|| drop(writeln!(stdout(), "{line}{shown}")));
        Ok(())
    }
}

/// A run limited by steps counts steps, one limited by time tenths of a second.
fn position(plan: &Plan, step: u64, seconds: f64) -> u64 {
    match plan.steps {
        Some(_) => step,
        None => (10.0 * seconds) as u64,
    }
}

fn line(e: &Evaluation, unit: &str) -> String {
    let val_loss = e
        .val_loss
        .map_or("none".to_owned(), |loss| format!("{loss:.4}"));
    format!(
        "step {:>6}  train {:.4}  val {val_loss}  {:.3} bits/{unit}  perplexity {:.2}  {} {unit}s/s",
        grouped(e.step),
        e.train_loss,
        e.bpc,
        e.perplexity,
        grouped(e.chars_per_s as u64)
    )
}
