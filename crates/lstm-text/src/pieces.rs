//! Where a text is cut into words so that nothing of it is lost.

/// Cuts a text into words and marks. A space belongs to what follows it, and an apostrophe inside a
/// word to what precedes it; a Chinese character is a word. The pieces put together are the text.
///
/// ```
/// use lstm_text::pieces;
///
/// let cut: Vec<&str> = pieces(" L'an 2024, non ?").collect();
/// assert_eq!(cut, [" L'", "an", " 2024", ",", " non", " ?"]);
/// assert_eq!(pieces("我3点 来。").collect::<Vec<_>>(), ["我", "3", "点", " 来", "。"]);
/// ```
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(first(rest));
        rest = after;
        Some(piece)
    })
}

/// The bytes of the first piece.
fn first(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    chars.next_if(|&(_, c)| c == ' ');
    // A space before another, or at the end, stands alone.
    let Some((start, c)) = chars.next_if(|&(_, c)| c != ' ') else {
        return 1;
    };
    if !in_word(c) {
        return start + c.len_utf8();
    }
    while chars.next_if(|&(_, c)| in_word(c)).is_some() {}
    let end = chars.peek().map_or(text.len(), |&(at, _)| at);
    match chars.next_if(|&(_, c)| matches!(c, '\'' | '’')) {
        Some((at, mark)) if chars.peek().is_some_and(|&(_, c)| in_word(c)) => at + mark.len_utf8(),
        _ => end,
    }
}

/// Whether words are made of it. Those of Chinese and Japanese have no space between them.
fn in_word(c: char) -> bool {
    c.is_alphanumeric()
        && !matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        || matches!(c, '\u{300}'..='\u{36F}')
}
