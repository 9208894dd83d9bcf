//! A line of prose in pieces: what is mathematics in it, and what must be left alone.

/// A piece of a line. Joined again, the pieces are the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words and Markdown's own marks.
    Text(&'a str),
    /// The label of a link: words that are linked already.
    Label(&'a str),
    /// What stays as it is: code, tags, addresses, images, escapes.
    Raw(&'a str),
    /// TeX, without its dollars.
    Math(&'a str),
}

/// Cuts a line; the message says what is wrong with it.
pub fn pieces(line: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(c) = line[at..].chars().next() {
        let rest = &line[at..];
        let found = match c {
            '\\' => {
                let next = rest[1..].chars().next().map_or(0, char::len_utf8);
                Some((Piece::Raw(&rest[..1 + next]), 1 + next))
            }
            '`' => code(rest).map(|length| (Piece::Raw(&rest[..length]), length)),
            '<' => tag(rest).map(|length| (Piece::Raw(&rest[..length]), length)),
            '$' => {
                let tex = formula(rest)?;
                Some((Piece::Math(tex), tex.len() + 2))
            }
            '!' if rest.starts_with("![") => {
                link(&rest[1..]).map(|(_, whole)| (Piece::Raw(&rest[..=whole]), whole + 1))
            }
            '[' => link(rest).map(|(label, _)| (Piece::Label(&rest[1..=label]), label + 1)),
            ']' if rest.starts_with("](") || rest.starts_with("][") => {
                let close = if rest.starts_with("](") { ')' } else { ']' };
                rest[2..]
                    .find(close)
                    .map(|end| (Piece::Raw(&rest[..end + 3]), end + 3))
            }
            _ if rest.starts_with("{{#") => {
                return Err(format!("`{rest}` stands not alone on its line"));
            }
            _ => None,
        };
        let Some((piece, length)) = found else {
            at += c.len_utf8();
            continue;
        };
        let bracket = usize::from(matches!(piece, Piece::Label(_)));
        if start < at + bracket {
            pieces.push(Piece::Text(&line[start..at + bracket]));
        }
        pieces.push(piece);
        at += length;
        start = at;
    }
    if start < line.len() {
        pieces.push(Piece::Text(&line[start..]));
    }
    Ok(pieces)
}

/// The length of a code span at the start; none if it is not closed.
fn code(rest: &str) -> Option<usize> {
    let ticks = rest.len() - rest.trim_start_matches('`').len();
    let mut at = ticks;
    while let Some(found) = rest[at..].find('`') {
        at += found;
        let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        at += run;
        if run == ticks {
            return Some(at);
        }
    }
    None
}

/// The length of a tag, comment or `<https://…>` at the start.
fn tag(rest: &str) -> Option<usize> {
    let first = rest[1..].chars().next()?;
    let opens = first.is_ascii_alphabetic() || "/!".contains(first);
    opens.then(|| rest.find('>').map(|end| end + 1)).flatten()
}

/// The TeX of `$…$` at the start.
fn formula(rest: &str) -> Result<&str, String> {
    if rest.starts_with("$$") {
        return Err("`$$` stands alone on its line, the formula below it".into());
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '$' if !escaped => return Ok(&rest[1..at]),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    Err(format!(
        "a `$` without a partner on its line (a dollar is written `\\$`): {rest}"
    ))
}

/// Where the label of a link at the start ends, and the whole link.
fn link(rest: &str) -> Option<(usize, usize)> {
    let (mut depth, mut escaped, mut at) = (0, false, 0);
    while let Some(c) = rest[at..].chars().next() {
        match c {
            '`' if !escaped => {
                at += code(&rest[at..]).unwrap_or(1);
                continue;
            }
            '[' if !escaped => depth += 1,
            ']' if !escaped => depth -= 1,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        if depth == 0 {
            let label = at - 1;
            let end = if rest[at..].starts_with("](") {
                rest[at..].find(')')?
            } else if rest[at..].starts_with("][") {
                rest[at + 1..].find(']')? + 1
            } else {
                return None;
            };
            return Some((label, at + end + 1));
        }
        at += c.len_utf8();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Piece::{Label, Math, Raw, Text};
    use super::*;

    #[test]
    fn mathematics_is_between_dollars_and_not_in_code_tags_or_escapes() {
        assert_eq!(
            pieces(r"a $h_{t-1}$, `$x$`, \$5 and <a title='$'>b</a>").unwrap(),
            [
                Text("a "),
                Math("h_{t-1}"),
                Text(", "),
                Raw("`$x$`"),
                Text(", "),
                Raw(r"\$"),
                Text("5 and "),
                Raw("<a title='$'>"),
                Text("b"),
                Raw("</a>"),
            ]
        );
        assert_eq!(pieces(r"$a\$b$").unwrap(), [Math(r"a\$b")]);
        assert_eq!(pieces("1 < 2 `open").unwrap(), [Text("1 < 2 `open")]);
    }

    #[test]
    fn a_label_is_kept_apart_from_its_address() {
        assert_eq!(
            pieces("see [E6 and `a]`](cell.md#E6) or [x], ![E1 $](f.svg)").unwrap(),
            [
                Text("see ["),
                Label("E6 and `a]`"),
                Raw("](cell.md#E6)"),
                Text(" or [x], "),
                Raw("![E1 $](f.svg)"),
            ]
        );
    }

    #[test]
    fn nothing_is_lost() {
        let line = "误差 **E9 至 E17** [在`x`](a.md#b) \\* <b>!</b> ![图](x.svg) ``a`b``";
        let join = |piece: &Piece<'_>| match *piece {
            Text(s) | Label(s) | Raw(s) => s.to_owned(),
            Math(s) => format!("${s}$"),
        };
        let joined: String = pieces(line).unwrap().iter().map(join).collect();
        assert_eq!(joined, line);
    }

    #[test]
    fn a_lonely_dollar_is_an_error() {
        assert!(pieces("costs $5").unwrap_err().contains(r"`\$`"));
        assert!(pieces("so $$x$$").unwrap_err().contains("alone"));
        assert!(pieces("so {{#recall E1}}").unwrap_err().contains("alone"));
    }
}
