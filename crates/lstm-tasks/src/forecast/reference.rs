//! What values are relative to: r of E33.

use serde::{Deserialize, Serialize};

/// r of E33: what is subtracted from a value before it is scaled, and added to a forecast.
///
/// A network forecasts well where the numbers lie that it was trained on. A series that rises leaves that
/// range, and the gates saturate. Subtracting a reference that is known when the forecast is made brings
/// it back. DeepAR (Salinas et al. 2020, 10.1016/j.ijforecast.2019.07.001) divides by the mean of the
/// recent values; RevIN (Kim et al. 2022, instance normalisation) subtracts it.
///
/// The reference has no weight in it and is the same for y and ŷ: y − ŷ does not contain r, so the
/// gradients of E34 and E35 stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// r = 0: values are relative to μ, the mean of the training part.
    Training,
    /// The last value.
    Last,
    /// The mean of the last m ⌈H/m⌉ rows: of whole seasons, as many as the horizon needs.
    Recent,
    /// The last value that lies a whole number of seasons before.
    Season,
}

/// A reference, with what it depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Relative {
    pub reference: Reference,
    /// H
    pub horizon: usize,
    /// m
    pub season: usize,
}

/// A value further back than this, and than two windows of the mean, is no reference: rows are read in a
/// time that does not grow with a gap.
const REACH: usize = 1000;

impl Relative {
    /// m ⌈H/m⌉
    fn window(&self) -> usize {
        let season = self.season.max(1);
        season.saturating_mul(self.horizon.div_ceil(season))
    }

    /// The rows to which a reference looks back.
    pub fn reach(&self) -> usize {
        REACH.max(self.window().saturating_mul(2))
    }

    // ANCHOR: reference
    /// r of each of the next H rows after `past`; `none` where `past` has no value to refer to.
    ///
    /// ```text
    /// last    r_{t,k} = y_t
    /// recent  r_{t,k} = (1/w) Σ_{j=0}^{w−1} y_{t−j},   w = m ⌈H/m⌉                (E33)
    /// season  r_{t,k} = y_{t+k−m⌈k/m⌉}
    /// ```
    /// A missing value is passed over: the reference is then the next older one, or the mean of the
    /// others.
    pub fn next<'a>(
        &self,
        past: &'a [Option<f64>],
        none: f64,
    ) -> impl Iterator<Item = f64> + use<'a> {
        let past = &past[past.len().saturating_sub(self.reach())..];
        let (window, season) = (self.window(), self.season.max(1));
        let last = || past.iter().rev().flatten().next().copied().unwrap_or(none);
        let (of_all, last) = match self.reference {
            Reference::Training => (Some(0.0), 0.0),
            Reference::Last => (Some(last()), none),
            Reference::Recent => (Some(mean(past, window).unwrap_or_else(last)), none),
            Reference::Season => (None, last()),
        };
        let of_row = move |k| of_all.or_else(|| seasonal(past, season, k)).unwrap_or(last);
        (0..self.horizon).map(of_row)
    }
    // ANCHOR_END: reference

    /// What the network reads of a value: what it differs from the reference that the row before had for
    /// it. A first value is its own reference.
    pub fn difference(&self, past: &[Option<f64>], value: Option<f64>) -> Option<f64> {
        let x = value?;
        let reference = self.next(past, x).next();
        Some(x - reference.unwrap_or(x))
    }
}

/// The mean of the values in the last `window` rows.
fn mean(past: &[Option<f64>], window: usize) -> Option<f64> {
    let values = past[past.len().saturating_sub(window)..].iter().flatten();
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// The last value that lies a whole number of seasons before the row k + 1 rows after `past`.
fn seasonal(past: &[Option<f64>], season: usize, k: usize) -> Option<f64> {
    let mut rows = (1..).map_while(|n| (past.len() + k).checked_sub(n * season));
    rows.find_map(|row| past.get(row).copied().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reference: Reference, past: &[Option<f64>]) -> Vec<f64> {
        let relative = Relative {
            reference,
            horizon: 4,
            season: 3,
        };
        relative.next(past, -1.0).collect()
    }

    #[test]
    fn references_of_a_worked_case() {
        let past = [1.0, 2.0, 3.0, 5.0, 6.0, 10.0].map(Some);
        assert_eq!(of(Reference::Training, &past), [0.0; 4]);
        assert_eq!(of(Reference::Last, &past), [10.0; 4]);
        // Two seasons reach four rows: (1 + 2 + 3 + 5 + 6 + 10) / 6.
        assert_eq!(of(Reference::Recent, &past), [4.5; 4]);
        assert_eq!(of(Reference::Season, &past), [5.0, 6.0, 10.0, 5.0]);
    }

    #[test]
    fn a_missing_value_is_passed_over() {
        let past = [Some(1.0), Some(2.0), Some(3.0), None, Some(6.0), None];
        assert_eq!(of(Reference::Last, &past), [6.0; 4]);
        assert_eq!(of(Reference::Recent, &past), [3.0; 4]);
        assert_eq!(of(Reference::Season, &past), [1.0, 6.0, 3.0, 1.0]);
        // Too short for a season: the last value.
        assert_eq!(of(Reference::Season, &past[1..2]), [2.0, 2.0, 2.0, 2.0]);
        for reference in [Reference::Last, Reference::Recent, Reference::Season] {
            assert_eq!(of(reference, &[None, None]), [-1.0; 4]);
            assert_eq!(of(reference, &[]), [-1.0; 4]);
        }
    }

    #[test]
    fn a_first_value_is_its_own_reference() {
        for (reference, expected) in [(Reference::Training, 7.0), (Reference::Season, 0.0)] {
            let relative = Relative {
                reference,
                horizon: 2,
                season: 1,
            };
            assert_eq!(relative.difference(&[None], Some(7.0)), Some(expected));
            assert_eq!(relative.difference(&[Some(5.0)], None), None);
        }
    }

    #[test]
    fn a_gap_of_a_million_rows_takes_no_time() {
        let mut past = vec![None; 1_000_000];
        past[0] = Some(3.0);
        for reference in [Reference::Last, Reference::Recent, Reference::Season] {
            for rows in (10..1_000_000).step_by(1000) {
                let first = of(reference, &past[..rows])[0];
                assert_eq!(first, if rows < 1000 { 3.0 } else { -1.0 }, "{rows}");
            }
        }
    }
}
