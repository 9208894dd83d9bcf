//! Emphasis beside Chinese. Markdown wants a space or a mark outside of `**` when a mark stands
//! inside: `**注意：**下面` stays as it is typed. Chinese has no spaces, so an empty comment, which
//! counts as a mark and is not seen, stands in for one.

use crate::pieces::{Piece, pieces};

/// What is not seen, and parts.
pub const NOTHING: &str = "<!---->";

/// The line, with nothing put where Markdown needs something.
pub fn parted(line: &str) -> Result<String, String> {
    let mut out = String::with_capacity(line.len());
    let mut open = Vec::new();
    let mut at = 0;
    for piece in pieces(line)? {
        let (text, raw_length) = match piece {
            Piece::Text(text) | Piece::Label(text) => (Some(text), text.len()),
            Piece::Raw(raw) => (None, raw.len()),
            Piece::Math(tex) => (None, tex.len() + 2),
        };
        match text {
            Some(text) => runs(line, at, text.len(), &mut open, &mut out),
            None => out += &line[at..at + raw_length],
        }
        at += raw_length;
    }
    Ok(out)
}

/// Copies a stretch of words, parting its runs of `*`.
fn runs(line: &str, from: usize, length: usize, open: &mut Vec<usize>, out: &mut String) {
    let (mut at, to) = (from, from + length);
    while let Some(found) = line[at..to].find('*') {
        let start = at + found;
        let stars = line[start..to].len() - line[start..to].trim_start_matches('*').len();
        out.push_str(&line[at..start]);
        at = start + stars;
        let (before, after) = (line[..start].chars().last(), line[at..].chars().next());
        let closes = open.last() == Some(&stars);
        if closes {
            open.pop();
        } else if after.is_some_and(|c| !c.is_whitespace()) {
            open.push(stars);
        }
        let (Some(before), Some(after)) = (before, after) else {
            out.push_str(&line[start..at]);
            continue;
        };
        if !closes && is_letter(before) && is_mark(after) {
            out.push_str(NOTHING);
        }
        out.push_str(&line[start..at]);
        if closes && is_mark(before) && is_letter(after) {
            out.push_str(NOTHING);
        }
    }
    out.push_str(&line[at..to]);
}

/// Punctuation, in Latin and in Chinese.
fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{205e}' | '\u{3001}'..='\u{3030}')
        || matches!(c, '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}')
}

fn is_letter(c: char) -> bool {
    !c.is_whitespace() && !is_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_put_where_markdown_needs_it_and_nowhere_else() {
        for (line, shown) in [
            ("**注意：**下面", "**注意：**<!---->下面"),
            ("这叫**“门”**，", "这叫<!---->**“门”**，"),
            ("状态**$c_t$**的", "状态<!---->**$c_t$**<!---->的"),
            ("用*`x`*写", "用<!---->*`x`*<!---->写"),
            ("。**重点**是", "。**重点**是"),
            ("**Note.** Then", "**Note.** Then"),
            ("a * b, `**。**字`", "a * b, `**。**字`"),
            ("**甲。** 乙**丙。**", "**甲。** 乙**丙。**"),
        ] {
            assert_eq!(parted(line).unwrap(), shown);
        }
    }
}
