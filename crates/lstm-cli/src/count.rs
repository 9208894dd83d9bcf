//! A number and its noun in a sentence.

use lstm_plot::grouped;
use lstm_text::plural;

/// `1 thread`, `1,000 characters`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {}", grouped(count as u64), plural(count, noun))
}
