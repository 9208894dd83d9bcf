//! A session once its run, its data and its directory are known: it trains.

use super::{NetworkOf, Subject, announce, end};
use crate::engine::WithEngine;
use crate::error::CliError;
use crate::gauge::Gauge;
use crate::interrupt;
use crate::progress::{Follower, Progress};
use crate::sample;
use lstm_model::Engine;
use lstm_train::{Outcome, Processes, Run, RunDir, RunHeader, StoredModel, StoredRun};

/// What a session starts from.
pub enum Start<S: Subject> {
    New {
        description: S::Description,
        from: Option<StoredModel<S::Description>>,
        header: RunHeader<S>,
    },
    Resumed(StoredRun<S>),
}

/// A run, its data, and the processes that train it.
pub struct Session<S: Subject> {
    pub dir: RunDir,
    pub start: Start<S>,
    pub data: S::Data,
    pub processes: Box<dyn Processes>,
    /// Whether to open the report in the browser.
    pub open: bool,
}

impl<S: Subject> WithEngine for Session<S> {
    type Output = Result<Outcome, CliError>;

    fn run<R: Engine<Scalar = f32>>(self) -> Result<Outcome, CliError> {
        let Self {
            dir,
            start,
            data,
            processes,
            open,
        } = self;
        let is_writer = processes.rank() == 0;
        let mut run = match start {
            Start::New {
                description,
                from,
                header,
            } => {
                let unit = S::unit(&description);
                Run::<S, R>::begin(dir, description, from, header, &data, unit)?
            }
            Start::Resumed(stored) => {
                let unit = S::unit(&stored.model.description);
                Run::resume(dir, stored, &data, unit)?
            }
        };
        if processes.count() > 1 {
            run.join(processes)?;
        }
        if !is_writer {
            interrupt::listen();
            return Ok(run.train(&mut Follower)?);
        }
        // Training goes on even if nobody reads the output.
        let summary = S::summary(run.header(), run.description(), &data);
        let _ = announce::announce(&run, &summary);
        interrupt::listen();
        let (description, header) = (run.description().clone(), run.header().clone());
        let show = |network: &NetworkOf<S, R>| {
            let settings = &header.settings;
            settings.sample::<R>(&description, &data, network)
        };
        let unit = S::unit(&description);
        let guess = S::guess(&description);
        let before = &header.state.progress;
        let mut samples = sample::read(run.dir().path(), before.step);
        let gauge = Gauge::new(&header.plan, before, unit);
        let mut progress = Progress::new(gauge, unit, guess, show);
        let outcome = run.train(&mut progress);
        samples.extend(progress.finish());
        let outcome = outcome?;
        end::report(&run, &data, summary, outcome, &samples, open)?;
        Ok(outcome)
    }
}
