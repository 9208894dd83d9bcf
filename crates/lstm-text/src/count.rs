//! A number and its noun in a sentence.

/// The number and the noun, in the singular or in the plural.
///
/// ```
/// use lstm_text::counted;
///
/// assert_eq!(counted(1, "row"), "1 row");
/// assert_eq!(counted(2, "row"), "2 rows");
/// ```
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {}", plural(count, noun))
}

/// The noun as it stands after this number.
pub fn plural(count: usize, noun: &str) -> String {
    match count {
        1 => noun.to_owned(),
        _ => format!("{noun}s"),
    }
}
