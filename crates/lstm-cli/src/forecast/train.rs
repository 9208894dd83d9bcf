//! `lstm forecast train`.

use super::of_run::warn;
use crate::args::{ForecastTrainArgs, HeadName, ReferenceName};
use crate::error::CliError;
use crate::session::{self, Learned, NewRun, Subject};
use crate::settings::{Defaults, Sizes, expect_none_of_model, expect_same, seed};
use lstm_tasks::data::series::Columns;
use lstm_tasks::forecast::{
    ForecastSettings, ForecasterDescription, HeldOut, NewForecaster, Objective, Reference,
    SeriesData, SeriesSource,
};
use lstm_train::{Application, StoredModel, StoredRun};

/// A run has at least this many steps by default: a short series has few windows in an epoch.
const STEPS: u64 = 600;

const DEFAULTS: Defaults = Defaults {
    sizes: Sizes {
        layers: 1,
        hidden_size: 64,
        embed_size: 0,
        dropout: 0.1,
    },
    batch_size: 32,
    learning_rate: 3e-3,
    clip: 1.0,
    eval_every: 100,
    eval_apart: 100,
    epochs: 1,
    ..Defaults::REAL
};

pub fn train(args: &ForecastTrainArgs) -> Result<(), CliError> {
    if args.run.model.embed.is_some() {
        let expected = "a series has no embedding: leave the option out";
        return Err(CliError::option("embed", "for a forecast", expected));
    }
    session::train(
        &args.run,
        |from| new_run(from, args),
        |run| read_again(run, args),
    )
}

/// The data of a run that is resumed, after checking that the options are those of the run.
fn read_again(
    run: &StoredRun<ForecastSettings>,
    args: &ForecastTrainArgs,
) -> Result<Learned<SeriesData>, CliError> {
    let (settings, model) = (&run.header.settings, &run.model.description);
    let HeldOut { validation, test } = settings.held_out;
    expect_same(&of_model(args, model).map(|(option, is_same)| (option, is_same != Some(false))))?;
    expect_same(&[
        ("season", args.season.is_none_or(|v| v == model.season)),
        (
            "context",
            args.context.is_none_or(|v| v == settings.context),
        ),
        (
            "val-fraction",
            args.val_fraction.is_none_or(|v| v == validation),
        ),
        (
            "test-fraction",
            args.test_fraction.is_none_or(|v| v == test),
        ),
    ])?;
    Ok(learned(settings.read_for(model, args.run.input.limit())?))
}

/// The options of a model's own, and of those that are given, whether they say what the model is.
fn of_model(
    args: &ForecastTrainArgs,
    model: &ForecasterDescription,
) -> [(&'static str, Option<bool>); 5] {
    let quantiles = Some(&args.quantiles).filter(|quantiles| !quantiles.is_empty());
    let is_gaussian = model.objective == Objective::Gaussian;
    let dropout = args.run.model.dropout;
    [
        ("dropout", dropout.map(|v| v == model.network.dropout)),
        ("horizon", args.horizon.map(|v| v == model.horizon)),
        (
            "head",
            args.head.map(|v| (v == HeadName::Gaussian) == is_gaussian),
        ),
        (
            "quantiles",
            quantiles.map(|v| v == model.objective.quantiles()),
        ),
        (
            "relative-to",
            args.relative_to
                .map(|v| Reference::from(v) == model.reference),
        ),
    ]
}

fn learned(data: SeriesData) -> Learned<SeriesData> {
    warn(&data.warnings);
    let fingerprint = data.fingerprint.clone();
    Learned { data, fingerprint }
}

fn new_run(
    from: Option<&StoredModel<ForecasterDescription>>,
    args: &ForecastTrainArgs,
) -> Result<NewRun<ForecastSettings>, CliError> {
    let source = match &args.data.data {
        None => SeriesSource::Generated,
        Some(path) => SeriesSource::table(path, columns(args)?),
    };
    let defaults = DEFAULTS;
    let usual = HeldOut::default();
    let settings = ForecastSettings {
        held_out: HeldOut {
            validation: args.val_fraction.unwrap_or(usual.validation),
            test: args.test_fraction.unwrap_or(usual.test),
        },
        context: args.context.unwrap_or(96),
        batch_size: defaults.batch_size(&args.run.training),
        seed: seed(&args.run.training),
        source,
    };
    settings.check()?;
    let learned = learned(settings.source.read(args.run.input.limit())?);
    let data = &learned.data;
    let (name, columns) = (settings.source.to_string(), settings.source.columns());
    let old = from.map(|model| &model.description);
    let new = match old {
        None => chosen(columns, args)?,
        Some(old) => like(old, columns, args)?,
    };
    let (description, warnings) = new.describe(&name, data, settings.held_out)?;
    warn(&warnings);
    if old.is_some_and(|old| description.network != old.network) {
        let expected = "it must have as many columns of each kind as the model was trained on";
        return Err(CliError::option("from", "another table", expected));
    }
    let per_epoch = settings.steps_per_epoch(data)?;
    Ok(NewRun {
        defaults: Defaults {
            sizes: ForecastSettings::sizes(&description),
            epochs: STEPS.div_ceil(per_epoch),
            ..defaults
        },
        description,
        learned,
        settings,
    })
}

fn columns(args: &ForecastTrainArgs) -> Result<Columns, CliError> {
    let columns = Columns {
        time: args.data.time.clone(),
        id: args.data.id.clone(),
        values: args.data.value.clone(),
        known: args.data.known.clone(),
    };
    match columns.wrong_name() {
        None => Ok(columns),
        Some(name) => {
            let expected = "expected the name of a column that no other option names";
            Err(CliError::option("value", format!("{name:?}"), expected))
        }
    }
}

/// The objective that the options ask for.
fn objective(args: &ForecastTrainArgs) -> Result<Objective, CliError> {
    let gaussian = args.head == Some(HeadName::Gaussian);
    let objective = match (gaussian, args.quantiles.as_slice()) {
        (true, []) => Objective::Gaussian,
        (true, _) => {
            let expected =
                "leave it out with --head gaussian, which is reported by 0.1, 0.5 and 0.9";
            return Err(CliError::option("quantiles", "given", expected));
        }
        (false, []) => Objective::default(),
        (false, quantiles) => Objective::Quantiles(quantiles.to_vec()),
    };
    objective.check()?;
    Ok(objective)
}

/// A new model of these columns.
fn chosen(columns: Columns, args: &ForecastTrainArgs) -> Result<NewForecaster, CliError> {
    let sizes = DEFAULTS.sizes.with(&args.run.model);
    Ok(NewForecaster {
        columns,
        horizon: args.horizon.unwrap_or(24),
        season: args.season,
        reference: args.relative_to.map(Into::into),
        objective: objective(args)?,
        layers: sizes.layers,
        hidden_size: sizes.hidden_size,
        dropout: sizes.dropout,
    })
}

/// A model that is trained further, on these columns.
fn like(
    old: &ForecasterDescription,
    columns: Columns,
    args: &ForecastTrainArgs,
) -> Result<NewForecaster, CliError> {
    let given = of_model(args, old).map(|(option, is_same)| (option, is_same.is_some()));
    expect_none_of_model(&args.run.model, &given)?;
    Ok(NewForecaster {
        columns,
        horizon: old.horizon,
        season: args.season,
        reference: Some(old.reference),
        objective: old.objective.clone(),
        layers: old.network.layers,
        hidden_size: old.network.hidden_size,
        dropout: old.network.dropout,
    })
}

impl From<ReferenceName> for Reference {
    fn from(name: ReferenceName) -> Self {
        match name {
            ReferenceName::Training => Self::Training,
            ReferenceName::Last => Self::Last,
            ReferenceName::Recent => Self::Recent,
            ReferenceName::Season => Self::Season,
        }
    }
}
