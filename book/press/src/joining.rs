//! Chinese sentences stand on lines of their own, and between two of them belongs no space.

/// Whether the next line of a paragraph goes on without the space that a new line would be.
pub fn joins(line: &str, next: &str) -> bool {
    let next = next.trim();
    let last = line.trim_end().trim_end_matches(['*', '_']).chars().last();
    let first = next.trim_start_matches(['*', '_', '[']).chars().next();
    let (Some(last), Some(first)) = (last, first) else {
        return false;
    };
    !starts_a_block(next) && (is_mark(last) || is_mark(first) || (is_wide(last) && is_wide(first)))
}

/// Items, rows and quotations are lines by themselves.
fn starts_a_block(line: &str) -> bool {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered =
        digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") "));
    let marked = ["- ", "* ", "+ ", "|", ">", "<", "#"];
    numbered || marked.iter().any(|mark| line.starts_with(mark))
}

/// Chinese punctuation: it brings its own space.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff1f}')
        || "“”‘’…—".contains(c)
}

/// A character that is written without spaces about it.
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
            ("门有四个，", "  LSTM 用它们。"),
            ("**门**", "与细胞"),
            ("见 [表](x.md)。", "**注意**"),
        ] {
            assert!(joins(line, next), "{line}|{next}");
        }
        for (line, next) in [
            ("Four gates.", "They are taps."),
            ("这是门", "LSTM"),
            ("LSTM", "有四个门"),
            ("如下：", "- 第一"),
            ("如下：", "1. 第一"),
            ("| 门 |", "| 一 |"),
            ("门。", "<br>"),
        ] {
            assert!(!joins(line, next), "{line}|{next}");
        }
    }
}
