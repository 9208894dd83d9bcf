//! TeX to MathML, on one line in which Markdown finds no marks of its own.

mod tidy;

use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};
use tidy::tidy;

/// The place of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Within a line.
    Inline,
    /// On its own lines.
    Display,
}

/// The formula as MathML.
///
/// # Errors
/// The parser's message, with the TeX.
pub fn mathml(tex: &str, style: Style) -> Result<String, String> {
    let tex = tex.trim();
    if tex.is_empty() {
        return Err("an empty formula".into());
    }
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(tex, &storage).collect();
    if let Some(Err(error)) = events.iter().find(|event| event.is_err()) {
        let message = error.to_string();
        let reason = message.lines().next().unwrap_or_default();
        return Err(format!("{reason}, in the TeX `{tex}`"));
    }
    let config = RenderConfig {
        display_mode: match style {
            Style::Inline => DisplayMode::Inline,
            Style::Display => DisplayMode::Block,
        },
        ..RenderConfig::default()
    };
    let mut out = String::new();
    push_mathml(&mut out, events.into_iter(), config).map_err(|e| format!("{e}: `{tex}`"))?;
    Ok(shield(&tidy(&escaped(&out))))
}

/// Escapes the relations < and >, which the renderer writes as they are.
fn escaped(mathml: &str) -> String {
    let out = mathml.replace("><</mo>", ">&lt;</mo>");
    out.replace(">></mo>", ">&gt;</mo>")
}

/// Replaces punctuation between tags by character references, and line ends by spaces, so that
/// Markdown finds no emphasis, table or quotation marks.
fn shield(mathml: &str) -> String {
    // Within \text the parser does not remove the backslash of `\_`.
    let mathml = mathml.replace("&amp;nbsp;", "\u{a0}").replace("\\_", "_");
    let mut out = String::with_capacity(mathml.len() * 2);
    let (mut tag, mut reference) = (false, 0);
    for (at, c) in mathml.char_indices() {
        if !tag && c == '&' {
            reference = reference.max(at + reference_length(&mathml[at..]));
        }
        match c {
            '\n' | '\r' => out.push(' '),
            '<' | '>' => {
                tag = c == '<';
                out.push(c);
            }
            c if !tag && at >= reference && c.is_ascii_punctuation() => {
                out += &format!("&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// The length of a character reference such as `&lt;` at the start; 0 if there is none.
fn reference_length(rest: &str) -> usize {
    match rest[1..].split_once(';') {
        Some((name, _)) if name.chars().all(|c| c == '#' || c.is_ascii_alphanumeric()) => {
            name.len() + 2
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(tex: &str) -> String {
        mathml(tex, Style::Inline).unwrap()
    }

    #[test]
    fn markdown_finds_no_marks_in_a_formula() {
        let all = inline(r"a_{t-1} * [b] \vert c < d \& \text{x_y's `z`} ~ \$");
        let text: String = all
            .split('<')
            .filter_map(|part| part.split_once('>').map(|(_, text)| text))
            .collect();
        for mark in ["_", "*", "[", "|", "`", "'", "~", "$", "\\"] {
            assert!(!text.contains(mark), "{mark} in {text}");
        }
        assert!(!all.contains('\n'));
    }

    #[test]
    fn relations_are_no_tags() {
        assert!(inline("a < b").contains("&lt;</mo>"), "{}", inline("a < b"));
        assert!(inline("a > b").contains("&gt;</mo>"), "{}", inline("a > b"));
    }

    #[test]
    fn an_escaped_underscore_in_words_is_an_underscore() {
        let all = inline(r"x \text{ is proj\_size}");
        assert!(all.contains("proj&#95;size"), "{all}");
    }

    #[test]
    fn the_error_of_bad_tex_quotes_it() {
        for tex in [r"\foo x", "a_{", r"\left( x", r"\begin{aligned} x", "a^b^c"] {
            let message = mathml(tex, Style::Display).unwrap_err();
            assert!(message.contains(tex), "{message}");
        }
        assert!(mathml(" ", Style::Inline).is_err());
    }
}
