//! Forecasting series of numbers (E33–E36).
//!
//! ```text
//! table (CSV) ─ Series ─ Reference, Scale (E33) ─ windows ─ Forecaster: layers, head ─ Objective (E34, E35)
//!                              ForecastModel ─ SeriesReader: row after row, the state carried
//!                              Tested: the test part, by the model and by the baselines (E36)
//! ```
//!
//! A model reads a series from its first row on and forecasts the next H rows after every row. In
//! training it reads windows of the training part, each from the zero state, and every row of a window
//! has a forecast. In validation, evaluation and use the state is carried from the first row.

pub mod baselines;
mod config;
mod description;
mod evaluation;
mod fit;
pub mod generated;
mod measures;
mod model;
mod network;
mod new;
mod normal;
mod objective;
mod optimum;
mod parts;
mod reference;
mod scale;
mod season;
mod source;
mod task;
mod window;

pub use config::ForecasterConfig;
pub use description::{ForecasterDescription, SeriesScale};
pub use evaluation::{ByColumn, ByOracle, Method, Tested};
pub use measures::{Score, naive_error};
pub use model::{Forecast, ForecastModel, SeriesReader};
pub use network::Forecaster;
pub use new::NewForecaster;
pub use objective::Objective;
pub use optimum::{HeldOutPart, best_loss, loss_of_model};
pub use parts::{Cuts, HeldOut};
pub use reference::Reference;
pub use scale::Scale;
pub use season::find_season;
pub use source::{SeriesData, SeriesSource};
pub use task::{ForecastSettings, ForecastTask};
pub use window::WindowBatch;
