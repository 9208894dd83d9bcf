//! A run, whatever is learned: begin, resume, train, save.

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
    /// The unit that the model predicts, for the names in `metrics.jsonl`: `char`, say.
    unit: &'static str,
}

/// Everything that decides a new run besides its model and its data.
#[derive(Clone, Debug)]
pub struct RunSettings<A> {
    /// The application's settings.
    pub settings: A,
    /// The threads that train.
    pub threads: usize,
    /// How the weights are changed.
    pub descent: Descent,
    /// When the run stops and evaluates.
    pub plan: Plan,
    /// Which models it leaves behind.
    pub keep: Keep,
    /// The fingerprint of the data.
    pub data: Fingerprint,
}

impl<A> RunSettings<A> {
    /// The header of a run before its first step, on the engine of this name.
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
    /// A run before its first step. Its model has new weights, or those of `from`.
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

    /// A run where [`save`](Self::save) left it.
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

    /// Its directory.
    pub fn dir(&self) -> &RunDir {
        &self.dir
    }

    /// What is trained.
    pub fn description(&self) -> &A::Description {
        &self.description
    }

    /// Its settings, and how far it had come when it was last saved.
    pub fn header(&self) -> &RunHeader<A> {
        &self.header
    }

    /// What trains it.
    pub fn trainer(&self) -> &Trainer<A::Task<R>> {
        &self.trainer
    }

    /// Trains until the plan's end, until patience runs out, or until the observer stops it. The
    /// directory is kept up to date: at every evaluation a line of metrics and the model, and
    /// at the end all that [`Keep`] asks for.
    ///
    /// # Errors
    /// As [`Trainer::run`], and if a file cannot be written.
    pub fn train(
        &mut self,
        observer: &mut impl Observer<A::Task<R>>,
    ) -> Result<Outcome, TrainError> {
        self.dir.open()?;
        // The first save shows at once whether the directory can be written.
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

    /// Saves the model and the run as they stand.
    ///
    /// # Errors
    /// [`TrainError::Io`]; what was saved before is then still there.
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

/// Writes metrics and models, and passes everything on to the run's observer.
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
