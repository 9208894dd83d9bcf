//! Axes and their ticks.

use crate::PlotError;

/// The scale of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences of values have equal distances.
    Linear,
    /// Equal ratios of values have equal distances.
    Log,
}

/// One axis. It ends at its first and last tick.
///
/// An axis can be drawn if it has at least two ticks, which are finite, ascending, and positive if it
/// is logarithmic.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The quantity on the axis.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// The ticks in ascending order, each with its text.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A linear axis with these ticks.
    #[must_use]
    pub fn linear(label: &str, ticks: &[f64]) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            ticks: ticks.iter().map(|&v| (v, number(v))).collect(),
        }
    }

    /// A logarithmic axis with these ticks.
    #[must_use]
    pub fn logarithmic(label: &str, ticks: &[f64]) -> Self {
        Self {
            scale: Scale::Log,
            ..Self::linear(label, ticks)
        }
    }

    /// A logarithmic axis with ticks at these powers of ten.
    #[must_use]
    pub fn powers_of_ten(label: &str, exponents: &[i32]) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Log,
            ticks: exponents
                .iter()
                .map(|&e| (10_f64.powi(e), power(e)))
                .collect(),
        }
    }

    /// A linear axis with at most eight round ticks that enclose all finite values.
    ///
    /// Values that differ by less than a millionth of their size count as equal.
    ///
    /// ```
    /// let axis = lstm_plot::Axis::fitted("step", [130.0, 1270.0]);
    /// let written: Vec<&str> = axis.ticks.iter().map(|(_, text)| text.as_str()).collect();
    /// assert_eq!(written, ["0", "200", "400", "600", "800", "1,000", "1,200", "1,400"]);
    /// ```
    pub fn fitted(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for v in values.into_iter().filter(|v| v.is_finite()) {
            (min, max) = (min.min(v), max.max(v));
        }
        if min > max {
            (min, max) = (0.0, 1.0);
        }
        let size = min.abs().max(max.abs());
        if max - min <= 1e-6 * size {
            // A margin around a single value.
            let room = if size < 1e-300 { 1.0 } else { 0.1 * size };
            (min, max) = (min - room, max + room);
        }
        let decade = 10_f64.powf(((max - min) / 4.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * decade)
            .into_iter()
            .find(|step| (max / step).ceil() - (min / step).floor() <= 7.0)
            .unwrap_or(10.0 * decade);
        let (first, last) = ((min / step).floor() as i64, (max / step).ceil() as i64);
        let ticks: Vec<f64> = (first..=last).map(|n| n as f64 * step).collect();
        Self::linear(label, &ticks)
    }

    /// The position of a number on the axis, from 0 at the first tick to 1 at the last.
    pub(crate) fn place(&self) -> Result<impl Fn(f64) -> f64 + use<>, PlotError> {
        let scale = self.scale;
        let at = move |v: f64| match scale {
            Scale::Linear => v,
            Scale::Log => v.ln(),
        };
        let ticks = || self.ticks.iter().map(|tick| at(tick.0));
        let ascending = ticks().zip(ticks().skip(1)).all(|(a, b)| a < b);
        match (ticks().next(), ticks().next_back()) {
            (Some(first), Some(last))
                if ascending && last > first && (last - first).is_finite() =>
            {
                Ok(move |v| (at(v) - first) / (last - first))
            }
            _ => Err(PlotError::Axis {
                label: self.label.clone(),
            }),
        }
    }
}

/// The digits in groups of three: 1234567 becomes `1,234,567`.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with at most six digits after the point, without trailing zeros, and with thousands in
/// groups; very small and very large numbers with a power of ten.
fn number(v: f64) -> String {
    if v != 0.0 && !(1e-4..1e9).contains(&v.abs()) {
        return scientific(v);
    }
    let text = format!("{:.6}", v.abs());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(if v < 0.0 && text != "0" { "−" } else { "" });
    out.push_str(&grouped(whole.parse().expect("it is below 10⁹")));
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn scientific(v: f64) -> String {
    let text = format!("{v:.6e}");
    let parts = text.split_once('e');
    match parts.and_then(|(digits, exponent)| Some((digits, exponent.parse().ok()?))) {
        Some((digits, exponent)) => {
            let digits = digits.trim_end_matches('0').trim_end_matches('.');
            format!("{}×{}", digits.replace('-', "−"), power(exponent))
        }
        None => text,
    }
}

fn power(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    if exponent == 0 {
        return "1".to_owned();
    }
    let digits = exponent.unsigned_abs().to_string();
    let raised = digits
        .bytes()
        .map(|digit| RAISED[usize::from(digit - b'0')]);
    let sign = (exponent < 0).then_some('⁻');
    "10".chars().chain(sign).chain(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_are_short_and_readable() {
        let numbers = [0.0, -0.0, 0.25, -1.5, 1000.0, 1_234_567.0, 0.1 + 0.2];
        let written = ["0", "0", "0.25", "−1.5", "1,000", "1,234,567", "0.3"];
        assert_eq!(numbers.map(number), written);
        assert_eq!([-12, -1, 0, 3].map(power), ["10⁻¹²", "10⁻¹", "1", "10³"]);
        let numbers = [1e-4, 1.2e-9, -2e-5, 1e300, f64::NAN];
        let written = ["0.0001", "1.2×10⁻⁹", "−2×10⁻⁵", "1×10³⁰⁰", "NaN"];
        assert_eq!(numbers.map(number), written);
    }

    #[test]
    fn fitted_ticks_are_few_and_enclose_every_value() {
        for (a, b) in [
            (0.0, 1.0),
            (1.3, 4.7),
            (-3e-4, 2e-4),
            (99.0, 100.0),
            (5.0, 5.0),
            (0.0, 0.0),
            (1e-9, 2e-9),
            (1.0, 1.0 + f64::EPSILON),
            (5e-324, 5e-324),
            (-1e300, 1e300),
        ] {
            let axis = Axis::fitted("x", [a, b, f64::NAN]);
            let place = axis.place().unwrap();
            assert!(place(a) >= 0.0 && place(b) <= 1.0, "{a} {b}: {axis:?}");
            assert!((2..=8).contains(&axis.ticks.len()), "{a} {b}: {axis:?}");
            let written: BTreeSet<&String> = axis.ticks.iter().map(|tick| &tick.1).collect();
            assert_eq!(written.len(), axis.ticks.len(), "{a} {b}: {axis:?}");
        }
        let ticks = Axis::fitted("x", []).ticks;
        assert_eq!((ticks[0].0, ticks[ticks.len() - 1].0), (0.0, 1.0));
    }

    #[test]
    fn invalid_ticks_are_an_error() {
        for ticks in [
            [].as_slice(),
            &[1.0],
            &[1.0, 1.0],
            &[0.0, 2.0, 1.0],
            &[0.0, f64::NAN, 1.0],
            &[0.0, f64::INFINITY],
            &[f64::MIN, f64::MAX],
        ] {
            assert!(Axis::linear("x", ticks).place().is_err(), "{ticks:?}");
        }
        assert!(Axis::logarithmic("x", &[0.0, 1.0]).place().is_err());
        assert!(Axis::logarithmic("x", &[-2.0, -1.0]).place().is_err());
    }

    #[test]
    fn digits_come_in_groups_of_three() {
        let numbers = [0_u64, 12, 999, 1000, 65_536, 1_115_394];
        let shown = ["0", "12", "999", "1,000", "65,536", "1,115,394"];
        assert_eq!(numbers.map(grouped), shown);
    }
}
