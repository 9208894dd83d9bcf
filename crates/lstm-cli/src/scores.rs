//! Precision, recall and F1 in a table.

use console::{Alignment, pad_str};
use lstm_tasks::metrics::{SpanCounts, SpanScore};

/// The heading of the table: of its names, and of what is counted.
pub fn measures(names: &str, counted: &str, width: usize) -> String {
    format!("{} {counted:>6}    prec.   recall  F1", name(names, width))
}

/// A line of the table; F1 and the others are in per cent.
pub fn row(of: &str, width: usize, counts: &SpanCounts) -> String {
    let SpanScore {
        precision,
        recall,
        f1,
    } = counts.score();
    let [p, r, f1] = [precision, recall, f1].map(|v| 100.0 * v);
    let (of, meant) = (name(of, width), counts.meant);
    format!("{of} {meant:>6}  {p:6.2}  {r:6.2}  {f1:6.2}")
}

/// A name in a column of this width.
pub fn name(name: &str, width: usize) -> String {
    pad_str(name, width, Alignment::Left, None).into_owned()
}
