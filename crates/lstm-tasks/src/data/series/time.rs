//! The time column of a table: dates or numbers.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use std::fmt;

/// The time of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Time {
    /// A number, such as a year.
    Number(f64),
    /// A date, with or without a time of day. If a time has an offset from UTC, it is converted to UTC.
    Date(DateTime, Form),
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `2024-03`
    Month,
    /// `20240331`
    Compact,
    /// `2024-03-31`
    Day,
    /// `2024-03-31T12:00:00`
    Local,
    /// `2024-03-31T12:00:00Z`
    Utc,
}

impl Time {
    /// Reads a number, a date, or a date and time by ISO 8601. Eight digits that are a date are a date.
    ///
    /// # Errors
    /// What is wrong with the cell.
    pub(in crate::data) fn parse(cell: &str) -> Result<Self, String> {
        let cell = cell.trim();
        let is_compact = cell.len() == 8 && cell.bytes().all(|b| b.is_ascii_digit());
        if is_compact && let Ok(date) = cell.parse::<DateTime>() {
            return Ok(Self::Date(date, Form::Compact));
        }
        if let Ok(number) = cell.parse::<f64>() {
            if number.abs() <= 1e15 {
                return Ok(Self::Number(number));
            }
            return Err(format!("{cell:?} is no time"));
        }
        if let Ok(moment) = cell.parse::<Timestamp>() {
            return of_microseconds(cell, Offset::UTC.to_datetime(moment), Form::Utc);
        }
        if cell.len() == 7
            && let Ok(date) = format!("{cell}-01").parse::<DateTime>()
        {
            return Ok(Self::Date(date, Form::Month));
        }
        match cell.parse::<DateTime>() {
            Ok(date) if cell.len() <= 10 => Ok(Self::Date(date, Form::Day)),
            Ok(date) => of_microseconds(cell, date, Form::Local),
            Err(_) => Err(format!(
                "{cell:?} is no time; expected a number, or a date such as 2024-03-31, 2024-03-31T12:00 or \
                 2024-03-31T12:00+02:00"
            )),
        }
    }

    /// Whether two times are of the same kind and can be compared.
    pub(in crate::data) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(_), Self::Number(_)) => true,
            (Self::Date(_, a), Self::Date(_, b)) => (*a == Form::Utc) == (*b == Form::Utc),
            _ => false,
        }
    }

    /// A number that grows with the time: the number itself, or microseconds.
    #[must_use]
    pub fn position(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Date(date, _) => microseconds(*date) as f64,
        }
    }
}

fn of_microseconds(cell: &str, date: DateTime, form: Form) -> Result<Time, String> {
    if date.subsec_nanosecond() % 1000 == 0 {
        return Ok(Time::Date(date, form));
    }
    Err(format!("{cell:?} is finer than a microsecond"))
}

pub(super) fn microseconds(date: DateTime) -> i64 {
    let moment = Offset::UTC.to_timestamp(date);
    moment.map_or(0, Timestamp::as_microsecond)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(date, Form::Month) => write!(f, "{:04}-{:02}", date.year(), date.month()),
            Self::Date(date, Form::Compact) => {
                write!(f, "{:04}{:02}{:02}", date.year(), date.month(), date.day())
            }
            Self::Date(date, Form::Day) => write!(f, "{}", date.date()),
            Self::Date(date, Form::Local) => write!(f, "{date}"),
            Self::Date(date, Form::Utc) => write!(f, "{date}Z"),
        }
    }
}

/// The months since the year 0.
pub(super) fn months(date: DateTime) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// The date `months` later; a date that is the last of its month stays the last if `last_day` is set.
pub(super) fn add_months(date: DateTime, months: i64, last_day: bool) -> Option<DateTime> {
    let later = date
        .checked_add(Span::new().try_months(months).ok()?)
        .ok()?;
    Some(if last_day {
        later.last_of_month()
    } else {
        later
    })
}

/// The date this many microseconds later.
pub(super) fn add_microseconds(date: DateTime, microseconds: i64) -> Option<DateTime> {
    date.checked_add(SignedDuration::from_micros(microseconds))
        .ok()
}
