//! Pre-tokenization: a text is cut into words and punctuation marks, and no character is lost.

/// Cuts a text into words and punctuation marks, each with the space before it. An apostrophe inside a
/// word ends one word and begins the next; a Chinese or Japanese character is a word of its own. The
/// words, concatenated, are the text.
///
/// ```
/// use lstm_text::pretokenize;
///
/// let words: Vec<&str> = pretokenize(" L'an 2024, non ?").collect();
/// assert_eq!(words, [" L'", "an", " 2024", ",", " non", " ?"]);
/// assert_eq!(pretokenize("我3点 来。").collect::<Vec<_>>(), ["我", "3", "点", " 来", "。"]);
/// ```
pub fn pretokenize(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (word, after) = rest.split_at(first_word(rest));
        rest = after;
        Some(word)
    })
}

/// The length in bytes of the first word.
fn first_word(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    chars.next_if(|&(_, c)| c == ' ');
    // A space before another space, or at the end of the text, is a word of its own.
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

/// Whether several characters of this kind can form one word: letters, digits and combining accents,
/// but not Chinese characters or kana, which are written without spaces between words.
fn in_word(c: char) -> bool {
    c.is_alphanumeric()
        && !matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        || matches!(c, '\u{300}'..='\u{36F}')
}
