//! The run of a model, and the series on which it was trained.

use crate::error::{CliError, note};
use lstm_tasks::forecast::{ForecastSettings, ForecasterDescription, SeriesData};
use lstm_text::InputLimit;
use lstm_train::{RUN, StoredRun};
use std::path::Path;

/// The settings of the run in whose directory a model is, and its series, of which warnings are printed;
/// `None` if there is no run.
pub fn of_run(
    model: &Path,
    description: &ForecasterDescription,
    limit: InputLimit,
) -> Result<Option<(ForecastSettings, SeriesData)>, CliError> {
    let dir = match model.parent() {
        Some(dir) if !model.is_dir() => dir,
        _ => model,
    };
    if !dir.join(RUN).exists() {
        return Ok(None);
    }
    let header = StoredRun::<ForecastSettings>::read(dir)?.header;
    let data = header.settings.read_for(description, limit)?;
    header.data.expect_same(&data.fingerprint)?;
    warn(&data.warnings);
    Ok(Some((header.settings, data)))
}

pub fn warn(warnings: &[String]) {
    for warning in warnings {
        note!("warning: {warning}");
    }
}
