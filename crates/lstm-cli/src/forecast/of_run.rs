//! The run of a model, and the series on which it was trained.

use crate::error::{CliError, note};
use crate::session::run_of;
use lstm_tasks::forecast::{ForecastSettings, ForecasterDescription, SeriesData};
use lstm_text::InputLimit;
use std::path::Path;

/// The settings of the run in whose directory a model is, and its series, of which warnings are printed;
/// `None` if there is no run.
pub fn of_run(
    model: &Path,
    description: &ForecasterDescription,
    limit: InputLimit,
) -> Result<Option<(ForecastSettings, SeriesData)>, CliError> {
    let Some(header) = run_of::<ForecastSettings>(model)? else {
        return Ok(None);
    };
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
