//! The numbered equations: one table in TeX, `book/equations.toml`.

use crate::Error;
use crate::markdown::line_number;
use std::collections::BTreeMap;
use toml::Spanned;

/// A numbered equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// 6 of E6.
    pub number: usize,
    /// The formula that the book shows.
    pub tex: String,
}

/// Reads entries of the form `E6 = 'TeX'`, numbered from 1 in order and without a gap.
///
/// # Errors
/// [`Error`] with the line of an entry that is not TOML, is not a string, or has the wrong name.
pub fn equations(path: &str, text: &str) -> Result<Vec<Equation>, Error> {
    let fail = |at: usize, what: &str| Error::new(path, line_number(text, at), what);
    let table: BTreeMap<Spanned<String>, String> = toml::from_str(text)
        .map_err(|e| fail(e.span().map_or(0, |span| span.start), e.message()))?;
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let numbered = entries.into_iter().enumerate().map(|(n, (name, tex))| {
        let at = name.span().start;
        let number = number(name.get_ref())
            .ok_or_else(|| fail(at, "the name of an equation is E and a number"))?;
        if number != n + 1 {
            return Err(fail(
                at,
                "the equations are not in order, from E1 without a gap",
            ));
        }
        Ok(Equation { number, tex })
    });
    numbered.collect()
}

/// 6 of `E6`, and of nothing else.
pub fn number(name: &str) -> Option<usize> {
    let digits = name.strip_prefix('E')?;
    let plain = !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The formulas of an equation, which `\\quad` separates. The page shows them on one line if there is
/// room, and otherwise one below the other.
pub fn parts(tex: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0usize;
    for token in tex.split_inclusive(' ') {
        let gap = matches!(token.trim(), "\\quad" | "\\qquad");
        match parts.last_mut() {
            Some(part) if !(gap && depth == 0) => *part += token,
            _ => parts.push(String::new()),
        }
        depth += token.matches('{').count();
        depth = depth.saturating_sub(token.matches('}').count());
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// The equations that a text names, each with the text before it, and the text after the last.
pub fn names(text: &str) -> (Vec<(&str, usize)>, &str) {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(at) = text[from..].find('E').map(|at| from + at) {
        let rest = &text[at + 1..];
        let length = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let end = at + 1 + length;
        let apart = !text[..at].ends_with(word) && !text[end..].starts_with(word);
        if let Some(number) = number(&text[at..end]).filter(|_| apart) {
            found.push((&text[start..at], number));
            start = end;
        }
        from = end;
    }
    (found, &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_in_order() {
        let table = equations("e.toml", "# x\n\nE1 = 'a = b'\nE2 = '\\sigma'\n").unwrap();
        assert_eq!(table[1].tex, "\\sigma");
        for (text, line) in [
            ("E2 = 'x'", 1),
            ("E1 = 'x'\nE1 = 'y'", 2),
            ("E1 = 'x'\nE3 = 'y'", 2),
            ("E1 = 'x'\nE2 = 3", 2),
            ("E1 = 'x'\nF2 = 'y'", 2),
            ("E1 = x", 1),
        ] {
            assert_eq!(equations("e.toml", text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn parts_are_cut_between_formulas_and_not_within() {
        assert_eq!(parts(r"a = b, \quad c \qquad d"), ["a = b,", "c", "d"]);
        assert_eq!(parts(r"\frac{a \quad b}{c}"), [r"\frac{a \quad b}{c}"]);
    }

    #[test]
    fn names_are_found_in_english_and_chinese() {
        let numbers = |text| names(text).0.iter().map(|n| n.1).collect::<Vec<_>>();
        assert_eq!(numbers("E9–E17, E9 to E17 (E6)."), [9, 17, 9, 17, 6]);
        assert_eq!(numbers("由E9 至 E17得"), [9, 17]);
        assert_eq!(numbers("1E5 0xE3 TE4 E2E E0 E_1 E[:, s] E1b"), [0usize; 0]);
        let (found, rest) = names("see E6.");
        assert_eq!((found, rest), (vec![("see ", 6)], "."));
    }
}
