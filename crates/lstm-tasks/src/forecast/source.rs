//! Where the series of a run come from. The run stores it, so that a resumed run reads the same series.

use super::generated;
use crate::TasksError;
use crate::data::series::{Columns, Series, Step, read_series};
use lstm_text::InputLimit;
use lstm_train::{Fingerprint, stored_path};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// A source of series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SeriesSource {
    /// [`generated::series`].
    Generated,
    /// A table in CSV.
    Table {
        /// The file.
        #[serde(with = "stored_path")]
        path: PathBuf,
        /// The columns to read.
        columns: Columns,
    },
}

/// The series of a source.
#[derive(Clone, Debug)]
pub struct SeriesData {
    /// The time from one row to the next.
    pub step: Step,
    /// The series in the order of their ids.
    pub series: Vec<Series>,
    /// What was missing, counted.
    pub warnings: Vec<String>,
    /// The fingerprint of the table, by which a resumed run notices that it has changed.
    pub fingerprint: Fingerprint,
}

impl SeriesSource {
    /// A table, by its absolute path if it exists.
    #[must_use]
    pub fn table(path: &Path, columns: Columns) -> Self {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Self::Table { path, columns }
    }

    /// The columns of the source.
    #[must_use]
    pub fn columns(&self) -> Columns {
        match self {
            Self::Generated => generated::columns(),
            Self::Table { columns, .. } => columns.clone(),
        }
    }

    /// Reads or generates the series.
    ///
    /// # Errors
    /// As [`read_series`].
    pub fn read(&self, limit: InputLimit) -> Result<SeriesData, TasksError> {
        match self {
            Self::Generated => {
                let series = generated::series();
                let text = format!("{:?}", series.values);
                Ok(SeriesData {
                    step: Step::Rows,
                    fingerprint: Fingerprint::new(&self.to_string(), &text),
                    series: vec![series],
                    warnings: Vec::new(),
                })
            }
            Self::Table { path, columns } => {
                let table = read_series(path, columns, None, limit)?;
                Ok(SeriesData {
                    step: table.step,
                    fingerprint: Fingerprint::new(&table.name, &table.text),
                    series: table.series,
                    warnings: table.warnings,
                })
            }
        }
    }
}

impl fmt::Display for SeriesSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated => f.write_str("a generated series"),
            Self::Table { path, .. } => write!(f, "{}", path.display()),
        }
    }
}
