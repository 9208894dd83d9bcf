//! What sessions need from forecasting models.

use super::example::{Example, example};
use crate::count::counted;
use crate::error::CliError;
use crate::report::Picture;
use crate::sample::Sample;
use crate::session::{Drawn, Subject, Summary};
use crate::settings::Sizes;
use lstm_model::Engine;
use lstm_plot::grouped;
use lstm_tasks::data::series::Series;
use lstm_tasks::forecast::{
    Cuts, ForecastSettings, Forecaster, ForecasterDescription, HeldOutPart, Objective, Reference,
    SeriesData, best_loss,
};
use lstm_train::{Run, RunHeader};

impl Subject for ForecastSettings {
    fn command(_: &ForecasterDescription) -> &'static str {
        "lstm forecast"
    }

    fn unit(_: &ForecasterDescription) -> &'static str {
        "value"
    }

    /// The forecast 0, the mean of the training part: with normal values about 0.4 for each quantile, and
    /// 1.4 for a normal distribution.
    fn guess(_: &ForecasterDescription) -> f64 {
        1.4
    }

    fn sizes(description: &ForecasterDescription) -> Sizes {
        let network = &description.network;
        Sizes {
            layers: network.layers,
            hidden_size: network.hidden_size,
            embed_size: 0,
            dropout: network.dropout,
        }
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }

    fn summary(
        run: &RunHeader<Self>,
        description: &ForecasterDescription,
        data: &SeriesData,
    ) -> Summary {
        let cuts = run.settings.held_out.cuts(&data.series, data.step);
        let trained = data.series.iter().zip(cuts);
        let trained: Vec<_> = trained
            .filter(|(one, _)| description.scale(&one.id).is_some())
            .collect();
        let sum = |of: fn(&(&Series, Cuts)) -> usize| {
            grouped(trained.iter().map(of).sum::<usize>() as u64)
        };
        let rows: usize = trained.iter().map(|(one, _)| one.len()).sum();
        let best = best_loss(description, &run.settings, data, HeldOutPart::Validation);
        let best = best.map_or(String::new(), |loss| {
            format!("; the lowest loss that is possible in validation is {loss:.4}")
        });
        let season = match description.season {
            1 => "no season".to_owned(),
            season => format!("a season of {season}"),
        };
        let (network, units) = (
            &description.network,
            counted(description.network.hidden_size, "unit"),
        );
        Summary {
            data: format!(
                "{} of {} series, {season}: {} to train, {} to validate and {} to test{best}",
                counted(rows, "row"),
                trained.len(),
                sum(|(_, cuts)| cuts.train),
                sum(|(_, cuts)| cuts.test - cuts.train),
                sum(|(one, cuts)| one.len() - cuts.test),
            ),
            model: format!(
                "{} × {units}, {} of {} ahead, relative to {}",
                network.layers,
                kind(&description.objective),
                counted(description.horizon, "row"),
                relative_to(description),
            ),
            batches: format!(
                "{} of {} in a batch",
                counted(run.settings.batch_size, "window"),
                counted(run.settings.context, "row")
            ),
        }
    }

    fn sample<R: Engine<Scalar = f32>>(
        &self,
        description: &ForecasterDescription,
        data: &SeriesData,
        network: &Forecaster<R>,
    ) -> Option<Sample> {
        Some(example(self, description, data, network)?.sample(description))
    }

    fn draw<R: Engine<Scalar = f32>>(
        run: &Run<Self, R>,
        data: &SeriesData,
    ) -> Result<Drawn, CliError> {
        let (settings, description) = (&run.header().settings, run.description());
        let example = example(settings, description, data, &run.trainer().network);
        let Some(Example {
            series,
            row,
            forecast,
        }) = example
        else {
            return Ok(Drawn::default());
        };
        let svg = super::picture::draw(description, series, row, &forecast);
        let title = "Forecast of the first rows of the validation part".to_owned();
        let picture = svg.clone().ok().map(|svg| Picture::Plot { title, svg });
        Ok(Drawn {
            picture,
            svg: Some(("forecast.svg", svg)),
        })
    }

    fn next(description: &ForecasterDescription, _: &SeriesData, dir: &str) -> Vec<String> {
        let run = match description.columns.known.as_slice() {
            [] => format!("lstm forecast run --model {dir} --plot next.svg"),
            // The table of the run need not reach far enough.
            _ => format!("lstm forecast run --model {dir} --data TABLE --plot next.svg"),
        };
        vec![format!("lstm forecast eval --model {dir}"), run]
    }
}

fn kind(objective: &Objective) -> String {
    match objective {
        Objective::Quantiles(quantiles) => counted(quantiles.len(), "quantile"),
        Objective::Gaussian => "a normal distribution".to_owned(),
    }
}

/// What the values are relative to.
pub fn relative_to(description: &ForecasterDescription) -> String {
    match description.reference {
        Reference::Training => "the mean of the training part".to_owned(),
        Reference::Last => "the last value".to_owned(),
        Reference::Recent => "the mean of the last rows".to_owned(),
        Reference::Season => format!("the value {} before", counted(description.season, "row")),
    }
}
