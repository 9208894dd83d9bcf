//! The source has each Chinese sentence on its own line, but a page has no space between them.

/// Whether two lines of a paragraph are joined without a space.
pub fn joins(line: &str, next: &str) -> bool {
    let last = line.trim_end().trim_end_matches(['*', '_']).chars().last();
    let first = next.trim_start_matches(['*', '_', '[']).chars().next();
    let (Some(last), Some(first)) = (last, first) else {
        return false;
    };
    // The tag may be a line break, and in a quotation every line starts with its mark.
    let is_marked = next.starts_with(['<', '>']);
    !is_marked && (is_mark(last) || is_mark(first) || (is_wide(last) && is_wide(first)))
}

/// Chinese punctuation, whose glyphs contain their own space.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff1f}')
        || "“”‘’…—".contains(c)
}

/// A character that is written without spaces around it.
fn is_wide(c: char) -> bool {
    is_mark(c)
        || matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_sentences_are_joined_and_nothing_else() {
        for (line, next) in [
            ("门有四个。", "它们不是开关。"),
            ("门有四个。", "$i_t$ 是其一。"),
            ("门有四个，", "LSTM 用它们。"),
            ("**门**", "与细胞"),
            ("见 [表](x.md)。", "**注意**"),
        ] {
            assert!(joins(line, next), "{line}|{next}");
        }
        for (line, next) in [
            ("Four gates.", "They are taps."),
            ("这是门", "LSTM"),
            ("LSTM", "有四个门"),
            ("门。", "<br>"),
            ("> 门。", "> 一"),
        ] {
            assert!(!joins(line, next), "{line}|{next}");
        }
    }
}
