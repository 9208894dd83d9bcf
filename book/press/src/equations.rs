//! The numbered equations: one table in TeX, `book/equations.toml`.

use crate::Error;

/// A numbered equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// 6 of E6.
    pub number: usize,
    /// As the book sets it.
    pub tex: String,
}

/// Reads lines of the form `E6 = 'TeX'`; they are numbered from 1 without a gap.
pub fn equations(path: &str, text: &str) -> Result<Vec<Equation>, Error> {
    let mut equations: Vec<Equation> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let fail = |what: &str| Error::new(path, n + 1, what);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| fail("not of the form E6 = 'TeX'"))?;
        let number =
            number(name.trim()).ok_or_else(|| fail("the name of an equation is E and a number"))?;
        if number != equations.len() + 1 {
            return Err(fail(
                "the equations are not in order, from E1 without a gap",
            ));
        }
        let tex = value
            .trim()
            .strip_prefix('\'')
            .and_then(|v| v.strip_suffix('\''))
            .filter(|tex| !tex.contains('\''))
            .ok_or_else(|| {
                fail("the TeX stands between single quotation marks, with none in it")
            })?;
        equations.push(Equation {
            number,
            tex: tex.to_owned(),
        });
    }
    Ok(equations)
}

/// 6 of `E6`, and of nothing else.
pub fn number(name: &str) -> Option<usize> {
    let digits = name.strip_prefix('E')?;
    let plain = !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The formulas of an equation that stand beside each other, with `\\quad` between them: where there
/// is no room they stand below each other.
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

/// Cuts prose at the equations that it names: what stands before, the number, and at last the rest.
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
        for (text, line) in [("E2 = 'x'", 1), ("E1 = 'x'\nE1 = 'y'", 2), ("E1 = x", 1)] {
            assert_eq!(equations("e.toml", text).unwrap_err().line, line);
        }
    }

    #[test]
    fn parts_are_cut_between_formulas_and_not_within() {
        assert_eq!(parts(r"a = b, \quad c \qquad d"), ["a = b,", "c", "d"]);
        assert_eq!(parts(r"\frac{a \quad b}{c}"), [r"\frac{a \quad b}{c}"]);
    }

    #[test]
    fn names_are_found_in_both_languages() {
        let numbers = |text| names(text).0.iter().map(|n| n.1).collect::<Vec<_>>();
        assert_eq!(numbers("E9–E17, E9 to E17 (E6)."), [9, 17, 9, 17, 6]);
        assert_eq!(numbers("由E9 至 E17得"), [9, 17]);
        assert_eq!(numbers("1E5 0xE3 TE4 E2E E0 E_1 E[:, s] E1b"), [0usize; 0]);
        let (found, rest) = names("see E6.");
        assert_eq!((found, rest), (vec![("see ", 6)], "."));
    }
}
