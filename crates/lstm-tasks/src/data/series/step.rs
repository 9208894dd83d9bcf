//! The step from one row of a series to the next.

use super::time::{Time, add_microseconds, add_months, microseconds, months};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// The time from one row to the next, the same for all series of a table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// There is no time column: rows are counted.
    Rows,
    /// The difference of two numbers.
    Number(f64),
    /// Microseconds.
    Microseconds(i64),
    /// Months; `last_day` if every date is the last day of its month.
    Months {
        /// Their number.
        months: i64,
        /// Whether every date is the last day of its month.
        last_day: bool,
    },
}

/// Numbers are rounded where they were written: 1958.083 and 1958.167 are a twelfth apart.
const TOLERANCE: f64 = 0.05;

impl Step {
    /// The most common step of these series, each in the order of time. Of two that are equally common
    /// it is the shorter. `None` if no series has two rows.
    pub(super) fn most_common(series: &[Vec<Time>]) -> Option<Self> {
        let all = || series.iter().flatten();
        match all().next()? {
            Time::Number(_) => median_step(series).map(Self::Number),
            Time::Date(..) => {
                let dates = || {
                    all().filter_map(|time| match time {
                        Time::Date(date, _) => Some(*date),
                        Time::Number(_) => None,
                    })
                };
                let first = dates().next()?;
                let same_time = dates().all(|date| date.time() == first.time());
                let last_day = dates().all(|date| date == date.last_of_month());
                let same_day = dates().all(|date| date.day() == first.day());
                if same_time && (last_day || same_day) {
                    let months = mode(series, months)?;
                    let last_day = last_day && !same_day;
                    return Some(Self::Months { months, last_day });
                }
                mode(series, microseconds).map(Self::Microseconds)
            }
        }
    }

    /// The number of steps from `before` to `after`; `None` if it is no whole number above 0.
    #[must_use]
    pub fn between(&self, before: Time, after: Time) -> Option<i64> {
        let whole = |difference: i64, step: i64| {
            (difference > 0 && difference % step == 0).then(|| difference / step)
        };
        match (self, before, after) {
            (Self::Number(step), Time::Number(before), Time::Number(after)) => {
                let steps = (after - before) / step;
                let is_whole =
                    steps >= 0.5 && (steps - steps.round()).abs() <= TOLERANCE && steps < 1e9;
                is_whole.then_some(steps.round() as i64)
            }
            (Self::Microseconds(step), Time::Date(before, _), Time::Date(after, _)) => {
                whole(microseconds(after) - microseconds(before), *step)
            }
            (
                Self::Months {
                    months: step,
                    last_day,
                },
                Time::Date(before, _),
                Time::Date(after, _),
            ) => {
                let difference = months(after) - months(before);
                let is_there = add_months(before, difference, *last_day) == Some(after);
                whole(difference, *step).filter(|_| is_there)
            }
            _ => None,
        }
    }

    /// The time `steps` after `time`; `None` beyond the year 9999.
    #[must_use]
    pub fn after(&self, time: Time, steps: i64) -> Option<Time> {
        match (self, time) {
            (Self::Number(step), Time::Number(number)) => {
                Some(Time::Number(number + steps as f64 * step))
            }
            (Self::Microseconds(step), Time::Date(date, form)) => {
                let later = add_microseconds(date, steps.checked_mul(*step)?)?;
                Some(Time::Date(later, form))
            }
            (Self::Months { months, last_day }, Time::Date(date, form)) => {
                let later = add_months(date, steps.checked_mul(*months)?, *last_day)?;
                Some(Time::Date(later, form))
            }
            _ => None,
        }
    }

    /// Whether the step is a time above 0.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        match *self {
            Self::Rows => true,
            Self::Number(step) => step.is_finite() && step > 0.0,
            Self::Microseconds(step) => step > 0,
            Self::Months { months, .. } => months > 0,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 5] = [
            (86_400_000_000, "d"),
            (3_600_000_000, "h"),
            (60_000_000, "min"),
            (1_000_000, "s"),
            (1, "µs"),
        ];
        match *self {
            Self::Rows => f.write_str("a row"),
            Self::Number(step) => write!(f, "{step}"),
            Self::Microseconds(step) => {
                let fits = |(unit, _): &&(i64, &str)| step % unit == 0;
                let (unit, name) = UNITS.iter().find(fits).expect("a microsecond fits");
                write!(f, "{} {name}", step / unit)
            }
            Self::Months { months, .. } if months % 12 == 0 => write!(f, "{} a", months / 12),
            Self::Months { months, .. } => write!(f, "{months} months"),
        }
    }
}

/// The most common difference of two rows of a series.
fn mode(series: &[Vec<Time>], of: impl Fn(jiff::civil::DateTime) -> i64) -> Option<i64> {
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for pair in series.iter().flat_map(|times| times.windows(2)) {
        if let [Time::Date(before, _), Time::Date(after, _)] = pair {
            *counts.entry(of(*after) - of(*before)).or_default() += 1;
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|&(step, count)| (count, -step));
    most.map(|(step, _)| step).filter(|step| *step > 0)
}

fn median_step(series: &[Vec<Time>]) -> Option<f64> {
    let pairs = series.iter().flat_map(|times| times.windows(2));
    let mut steps: Vec<f64> = pairs
        .map(|pair| pair[1].position() - pair[0].position())
        .collect();
    steps.sort_by(f64::total_cmp);
    steps
        .get(steps.len().saturating_sub(1) / 2)
        .copied()
        .filter(|step| *step > 0.0)
}
