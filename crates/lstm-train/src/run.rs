//! A training run of any application: begin, resume, train, save.

use crate::memory::expect_room;
use crate::model_file::{self, BEST, MODEL, StoredModel, write_tensors};
use crate::run_file::{self, Keep, RUN, RunHeader, StoredRun};
use crate::{
    Application, Descent, Description, Evaluation, Fingerprint, Observer, Outcome, Plan, Processes,
    RunDir, StepReport, TrainError, Trainer, TrainerState, Workers, files, tensor_file,
};
use lstm_model::{Engine, Tensors};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;

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
    /// Which models are kept when the run is finished.
    pub keep: Keep,
    /// The fingerprint of the data.
    pub data: Fingerprint,
}

impl<A: Application> RunSettings<A> {
    /// The header of a run before its first step; `engine` is the name of the engine.
    ///
    /// # Errors
    /// [`TrainError::Model`] naming a setting that is out of range.
    pub fn header(self, engine: &str) -> Result<RunHeader<A>, TrainError> {
        let header = RunHeader {
            model_crc32: 0,
            engine: engine.to_owned(),
            threads: self.threads,
            settings: self.settings,
            data: self.data,
            plan: self.plan,
            keep: self.keep,
            state: TrainerState::new(self.descent)?,
        };
        header.check()?;
        Ok(header)
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
        description.check()?;
        expect_room(&header, &description)?;
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

    /// Resumes a run from the state that was saved last.
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
        expect_room(&header, &model.description)?;
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

    /// Trains together with other processes, which have begun or resumed the same run. Rank 0 writes it;
    /// the others have a [`RunDir::elsewhere`].
    ///
    /// # Errors
    /// [`TrainError::OtherProcess`] if a process has another version, other options, data, weights or
    /// moments.
    pub fn join(&mut self, processes: Box<dyn Processes>) -> Result<(), TrainError> {
        let (header, trainer) = (&self.header, &mut self.trainer);
        let mut options = serde_json::to_value(header).expect("a header is JSON");
        // The same data may lie somewhere else on another machine.
        options["data"] = serde_json::Value::Null;
        let weights = tensor_file::checksum(&model_file::weights(&trainer.network));
        let moments = tensor_file::checksum(&trainer.export());
        let own = [
            (
                "version",
                crc32fast::hash(env!("CARGO_PKG_VERSION").as_bytes()),
            ),
            ("options", crc32fast::hash(options.to_string().as_bytes())),
            ("data", header.data.crc32),
            ("weights", weights),
            ("moments", moments),
        ];
        trainer.join(processes, &own)
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
    /// evaluation writes a line of metrics and saves the model and the run. At the end only the models
    /// that [`Keep`] names are kept. If the disk is full, training continues as long as the observer
    /// allows it ([`Observer::on_no_room`]), and the last save is repeated until it succeeds.
    ///
    /// # Errors
    /// As [`Trainer::run`], and if a file cannot be written.
    pub fn train(
        &mut self,
        observer: &mut impl Observer<A::Task<R>>,
    ) -> Result<Outcome, TrainError> {
        self.dir.open(self.header.state.progress.step)?;
        let plan = self.header.plan;
        let mut recorder = Recorder {
            engine: PhantomData::<R>,
            dir: &mut self.dir,
            description: &self.description,
            header: &mut self.header,
            unit: self.unit,
            best: None,
            is_saved: true,
            observer,
        };
        // Save before the first step, to find out at once whether the directory is writable.
        recorder.save(&self.trainer)?;
        let outcome = self.trainer.run(&plan, &mut recorder)?;
        if outcome == Outcome::Interrupted {
            recorder.save_or_wait(&self.trainer)?;
        }
        while !recorder.is_saved {
            thread::sleep(RETRY);
            recorder.save_or_wait(&self.trainer)?;
        }
        if outcome != Outcome::Interrupted && !self.dir.is_elsewhere() {
            self.remove_models()?;
        }
        Ok(outcome)
    }

    /// Removes the models that [`Keep`] does not name.
    fn remove_models(&self) -> Result<(), TrainError> {
        let has_best = self.trainer.progress().best.is_some();
        let names: &[&str] = match self.header.keep {
            // In this order, because a run without its model cannot be read.
            Keep::Best if has_best => &[RUN, MODEL],
            // Of an earlier session that kept it.
            Keep::Last => &[BEST],
            Keep::Best | Keep::Both => &[],
        };
        let mut paths = names.iter().map(|name| self.dir.path().join(name));
        paths.try_for_each(|path| files::remove(&path))
    }
}

/// The time between two attempts at the last save.
const RETRY: Duration = Duration::from_millis(500);

/// The observer that writes metrics and models, and then calls the caller's observer.
struct Recorder<'a, A: Application, R, O> {
    engine: PhantomData<R>,
    dir: &'a mut RunDir,
    description: &'a A::Description,
    header: &'a mut RunHeader<A>,
    unit: &'static str,
    /// The weights of the best model, if they have not been written yet.
    best: Option<Tensors>,
    /// Whether the last save succeeded.
    is_saved: bool,
    observer: &'a mut O,
}

impl<A, R, O> Recorder<'_, A, R, O>
where
    A: Application,
    R: Engine<Scalar = f32>,
    O: Observer<A::Task<R>>,
{
    /// Writes everything that is not on disk yet.
    fn save(&mut self, trainer: &Trainer<A::Task<R>>) -> Result<(), TrainError> {
        if self.dir.is_elsewhere() {
            return Ok(());
        }
        self.dir.write_metrics()?;
        if let Some(best) = &self.best {
            write_tensors(&self.dir.path().join(BEST), self.description, best)?;
            self.best = None;
        }
        self.header.state = trainer.state();
        let (network, tensors) = (&trainer.network, trainer.export());
        run_file::write(
            self.dir.path(),
            self.description,
            network,
            self.header,
            &tensors,
        )
    }

    /// Saves. If the disk is full, this is an error only if the observer does not want to wait for free
    /// space.
    fn save_or_wait(&mut self, trainer: &Trainer<A::Task<R>>) -> Result<(), TrainError> {
        let result = self.save(trainer);
        self.is_saved = result.is_ok();
        match result {
            Err(error) if error.is_out_of_room() => match self.observer.on_no_room(&error) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(error),
            },
            other => other,
        }
    }
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
        self.dir.note(evaluation, self.unit);
        if evaluation.is_best && self.header.keep != Keep::Last {
            self.best = Some(model_file::weights(&trainer.network));
        }
        self.save_or_wait(trainer)?;
        self.observer.on_evaluation(trainer, evaluation)
    }
}
