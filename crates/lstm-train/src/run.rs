//! A run of any application: begin, resume, train, save.

use crate::model_file::{BEST, MODEL, StoredModel, write_model};
use crate::run_file::{self, Keep, RUN, RunHeader, StoredRun};
use crate::{
    Application, Descent, Description, Evaluation, Fingerprint, Observer, Outcome, Plan, RunDir,
    StepReport, TrainError, Trainer, TrainerState, Workers,
};
use lstm_model::Engine;
use std::fs;
use std::marker::PhantomData;
use std::ops::ControlFlow;

/// A run in its directory.
pub struct Run<A: Application, R: Engine<Scalar = f32>> {
    dir: RunDir,
    description: A::Description,
    header: RunHeader<A>,
    trainer: Trainer<A::Task<R>>,
    /// The unit that the model predicts, for the names in `metrics.jsonl`, for example `char`.
    unit: &'static str,
}

/// The settings of a new run.
#[derive(Clone, Debug)]
pub struct RunSettings<A> {
    /// The application's settings.
    pub settings: A,
    /// The number of threads.
    pub threads: usize,
    /// The optimiser, learning rate, schedule and clipping.
    pub descent: Descent,
    /// When the run evaluates and when it stops.
    pub plan: Plan,
    /// Which models remain when the run is finished.
    pub keep: Keep,
    /// The fingerprint of the data.
    pub data: Fingerprint,
}

impl<A> RunSettings<A> {
    /// The header of a run before its first step; `engine` is the name of the engine.
    ///
    /// # Errors
    /// [`TrainError::Model`] naming a setting that is out of range.
    pub fn header(self, engine: &str) -> Result<RunHeader<A>, TrainError> {
        self.plan.check()?;
        Ok(RunHeader {
            model_crc32: 0,
            engine: engine.to_owned(),
            threads: self.threads,
            settings: self.settings,
            data: self.data,
            plan: self.plan,
            keep: self.keep,
            state: TrainerState::new(self.descent)?,
        })
    }
}

impl<A: Application, R: Engine<Scalar = f32>> Run<A, R> {
    /// A run before its first step. Its model has the weights of `from`, or new random weights.
    ///
    /// # Errors
    /// If the model, the data or the settings do not fit together.
    pub fn begin(
        dir: RunDir,
        description: A::Description,
        from: Option<StoredModel<A::Description>>,
        header: RunHeader<A>,
        data: &A::Data,
        unit: &'static str,
    ) -> Result<Self, TrainError> {
        let network = match from {
            Some(model) => model.network()?.1,
            None => description.init(header.settings.seed())?,
        };
        let task = header.settings.task(&description, data, &network)?;
        let workers = Workers::new(header.threads)?;
        let trainer = Trainer::new(task, network, header.state.descent, workers)?;
        Ok(Self {
            dir,
            description,
            header,
            trainer,
            unit,
        })
    }

    /// A run in the state that [`save`](Self::save) stored.
    ///
    /// # Errors
    /// If the run, its model and the data do not fit together.
    pub fn resume(
        dir: RunDir,
        stored: StoredRun<A>,
        data: &A::Data,
        unit: &'static str,
    ) -> Result<Self, TrainError> {
        let StoredRun {
            model,
            header,
            tensors,
        } = stored;
        let path = model.path.with_file_name(RUN);
        let (description, network) = model.network()?;
        let task = header.settings.task(&description, data, &network)?;
        let workers = Workers::new(header.threads)?;
        let trainer = Trainer::import(task, network, &header.state, tensors, workers)
            .map_err(|error| TrainError::file(&path, error))?;
        Ok(Self {
            dir,
            description,
            header,
            trainer,
            unit,
        })
    }

    /// The directory of the run.
    pub fn dir(&self) -> &RunDir {
        &self.dir
    }

    /// The description of the model.
    pub fn description(&self) -> &A::Description {
        &self.description
    }

    /// The settings of the run, and its progress when it was last saved.
    pub fn header(&self) -> &RunHeader<A> {
        &self.header
    }

    /// The trainer of the run.
    pub fn trainer(&self) -> &Trainer<A::Task<R>> {
        &self.trainer
    }

    /// Trains until the plan's end, until patience runs out, or until the observer stops the run. Every
    /// evaluation writes a line of metrics and saves the model and the run. At the end, the models remain
    /// that [`Keep`] names.
    ///
    /// # Errors
    /// As [`Trainer::run`], and if a file cannot be written.
    pub fn train(
        &mut self,
        observer: &mut impl Observer<A::Task<R>>,
    ) -> Result<Outcome, TrainError> {
        self.dir.open()?;
        // If the directory cannot be written, the run fails before its first step.
        self.save()?;
        let mut recorder = Recorder {
            engine: PhantomData::<R>,
            dir: &self.dir,
            description: &self.description,
            header: &mut self.header,
            unit: self.unit,
            observer,
        };
        let plan = recorder.header.plan;
        let outcome = self.trainer.run(&plan, &mut recorder)?;
        if outcome == Outcome::Interrupted {
            self.save()?;
        } else if self.header.keep == Keep::Best && self.trainer.progress().best.is_some() {
            for name in [MODEL, RUN] {
                let path = self.dir.path().join(name);
                fs::remove_file(&path).map_err(TrainError::io("remove", &path))?;
            }
        }
        Ok(outcome)
    }

    /// Saves the model and the run.
    ///
    /// # Errors
    /// [`TrainError::Io`]; the files that were saved before are then unchanged.
    pub fn save(&mut self) -> Result<(), TrainError> {
        save(
            &self.dir,
            &self.description,
            &mut self.header,
            &self.trainer,
        )
    }
}

fn save<A: Application, R: Engine<Scalar = f32>>(
    dir: &RunDir,
    description: &A::Description,
    header: &mut RunHeader<A>,
    trainer: &Trainer<A::Task<R>>,
) -> Result<(), TrainError> {
    header.state = trainer.state();
    let tensors = trainer.export();
    run_file::write(dir.path(), description, &trainer.network, header, &tensors)
}

/// The observer that writes metrics and models, and calls the observer of the run's caller.
struct Recorder<'a, A: Application, R, O> {
    engine: PhantomData<R>,
    dir: &'a RunDir,
    description: &'a A::Description,
    header: &'a mut RunHeader<A>,
    unit: &'static str,
    observer: &'a mut O,
}

impl<A, R, O> Observer<A::Task<R>> for Recorder<'_, A, R, O>
where
    A: Application,
    R: Engine<Scalar = f32>,
    O: Observer<A::Task<R>>,
{
    fn on_step(&mut self, trainer: &Trainer<A::Task<R>>, report: &StepReport) -> ControlFlow<()> {
        self.observer.on_step(trainer, report)
    }

    fn on_evaluation(
        &mut self,
        trainer: &Trainer<A::Task<R>>,
        evaluation: &Evaluation,
    ) -> Result<(), TrainError> {
        self.dir.write_metrics(evaluation, self.unit)?;
        if evaluation.is_best && self.header.keep != Keep::Last {
            let path = self.dir.path().join(BEST);
            write_model(&path, self.description, &trainer.network)?;
        }
        save::<A, R>(self.dir, self.description, self.header, trainer)?;
        self.observer.on_evaluation(trainer, evaluation)
    }
}
