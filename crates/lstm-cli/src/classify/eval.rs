//! `lstm classify eval`: the model beside simple methods, every class, and the confusion matrix.

use super::measured::{draw, measure, say_measured};
use crate::args::ClassifyEvalArgs;
use crate::error::{CliError, note};
use crate::session::run_of;
use crate::settings::workers;
use lstm_fast::Fast;
use lstm_tasks::classify::{ClassSource, ClassifierDescription, ClassifyModel, ClassifySettings};
use lstm_tasks::data::{Labelled, Labels, read_labelled};
use lstm_train::{create_file, expect_absent};

pub fn eval(args: &ClassifyEvalArgs) -> Result<(), CliError> {
    args.plot.as_deref().map_or(Ok(()), expect_absent)?;
    let model = ClassifyModel::<Fast>::load(&args.model)?;
    let description = &model.description;
    let Part {
        name,
        examples,
        is_generated,
    } = part(args, description)?;
    for warning in description.warnings(&examples) {
        note!("{warning}");
    }
    let measured = measure(&model, &examples, is_generated, &workers(args.threads)?)?;
    say_measured(description, &measured, &name)?;
    let Some(path) = &args.plot else {
        return Ok(());
    };
    let svg = draw(description, &measured[0].confusion, &name).ok_or_else(|| {
        let expected = "there are too many classes for a picture: leave the option out";
        CliError::option("plot", path.display(), expected)
    })?;
    Ok(create_file(
        path,
        svg.map_err(CliError::plot(path))?.as_bytes(),
    )?)
}

/// What is measured.
struct Part {
    name: String,
    examples: Vec<Labelled>,
    is_generated: bool,
}

/// The file that was named; or the test part of the run, or its validation part if there is none.
fn part(args: &ClassifyEvalArgs, description: &ClassifierDescription) -> Result<Part, CliError> {
    let limit = args.input.limit();
    if let Some(path) = &args.data {
        let file = read_labelled(path, &description.columns, Labels::Needed, limit)?;
        for warning in &file.warnings {
            note!("{warning}");
        }
        description.expect_classes(&file.name, &file.all)?;
        return Ok(Part {
            name: file.name,
            examples: file.all,
            is_generated: false,
        });
    }
    let run = run_of::<ClassifySettings>(&args.model)?.ok_or(CliError::NothingHeldOut)?;
    run.settings.expect_columns_of(description)?;
    let data = run.settings.read(limit)?;
    run.data.expect_same(&data.fingerprint)?;
    for warning in &data.warnings {
        note!("{warning}");
    }
    let (name, examples) = match (data.test, data.val) {
        (test, val) if test.is_empty() => ("the validation part", val),
        (test, _) => ("the test part", test),
    };
    if examples.is_empty() {
        return Err(CliError::NothingHeldOut);
    }
    description.expect_classes(name, &examples)?;
    Ok(Part {
        name: name.to_owned(),
        examples,
        is_generated: run.settings.source == ClassSource::Generated,
    })
}
