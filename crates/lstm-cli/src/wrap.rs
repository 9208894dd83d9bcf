//! Lines that fit the terminal.

use console::measure_text_width;

/// The lines of a text, none wider than `width` columns. A line is cut at a space, or inside a word that
/// is longer than a line.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.replace('\t', "    ").split('\n') {
        let mut rest = line;
        while let Some(at) = cut(rest, width) {
            lines.push(rest[..at].to_owned());
            rest = rest[at..].strip_prefix(' ').unwrap_or(&rest[at..]);
        }
        lines.push(rest.to_owned());
    }
    lines
}

/// The place at which a line that is too wide is cut.
fn cut(line: &str, width: usize) -> Option<usize> {
    let (mut used, mut space) = (0, None);
    for (at, c) in line.char_indices() {
        used += columns(c);
        if c == ' ' && at > 0 {
            space = Some(at);
        }
        if used > width && at > 0 {
            return Some(space.unwrap_or(at));
        }
    }
    None
}

fn columns(c: char) -> usize {
    measure_text_width(c.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_too_wide_and_no_letter_is_lost() {
        let text = "the cell keeps what the forget gate lets through\n\nabcdefghijklmnopqrstuvwxyz 白日依山尽";
        for width in 2..60 {
            let lines = wrapped(text, width);
            let widest = lines.iter().map(|line| measure_text_width(line)).max();
            assert!(widest <= Some(width), "{width}: {lines:?}");
            let letters = |text: &str| text.replace([' ', '\n'], "");
            assert_eq!(letters(&lines.concat()), letters(text));
        }
        assert_eq!(wrapped("to be or not", 8), ["to be or", "not"]);
        assert_eq!(wrapped("to be or not", 7), ["to be", "or not"]);
        assert_eq!(wrapped("", 7), [""]);
    }
}
