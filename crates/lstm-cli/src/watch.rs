//! Watching a run: progress bar, metrics, checkpoints, Ctrl-C.

use crate::interrupt;
use crate::run_dir::RunDir;
use indicatif::{ProgressBar, ProgressStyle};
use lstm_model::{
    Evaluation, LanguageModelHeader, LanguageTask, ModelError, Observer, Plan, Recurrent,
    StepReport, Trainer,
};
use lstm_plot::grouped;
use std::io::{Write, stdout};
use std::ops::ControlFlow;
use std::time::Instant;

/// What is done with every evaluation besides writing it down.
type OnEvaluation<'a, R> = Box<dyn FnMut(&Trainer<LanguageTask<R>>) -> String + 'a>;

/// Follows a language model's run, and keeps its directory up to date.
pub struct Watch<'a, R: Recurrent<Scalar = f32>> {
    run: &'a RunDir,
    header: &'a mut LanguageModelHeader,
    bar: ProgressBar,
    plan: Plan,
    smoothed_loss: Option<f64>,
    session: Instant,
    session_tokens: usize,
    show: OnEvaluation<'a, R>,
}

impl<'a, R: Recurrent<Scalar = f32>> Watch<'a, R> {
    /// `show` says what to print below an evaluation's line, if anything.
    pub fn new(
        run: &'a RunDir,
        header: &'a mut LanguageModelHeader,
        show: impl FnMut(&Trainer<LanguageTask<R>>) -> String + 'a,
    ) -> Self {
        let plan = header.plan;
        let len = plan.steps.or(plan.seconds.map(|s| (10.0 * s) as u64));
        let style = ProgressStyle::with_template(
            "{bar:24} {percent:>3}%  {msg}  {elapsed_precise}, left {eta_precise}",
        )
        .expect("the template is well formed");
        let progress = header.state.progress;
        let bar = ProgressBar::new(len.unwrap_or(0))
            .with_style(style)
            .with_position(position(&plan, progress.step, progress.seconds));
        bar.reset_eta();
        Self {
            run,
            plan,
            bar,
            header,
            smoothed_loss: None,
            session: Instant::now(),
            session_tokens: 0,
            show: Box::new(show),
        }
    }

    /// Saves the run as it stands.
    pub fn save(&mut self, trainer: &Trainer<LanguageTask<R>>) -> Result<(), ModelError> {
        self.header.save(self.run.path(), trainer)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl<R: Recurrent<Scalar = f32>> Observer<LanguageTask<R>> for Watch<'_, R> {
    fn on_step(
        &mut self,
        trainer: &Trainer<LanguageTask<R>>,
        report: &StepReport,
    ) -> ControlFlow<()> {
        let smoothed = self.smoothed_loss.get_or_insert(report.loss);
        *smoothed += 0.1 * (report.loss - *smoothed);
        self.session_tokens += report.tokens;
        let rate = self.session_tokens as f64 / self.session.elapsed().as_secs_f64();
        self.bar.set_message(format!(
            "step {}  loss {smoothed:.3}  {} chars/s",
            grouped(report.step),
            grouped(rate as u64)
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
        trainer: &Trainer<LanguageTask<R>>,
        evaluation: &Evaluation,
    ) -> Result<(), ModelError> {
        self.run
            .write_metrics(evaluation)
            .map_err(|source| ModelError::Io {
                action: "write",
                path: self.run.metrics_path(),
                source,
            })?;
        self.save(trainer)?;
        let shown = (self.show)(trainer);
        // Training goes on whether or not anyone reads.
        self.bar
            .suspend(|| drop(writeln!(stdout(), "{}{shown}", line(evaluation))));
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

fn line(e: &Evaluation) -> String {
    let val_loss = e
        .val_loss
        .map_or("none".to_owned(), |loss| format!("{loss:.4}"));
    format!(
        "step {:>6}  train {:.4}  val {val_loss}  {:.3} bits/char  perplexity {:.2}  {} chars/s",
        grouped(e.step),
        e.train_loss,
        e.bpc,
        e.perplexity,
        grouped(e.chars_per_s as u64)
    )
}
