//! Emphasis in Chinese. CommonMark finds none in `**注意：**下面`: where punctuation is inside the
//! asterisks, it demands a space or punctuation outside, and Chinese has no spaces. An empty comment
//! counts as punctuation and is invisible, so it is inserted there.

/// The empty comment.
pub const NOTHING: &str = "<!---->";

/// Counts the asterisks of a line to know which of them close an emphasis.
#[derive(Debug, Default)]
pub struct Emphasis {
    /// The number of asterisks before each emphasis that is open.
    open: Vec<usize>,
}

impl Emphasis {
    /// An emphasis ends with its line.
    pub fn end_line(&mut self) {
        self.open.clear();
    }

    /// The places in the words `text[from..to]` where the comment must be inserted.
    pub fn gaps(&mut self, text: &str, from: usize, to: usize) -> Vec<usize> {
        let mut gaps = Vec::new();
        let mut at = from;
        while let Some(found) = text[at..to].find(['*', '\n']) {
            let start = at + found;
            let rest = &text[start..to];
            let stars = rest.len() - rest.trim_start_matches('*').len();
            at = start + stars.max(1);
            if stars == 0 {
                self.end_line();
                continue;
            }
            let before = text[..start].chars().next_back().unwrap_or('\n');
            let after = text[at..].chars().next().unwrap_or('\n');
            let closes = self.open.last() == Some(&stars);
            if closes {
                self.open.pop();
            } else if !after.is_whitespace() {
                self.open.push(stars);
            }
            if !closes && is_letter(before) && is_mark(after) {
                gaps.push(start);
            }
            if closes && is_mark(before) && is_letter(after) {
                gaps.push(at);
            }
        }
        gaps
    }
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
    fn the_comment_is_inserted_where_markdown_needs_it_and_nowhere_else() {
        for (line, gaps) in [
            ("**注意：**下面", vec!["**注意：**"]),
            ("这叫**“门”**，", vec!["这叫"]),
            ("状态**$c_t$**的", vec!["状态", "状态**$c_t$**"]),
            ("用*`x`*写", vec!["用", "用*`x`*"]),
            ("。**重点**是", vec![]),
            ("**Note.** Then", vec![]),
            ("a * b\n**。** c", vec![]),
            ("**甲。** 乙**丙。**", vec![]),
        ] {
            let found = Emphasis::default().gaps(line, 0, line.len());
            let found: Vec<_> = found.into_iter().map(|at| &line[..at]).collect();
            assert_eq!(found, gaps, "{line}");
        }
    }
}
