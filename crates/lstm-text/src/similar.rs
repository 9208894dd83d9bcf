//! A known character to suggest in place of an unknown one.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A known variant of an unknown character. The variants are tried in this order: without accent or full
/// width, in the other case, both, in full width, as an ASCII quotation mark or hyphen.
pub(crate) fn similar(character: char, known: impl Fn(char) -> bool) -> Option<char> {
    let plain = plain(character);
    [
        Some(plain),
        other_case(character),
        other_case(plain),
        full_width(character),
        ascii_punctuation(character),
    ]
    .into_iter()
    .flatten()
    .find(|&c| known(c))
}

/// The character without accent and in ordinary width.
fn plain(character: char) -> char {
    let parts = [character].into_iter().nfkd();
    single(parts.filter(|&c| !is_combining_mark(c))).unwrap_or(character)
}

fn other_case(character: char) -> Option<char> {
    if character.is_uppercase() {
        single(character.to_lowercase())
    } else {
        single(character.to_uppercase())
    }
}

/// U+FF01 … U+FF5E are the printable ASCII characters at the width of a Chinese character.
fn full_width(character: char) -> Option<char> {
    character
        .is_ascii_graphic()
        .then(|| char::from_u32(u32::from(character) + 0xFEE0))?
}

fn ascii_punctuation(character: char) -> Option<char> {
    match character {
        '‘' | '’' => Some('\''),
        '“' | '”' => Some('"'),
        '‐'..='―' => Some('-'),
        _ => None,
    }
}

/// The only character of an iterator, if there is exactly one.
fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(known: &str, character: char) -> Option<char> {
        similar(character, |c| known.contains(c))
    }

    #[test]
    fn variants_differ_in_accent_case_width_or_typography() {
        assert_eq!(among("eE", 'é'), Some('e'));
        assert_eq!(among("e", 'E'), Some('e'));
        assert_eq!(among("E", 'é'), Some('E'));
        assert_eq!(among("EÉ", 'é'), Some('É'));
        assert_eq!(among(",", '，'), Some(','));
        assert_eq!(among("，", ','), Some('，'));
        assert_eq!(among("a'\"-", '’'), Some('\''));
        assert_eq!(among("a'\"-", '“'), Some('"'));
        assert_eq!(among("a'\"-", '—'), Some('-'));
    }

    #[test]
    fn what_is_not_known_or_is_several_characters_is_not_suggested() {
        assert_eq!(among("xyz", 'é'), None);
        assert_eq!(among("123⁄S", '½'), None);
        assert_eq!(among("S", 'ß'), None);
        assert_eq!(among("明月", '光'), None);
        assert_eq!(among("e", '\u{301}'), None);
    }
}
