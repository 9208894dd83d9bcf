//! Names of equations in a line of text.

/// How a line names an equation; the last is the most specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// Within a range: `E1–E5`.
    InRange,
    /// By itself: `the sum in E9`.
    Named,
    /// By itself after an opening bracket, as the number after its formula: `(E6)`.
    Numbered,
}

/// Every equation that a line names: E16 is not E1, and E1–E5 is five.
pub fn mentions(line: &str) -> Vec<(usize, Mention)> {
    let mut found = Vec::new();
    let mut rest = line;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let starts_a_word = !before.is_some_and(is_word);
        if let Some((first, after)) = name(rest).filter(|_| starts_a_word) {
            let last = after.strip_prefix(['–', '-']).and_then(name);
            let mention = match last {
                Some(_) => Mention::InRange,
                None if before == Some('(') && !after.starts_with(',') => Mention::Numbered,
                None => Mention::Named,
            };
            let (last, after) = last.unwrap_or((first, after));
            found.extend((first..=last).map(|number| (number, mention)));
            (before, rest) = (Some('0'), after);
        } else {
            (before, rest) = (Some(c), &rest[c.len_utf8()..]);
        }
    }
    found
}

/// `E16, …` as 16 and the rest.
fn name(text: &str) -> Option<(usize, &str)> {
    let digits = text.strip_prefix('E')?;
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = digits[..digits.len() - rest.len()].parse().ok()?;
    (!rest.starts_with(is_word)).then_some((number, rest))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::Mention::*;
    use super::*;
    use std::ops::RangeInclusive;

    #[test]
    fn a_number_is_read_whole() {
        assert_eq!(mentions("E16 and E1."), [(16, Named), (1, Named)]);
        assert_eq!(mentions("c_t = f_t ⊙ c_{t−1}   (E6)"), [(6, Numbered)]);
        assert_eq!(mentions("tanh(c) of E7"), [(7, Named)]);
        assert_eq!(
            mentions("(E23 and its kin), not in (E6, E7)"),
            [(23, Numbered), (6, Named), (7, Named)]
        );
    }

    #[test]
    fn a_range_names_every_equation_in_it() {
        let range =
            |numbers: RangeInclusive<usize>| numbers.map(|n| (n, InRange)).collect::<Vec<_>>();
        assert_eq!(mentions("(E9–E12)"), range(9..=12));
        assert_eq!(mentions("E2-E4,"), range(2..=4));
        assert_eq!(
            mentions("E1–E3, E5"),
            [range(1..=3), vec![(5, Named)]].concat()
        );
    }

    #[test]
    fn other_words_with_an_e_are_not_equations() {
        for line in ["1E5", "0xE3", "TE4", "E0_x", "E2E", "E[:, s]", "E", "E–E"] {
            assert_eq!(mentions(line), [], "{line}");
        }
    }
}
