//! Numbers as a table writes them. Nothing is guessed.

/// A number is at most this large, so that no square of one overflows.
const LARGEST: f64 = 1e100;

/// The number that a cell holds, or `None` if the value is missing.
///
/// A missing value is an empty cell, `NA`, `N/A`, `NaN`, `null` or `none`, in letters of either case.
///
/// # Errors
/// What is wrong with the cell.
pub(in crate::data) fn number(cell: &str) -> Result<Option<f64>, String> {
    let cell = cell.trim();
    let is_missing = ["", "na", "n/a", "nan", "null", "none"]
        .iter()
        .any(|word| cell.eq_ignore_ascii_case(word));
    if is_missing {
        return Ok(None);
    }
    match cell.parse::<f64>() {
        Ok(number) if number.abs() <= LARGEST => Ok(Some(number)),
        Ok(number) if number.is_nan() => Err(format!("{cell:?} is not a number")),
        Ok(_) => Err(format!(
            "{cell:?} is too large; leave the cell empty if the value is unknown"
        )),
        Err(_) => Err(why_no_number(cell)),
    }
}

fn why_no_number(cell: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let separators: String = cell.chars().filter(|c| !is_digit(*c)).collect();
    let separators = separators.trim_start_matches(['-', '+']);
    let has_digits =
        cell.starts_with(|c: char| is_digit(c) || c == '-' || c == '+') && cell.ends_with(is_digit);
    if has_digits && separators == "," {
        return format!(
            "{cell:?} may have a decimal comma or a separator of thousands; write the number with a \
             decimal point and without separators"
        );
    }
    let is_separator = |c: char| {
        matches!(
            c,
            ',' | '.' | '\'' | '_' | ' ' | '\u{A0}' | '\u{202F}' | '’'
        )
    };
    if has_digits && !separators.is_empty() && separators.chars().all(is_separator) {
        return format!("{cell:?} has separators of thousands; write the number without them");
    }
    format!("{cell:?} is not a number; leave the cell empty if the value is unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_missing_values_are_read_and_nothing_is_guessed() {
        for (cell, expected) in [
            ("12.5", Some(12.5)),
            (" -3e2 ", Some(-300.0)),
            ("", None),
            ("  ", None),
            ("NaN", None),
            ("n/a", None),
            ("NULL", None),
        ] {
            assert_eq!(number(cell), Ok(expected), "{cell:?}");
        }
        for (cell, part) in [
            ("12,5", "decimal comma"),
            ("-12,500", "decimal comma"),
            ("1,234.5", "separators of thousands"),
            ("1.234,5", "separators of thousands"),
            ("1'234'567", "separators of thousands"),
            ("1 234", "separators of thousands"),
            ("1.234.567", "separators of thousands"),
            ("inf", "too large"),
            ("-Infinity", "too large"),
            ("1e999", "too large"),
            ("-nan", "not a number"),
            ("12 %", "not a number"),
            ("abc", "not a number"),
            ("−5", "not a number"),
            (",", "not a number"),
        ] {
            let message = number(cell).unwrap_err();
            assert!(message.contains(part), "{cell:?}: {message}");
        }
    }
}
