//! `lstm classify train`.

use crate::args::{ClassifyTrainArgs, LabelledArgs, PoolingName};
use crate::error::CliError;
use crate::session::{self, Learned, NewRun, Subject};
use crate::settings::{Defaults, Sizes, expect_none_of_model, expect_same, seed};
use lstm_tasks::Files;
use lstm_tasks::classify::{
    ClassData, ClassSource, ClassifierDescription, ClassifySettings, NewClassifier, Pooling,
};
use lstm_tasks::data::series::Columns;
use lstm_tasks::data::{LabelledColumns, SequenceColumns};
use lstm_tasks::forecast::HeldOut;
use lstm_train::{Application, Description, StoredModel, StoredRun};

/// A run has at least this many steps by default: few examples make a short epoch.
const STEPS: u64 = 1000;

const DEFAULTS: Defaults = Defaults {
    sizes: Sizes {
        layers: 1,
        hidden_size: 128,
        embed_size: 64,
        dropout: 0.2,
    },
    batch_size: 32,
    clip: 1.0,
    eval_apart: 20,
    ..Defaults::REAL
};

pub fn train(args: &ClassifyTrainArgs) -> Result<(), CliError> {
    session::train(
        &args.run,
        |from| new_run(from, args),
        |run| read_again(run, args),
    )
}

/// The data with the warnings about them, and about what the model does not read of them.
fn learned(description: &ClassifierDescription, data: ClassData) -> Learned<ClassData> {
    let (fingerprint, mut warnings) = (data.fingerprint.clone(), data.warnings.clone());
    warnings.extend(description.warnings(data.all()));
    Learned::new(data, fingerprint, &warnings)
}

/// The data of a run that is resumed, after checking that the options are those of the run.
fn read_again(
    run: &StoredRun<ClassifySettings>,
    args: &ClassifyTrainArgs,
) -> Result<Learned<ClassData>, CliError> {
    let model = &run.model.description;
    let network = &model.network;
    let pooling = args.pooling.map(Pooling::from);
    expect_same(&[
        ("pooling", pooling.is_none_or(|v| v == network.pooling)),
        (
            "bidirectional",
            !args.bidirectional || network.bidirectional,
        ),
        ("words", args.words.is_none()),
        ("min-count", args.min_count.is_none()),
        (
            "max-length",
            args.max_length.is_none_or(|v| v == model.max_length),
        ),
    ])?;
    let data = run.header.settings.read(args.run.input.limit())?;
    Ok(learned(model, data))
}

fn new_run(
    from: Option<&StoredModel<ClassifierDescription>>,
    args: &ClassifyTrainArgs,
) -> Result<NewRun<ClassifySettings>, CliError> {
    let settings = settings(args)?;
    settings.check()?;
    let data = settings.read(args.run.input.limit())?;
    let (description, sizes) = match from {
        None => describe(&data, &settings, args)?,
        Some(model) => further(&model.description, &data, &settings, args)?,
    };
    description.check()?;
    let per_epoch = settings.steps_per_epoch(&data)?;
    Ok(NewRun {
        defaults: Defaults {
            sizes,
            epochs: STEPS.div_ceil(per_epoch).max(DEFAULTS.epochs),
            ..DEFAULTS
        },
        learned: learned(&description, data),
        settings,
        description,
    })
}

fn settings(args: &ClassifyTrainArgs) -> Result<ClassifySettings, CliError> {
    let data = &args.data;
    let source = match &data.data {
        None => ClassSource::Generated,
        Some(train) => ClassSource::Files {
            files: Files::absolute(train, data.val.as_deref()),
            columns: columns(data)?,
        },
    };
    let usual = match data.val {
        None => HeldOut::default(),
        Some(_) => HeldOut {
            validation: 0.0,
            test: 0.0,
        },
    };
    Ok(ClassifySettings {
        source,
        held_out: HeldOut {
            validation: data.val_fraction.unwrap_or(usual.validation),
            test: data.test_fraction.unwrap_or(usual.test),
        },
        batch_size: DEFAULTS.batch_size(&args.run.training),
        seed: seed(&args.run.training),
    })
}

fn columns(data: &LabelledArgs) -> Result<LabelledColumns, CliError> {
    let named =
        |option: &Option<String>, usual: &str| option.clone().unwrap_or_else(|| usual.to_owned());
    let sequence = match data.value.as_slice() {
        [] => SequenceColumns::Text(named(&data.text, "text")),
        values => SequenceColumns::Series(Columns {
            time: data.time.clone(),
            id: data.id.clone(),
            values: values.to_vec(),
            known: Vec::new(),
        }),
    };
    let label = named(&data.label, "label");
    let columns = LabelledColumns { sequence, label };
    match columns.wrong_name() {
        None => Ok(columns),
        Some(name) => {
            let expected = "expected the name of a column that no other option names";
            let option = if data.value.is_empty() {
                "text"
            } else {
                "value"
            };
            Err(CliError::option(option, format!("{name:?}"), expected))
        }
    }
}

/// A new model for these sequences.
fn describe(
    data: &ClassData,
    settings: &ClassifySettings,
    args: &ClassifyTrainArgs,
) -> Result<(ClassifierDescription, Sizes), CliError> {
    let (columns, sizes) = (
        settings.source.columns(),
        DEFAULTS.sizes.with(&args.run.model),
    );
    if matches!(columns.sequence, SequenceColumns::Series(_)) {
        let of_texts = [
            ("embed", args.run.model.embed.is_some()),
            ("words", args.words.is_some()),
            ("min-count", args.min_count.is_some()),
        ];
        if let Some((option, _)) = of_texts.iter().find(|(_, is_given)| *is_given) {
            let expected = "a series has no characters and no words: leave the option out";
            return Err(CliError::option(option, "with --value", expected));
        }
    }
    let new = NewClassifier {
        columns,
        words: args.words,
        min_count: args.min_count.unwrap_or(2),
        max_length: args.max_length.unwrap_or(500),
        embed_size: sizes.embed_size,
        hidden_size: sizes.hidden_size,
        layers: sizes.layers,
        bidirectional: args.bidirectional,
        pooling: args.pooling.map_or(Pooling::Mean, Pooling::from),
        dropout: sizes.dropout,
    };
    let name = settings.source.to_string();
    Ok((new.describe(&name, &data.train)?, sizes))
}

/// A model that is trained further: everything is as it was, but for the names of the columns.
fn further(
    old: &ClassifierDescription,
    data: &ClassData,
    settings: &ClassifySettings,
    args: &ClassifyTrainArgs,
) -> Result<(ClassifierDescription, Sizes), CliError> {
    let others = [
        ("dropout", args.run.model.dropout.is_some()),
        ("pooling", args.pooling.is_some()),
        ("bidirectional", args.bidirectional),
        ("words", args.words.is_some()),
        ("min-count", args.min_count.is_some()),
        ("max-length", args.max_length.is_some()),
    ];
    expect_none_of_model(&args.run.model, &others)?;
    let columns = settings.source.columns();
    let numbers = |columns: &LabelledColumns| match &columns.sequence {
        SequenceColumns::Text(_) => None,
        SequenceColumns::Series(series) => Some(series.values.len()),
    };
    if numbers(&columns) != numbers(&old.columns) {
        let expected =
            "it must have texts, or as many columns of values, as the model was trained on";
        return Err(CliError::option("from", "other data", expected));
    }
    let description = ClassifierDescription {
        columns,
        ..old.clone()
    };
    description.expect_classes(&settings.source.to_string(), data.all())?;
    Ok((description, ClassifySettings::sizes(old)))
}

impl From<PoolingName> for Pooling {
    fn from(name: PoolingName) -> Self {
        match name {
            PoolingName::Last => Self::Last,
            PoolingName::Mean => Self::Mean,
        }
    }
}
