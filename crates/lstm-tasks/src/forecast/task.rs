//! The training task of a forecasting model: to forecast the next rows after every row of a window.

use super::description::check_length;
use super::fit::has_scale;
use super::window::{ScaledSeries, Window, WindowBatch, windows};
use super::{
    Cuts, Forecaster, ForecasterDescription, HeldOut, Objective, SeriesData, SeriesSource,
};
use crate::TasksError;
use crate::batch::Examples;
use crate::text_settings::check_size;
use lstm_model::{Engine, Loss, ModelError};
use lstm_text::InputLimit;
use lstm_train::{Application, BatchSize, Part, Task, TrainError, Workers};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;
use std::ops::Range;

/// How a forecasting model is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecastSettings {
    /// Where the series come from.
    pub source: SeriesSource,
    /// What is held out of them.
    pub held_out: HeldOut,
    /// The rows of a window, T.
    pub context: usize,
    /// The number of windows in a batch, B.
    pub batch_size: usize,
    /// The seed of every random choice.
    pub seed: u64,
}

impl ForecastSettings {
    /// Reads the series for a model.
    ///
    /// # Errors
    /// As [`SeriesSource::read`], and if the model has other columns.
    pub fn read_for(
        &self,
        description: &ForecasterDescription,
        limit: InputLimit,
    ) -> Result<SeriesData, TasksError> {
        self.expect_columns_of(description)?;
        self.source.read(limit)
    }

    fn expect_columns_of(&self, description: &ForecasterDescription) -> Result<(), TasksError> {
        if self.source.columns() == description.columns {
            return Ok(());
        }
        let why = "the columns of the run are not those of its model";
        Err(TasksError::table(&self.source.to_string(), why))
    }
}

impl Application for ForecastSettings {
    type Description = ForecasterDescription;
    type Data = SeriesData;
    type Task<R: Engine<Scalar = f32>> = ForecastTask<R>;

    fn check(&self) -> Result<(), ModelError> {
        self.held_out.check()?;
        check_length("context", self.context)?;
        check_size("batch size", self.batch_size)
    }

    fn tape_numbers(&self, description: &ForecasterDescription) -> usize {
        let network = &description.network;
        let of_row =
            12 * network.hidden_size * network.layers + network.input_size + 2 * network.outputs;
        of_row
            .saturating_mul(self.context)
            .saturating_mul(self.batch_size)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps_per_epoch(&self, data: &SeriesData) -> Result<u64, TrainError> {
        let cuts = self.held_out.cuts(&data.series, data.step);
        // The windows of the task, but for those without a target, which are rare.
        let all = data.series.iter().zip(cuts);
        let used = all.filter(|(series, cuts)| has_scale(series, cuts.train));
        let windows = used.map(|(_, cuts)| (cuts.train - 1).saturating_sub(self.context) + 1);
        let windows: usize = windows.sum();
        Ok(windows.div_ceil(self.batch_size).max(1) as u64)
    }

    fn task<R: Engine<Scalar = f32>>(
        &self,
        description: &ForecasterDescription,
        data: &SeriesData,
        _network: &Forecaster<R>,
    ) -> Result<ForecastTask<R>, TrainError> {
        self.expect_columns_of(description)
            .map_err(TrainError::data)?;
        Ok(ForecastTask::new(self, description, data)?)
    }
}

/// The training task of a forecasting model.
pub struct ForecastTask<R> {
    series: Vec<ScaledSeries>,
    cuts: Vec<Cuts>,
    windows: Examples<Window>,
    objective: Objective,
    seed: u64,
    engine: PhantomData<fn() -> R>,
}

impl<R> ForecastTask<R> {
    fn new(
        settings: &ForecastSettings,
        description: &ForecasterDescription,
        data: &SeriesData,
    ) -> Result<Self, ModelError> {
        let all = settings.held_out.cuts(&data.series, data.step);
        let (mut series, mut cuts) = (Vec::new(), Vec::new());
        for (one, cut) in data.series.iter().zip(all) {
            if let Some(scale) = description.scale(&one.id) {
                series.push(ScaledSeries::new(one, scale, description));
                cuts.push(cut);
            }
        }
        let train = windows(&series, &cuts, settings.context);
        let (batch_size, seed) = (settings.batch_size, settings.seed);
        let parts = (train, Vec::new());
        Ok(Self {
            windows: Examples::new(
                "number of windows to train on",
                parts,
                |window: &Window| window.len,
                batch_size,
                seed,
            )?,
            objective: description.objective.clone(),
            series,
            cuts,
            seed,
            engine: PhantomData,
        })
    }
}

impl<R: Engine<Scalar = f32>> Task for ForecastTask<R> {
    const IN_NATS: bool = false;
    type Network = Forecaster<R>;
    /// The numbers of the windows.
    type Batch = Vec<usize>;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.windows.steps_per_epoch()
    }

    fn batch(&mut self, step: u64) -> Vec<usize> {
        self.windows.batch(step)
    }

    fn size(&self, batch: &Vec<usize>) -> BatchSize {
        self.windows.size(batch, |window| window.tokens)
    }

    fn parts(&self, network: &Self::Network, sequences: usize, threads: usize) -> usize {
        R::parts(network.config().hidden_size, sequences, threads)
    }

    fn gradient(
        &self,
        network: &Self::Network,
        batch: &Vec<usize>,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let batch = WindowBatch::new(&self.series, &self.cuts, self.windows.part(batch, part));
        let masks = Some(part.dropout(self.seed));
        let loss =
            network.loss_and_gradient(&batch, &self.objective, masks, part.scale, grad, part.team);
        (loss.into(), ())
    }

    /// The state is carried from the first row of a series, as it is when the model is used.
    fn validate(&self, network: &Self::Network, workers: &Workers) -> Option<f64> {
        let jobs: Vec<_> = self.series.iter().zip(&self.cuts).collect();
        let loss = workers.losses(jobs, |(series, cuts), _team| {
            part_loss(network, &self.objective, series, cuts.train..cuts.test)
        });
        loss.mean()
    }
}

/// The rows that are read at a time: their outputs are in memory together.
const ROWS: usize = 256;

/// The loss of a part of a series: the forecasts of its rows, made from the row before the part on.
pub(super) fn part_loss<R: Engine<Scalar = f32>>(
    network: &Forecaster<R>,
    objective: &Objective,
    series: &ScaledSeries,
    part: Range<usize>,
) -> Loss {
    let mut loss = Loss::default();
    let mut states = network.stack.zero_states(1);
    let first = part.start.max(1) - 1;
    let end = part.end.saturating_sub(1).min(series.complete);
    for start in (0..end).step_by(ROWS) {
        let rows = start..end.min(start + ROWS);
        let x = series.x.columns_range(rows.clone()).into_owned();
        let (z, next) = network.read(&x, &states);
        states = next;
        for (row, z_t) in rows.zip(z.column_iter()).filter(|(row, _)| *row >= first) {
            let (y, present): (Vec<f32>, Vec<bool>) = series.targets(row, &part).unzip();
            loss.nats += f64::from(objective.loss(z_t.as_slice(), &y, &present));
            loss.tokens += present.into_iter().filter(|present| *present).count();
        }
    }
    loss
}
