//! `lstm forecast`: its options.

use super::input::InputArgs;
use super::training::RunArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum ForecastCommand {
    /// Train a forecaster on the columns of a CSV file; without --data, on a generated series
    // A series has no embedding.
    #[command(mut_arg("embed", |arg| arg.hide(true)))]
    Train(Box<ForecastTrainArgs>),
    /// Forecast after every row of the test part, and measure the model and simple methods in one table
    Eval(ForecastEvalArgs),
    /// Forecast the rows after the last one, as CSV and as a picture
    Run(ForecastRunArgs),
}

#[derive(Debug, Args)]
pub struct ForecastTrainArgs {
    #[command(flatten)]
    pub data: SeriesArgs,
    #[command(flatten)]
    pub run: RunArgs,
    /// Rows to forecast [default: 24]
    #[arg(long, value_name = "ROWS", help_heading = "Model")]
    pub horizon: Option<usize>,
    /// Forecast quantiles, or the mean and the standard deviation of a normal distribution [default:
    /// quantiles]
    #[arg(long, value_name = "WHAT", help_heading = "Model")]
    pub head: Option<HeadName>,
    /// The quantiles to forecast, with 0.5 among them [default: 0.1,0.5,0.9]
    #[arg(
        long,
        value_name = "Q,…",
        value_delimiter = ',',
        help_heading = "Model"
    )]
    #[arg(allow_negative_numbers = true)]
    pub quantiles: Vec<f64>,
    /// Rows of a season, for the baselines and MASE; 1 if there is none [default: found in the training
    /// part]
    #[arg(long, value_name = "ROWS", help_heading = "Data")]
    pub season: Option<usize>,
    /// What values are relative to when the network reads and forecasts them [default: recent; season if
    /// fewer than 400 rows are trained on]
    #[arg(long, value_name = "WHAT", help_heading = "Model")]
    pub relative_to: Option<ReferenceName>,
    /// Rows of a window to train on [default: 96]
    #[arg(long, value_name = "ROWS", help_heading = "Data")]
    pub context: Option<usize>,
    /// Fraction of the time to validate on, before the test part [default: 0.15]
    #[arg(
        long,
        value_name = "P",
        help_heading = "Data",
        allow_negative_numbers = true
    )]
    pub val_fraction: Option<f64>,
    /// Fraction of the time to test on, at the end; `eval` measures there [default: 0.15]
    #[arg(
        long,
        value_name = "P",
        help_heading = "Data",
        allow_negative_numbers = true
    )]
    pub test_fraction: Option<f64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
#[group(conflicts_with = "resume")]
pub struct SeriesArgs {
    /// A table in CSV; its first row names the columns, which are separated by commas, semicolons or
    /// tabs; plain or gzip
    #[arg(long, value_name = "FILE", requires = "value")]
    pub data: Option<PathBuf>,
    /// The column with the time: numbers, or dates such as 2024-03-31 or 2024-03-31T12:00+02:00.
    /// Without it, rows are one step apart
    #[arg(long, value_name = "COL", requires = "data")]
    pub time: Option<String>,
    /// The columns to forecast; empty cells, NA and NaN are missing values
    #[arg(long, value_name = "COL,…", value_delimiter = ',', requires = "data")]
    pub value: Vec<String>,
    /// Columns whose numbers are known in advance, such as the day of the week
    #[arg(long, value_name = "COL,…", value_delimiter = ',', requires = "data")]
    pub known: Vec<String>,
    /// The column that says which series a row belongs to
    #[arg(long, value_name = "COL", requires = "data")]
    pub id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HeadName {
    Quantiles,
    Gaussian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReferenceName {
    /// The mean of the training part
    Training,
    /// The last value
    Last,
    /// The mean of the last rows: of whole seasons, as many as the horizon needs
    Recent,
    /// The value a season before
    Season,
}

#[derive(Debug, Args)]
pub struct ForecastEvalArgs {
    /// The directory that training wrote to, or a model file in it
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Write every forecast of the model to this file, as CSV
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Debug, Args)]
pub struct ForecastRunArgs {
    /// The directory that training wrote to, or a model file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// A table with the columns of the model. Columns that are known in advance must reach as many rows
    /// further as are forecast [default: the data of the run]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Read further rows from standard input, first a line with the names of the columns, and forecast
    /// after each; the state is carried. Without --data they begin the series
    #[arg(long)]
    pub follow: bool,
    /// Write the forecast to this file [default: standard output]
    #[arg(long, value_name = "FILE", conflicts_with = "follow")]
    pub out: Option<PathBuf>,
    /// Draw the end of the first series, its forecast and its interval into this SVG file
    #[arg(long, value_name = "FILE", conflicts_with = "follow")]
    pub plot: Option<PathBuf>,
    #[command(flatten)]
    pub input: InputArgs,
}
