//! Forecasts as CSV.

use lstm_tasks::data::series::{Step, Time};
use lstm_tasks::forecast::{Forecast, ForecasterDescription};
use std::fmt::Write;

/// Where a forecast begins.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// The series.
    pub id: &'a str,
    /// The last row that was read, counted from 0.
    pub row: usize,
    /// Its time, if there is a time column.
    pub time: Option<Time>,
}

/// The first line: the columns of every other line.
pub fn header(description: &ForecasterDescription) -> String {
    let columns = &description.columns;
    let time = columns.time.as_deref().unwrap_or("row");
    let mut names: Vec<String> = columns.id.iter().cloned().collect();
    names.extend(["from".to_owned(), time.to_owned()]);
    for column in &columns.values {
        let quantiles = description.objective.quantiles().iter();
        names.extend(quantiles.map(|q| format!("{column} {q}")));
    }
    let names: Vec<String> = names.iter().map(|name| field(name)).collect();
    names.join(",") + "\n"
}

/// A line for each row that is forecast. Numbers are written so that they are read with the same bits.
pub fn lines(
    description: &ForecasterDescription,
    origin: Origin<'_>,
    forecast: &Forecast,
) -> String {
    let (columns, mut out) = (description.columns(), String::new());
    let from = place(description.step, origin, 0);
    for (k, row) in forecast.chunks(columns).enumerate() {
        if description.columns.id.is_some() {
            out += &field(origin.id);
            out.push(',');
        }
        out += &format!("{from},{}", place(description.step, origin, k + 1));
        for quantile in row.iter().flatten() {
            write!(out, ",{quantile}").expect("a string takes everything");
        }
        out.push('\n');
    }
    out
}

/// The time `steps` after the origin, or the number of the row, counted from 1.
fn place(step: Step, origin: Origin<'_>, steps: usize) -> String {
    match origin.time {
        None => (origin.row + 1 + steps).to_string(),
        Some(time) => {
            let time = step.after(time, steps as i64);
            time.map_or_else(|| "beyond 9999".to_owned(), |time| time.to_string())
        }
    }
}

/// A field, in quotes if it needs them.
pub fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

/// A number with four significant digits.
pub fn short(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{number:.3e}");
    }
    let digits = 3 - size.max(1e-3).log10().floor() as i32;
    format!("{number:.*}", digits.clamp(0, 6) as usize)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn numbers_have_four_significant_digits() {
        let numbers = [0.0, 0.454, -14.61, 356.25, 123_456.7, 2.5e7, -3e-5];
        let shown = [
            "0.000000",
            "0.4540",
            "-14.61",
            "356.2",
            "123457",
            "2.500e7",
            "-3.000e-5",
        ];
        assert_eq!(numbers.map(short), shown);
    }
}
