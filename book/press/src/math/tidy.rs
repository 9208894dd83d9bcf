//! Corrects the parser's MathML where it looks unlike TeX. It is read as text: the parser writes `<`
//! and `&nbsp;` that XML does not allow, so no library for XML reads it.

/// Elements whose first child has the others above or below it.
const SCRIPTED: [&str; 6] = ["msub", "msup", "msubsup", "munder", "mover", "munderover"];

/// Corrects words, accents, and the space around operators.
pub fn tidy(mathml: &str) -> String {
    let slash = "<mo lspace=\"0\" rspace=\"0\">/</mo>";
    let corrected = spaces(&accents(&words(mathml)));
    // A slash is no relation: m/N.
    scripts(&corrected.replace("<mo>/</mo>", slash))
}

/// `\mathrm{softmax}` is one word and not seven letters.
fn words(mathml: &str) -> String {
    const OPEN: &str = "<mi mathvariant=\"normal\">";
    let mut out = String::new();
    let mut rest = mathml;
    while let Some(at) = rest.find(OPEN) {
        out += &rest[..at];
        rest = &rest[at..];
        let mut word = String::new();
        // A letter and its script are two words.
        let is_apart = SCRIPTED.contains(&parent(&out));
        while let Some((letter, after)) = rest
            .strip_prefix(OPEN)
            .filter(|_| word.is_empty() || !is_apart)
            .and_then(|inner| inner.split_once("</mi>"))
        {
            word += letter;
            rest = after;
        }
        // One upright letter needs the attribute; a word is upright by itself.
        out += if word.chars().count() == 1 {
            OPEN
        } else {
            "<mi>"
        };
        out += &word;
        out += "</mi>";
    }
    out + rest
}

/// The last element that is still open.
fn parent(mathml: &str) -> &str {
    let mut closed = 0;
    for tag in mathml.rsplit('<') {
        if tag.starts_with('/') {
            closed += 1;
        } else if !tag.contains("/>") {
            if closed == 0 {
                return tag.split([' ', '>']).next().unwrap_or_default();
            }
            closed -= 1;
        }
    }
    ""
}

/// Accents are operators, so that they sit close above the letter; only `\widehat` stretches.
fn accents(mathml: &str) -> String {
    let mut out = mathml.to_owned();
    for (accent, drawn) in [
        ("~", "~"),
        ("^", "^"),
        ("‾", "‾"),
        ("ˉ", "‾"),
        ("˙", "˙"),
        ("¨", "¨"),
    ] {
        out = out.replace(
            &format!("<mi>{accent}</mi></mover>"),
            &format!("<mo stretchy=\"false\">{drawn}</mo></mover>"),
        );
    }
    for (accent, wide) in [("^", "\u{2c6}"), ("~", "\u{2dc}")] {
        out = out.replace(
            &format!("<mo stretchy=\"true\">{accent}</mo></mover>"),
            &format!("<mo stretchy=\"true\">{wide}</mo></mover>"),
        );
    }
    out
}

/// The space before `\max_i` stands before its scripts and not among them.
fn spaces(mathml: &str) -> String {
    const SPACE: &str = "<mspace width=\"0.1667em\" />";
    let mut out = mathml.to_owned();
    for name in SCRIPTED {
        out = out.replace(&format!("<{name}>{SPACE}"), &format!("{SPACE}<{name}>"));
    }
    out
}

/// In a script, TeX sets operators close: h_{t−1}.
fn scripts(mathml: &str) -> String {
    // The open elements: how many children each has had, and whether those from the second on are
    // scripts; and how many scripts are open.
    let mut open: Vec<(usize, bool, bool)> = Vec::new();
    let mut depth = 0usize;
    let mut out = String::with_capacity(mathml.len());
    let mut rest = mathml;
    while let Some(start) = rest.find('<') {
        let end = rest[start..]
            .find('>')
            .map_or(rest.len(), |end| start + end + 1);
        let tag = &rest[start..end];
        out += &rest[..start];
        rest = &rest[end..];
        if tag.starts_with("</") {
            let closed = open.pop();
            depth -= usize::from(closed.is_some_and(|(_, _, is_script)| is_script));
            out += tag;
            continue;
        }
        let mut is_script = false;
        if let Some((children, has_scripts, _)) = open.last_mut() {
            is_script = *has_scripts && *children > 0;
            *children += 1;
        }
        let name = tag[1..].split([' ', '>', '/']).next().unwrap_or_default();
        let close = name == "mo" && (depth > 0 || is_script) && !tag.contains("space=");
        if close {
            out += "<mo lspace=\"0\" rspace=\"0\"";
            out += &tag[3..];
        } else {
            out += tag;
        }
        if !tag.ends_with("/>") {
            let has_scripts = SCRIPTED.contains(&name);
            depth += usize::from(is_script);
            open.push((0, has_scripts, is_script));
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use crate::math::{Style, mathml};

    fn inline(tex: &str) -> String {
        mathml(tex, Style::Inline).unwrap()
    }

    #[test]
    fn a_word_in_roman_is_one_word() {
        let all = inline(r"\mathrm{softmax}(z)\, \mathrm{d}");
        assert!(all.contains("<mi>softmax</mi>"), "{all}");
        assert!(all.contains("<mi mathvariant=\"normal\">d</mi>"), "{all}");
    }

    #[test]
    fn a_letter_in_roman_and_its_scripts_are_no_word() {
        let all = inline(r"\mathrm{d}_\mathrm{x} y_\mathrm{a}^\mathrm{b}");
        for letter in ["d", "x", "a", "b"] {
            let alone = format!("<mi mathvariant=\"normal\">{letter}</mi>");
            assert!(all.contains(&alone), "{letter} in {all}");
        }
    }

    #[test]
    fn accents_are_operators_that_do_not_stretch() {
        for tex in [r"\tilde{h}", r"\bar{h}", r"\hat{h}"] {
            let all = inline(tex);
            assert!(all.contains("stretchy=\"false\""), "{all}");
            assert!(!all.contains("<mi>&#"), "{all}");
        }
        assert!(inline(r"\overrightarrow{h}").contains("stretchy=\"true\""));
    }

    #[test]
    fn an_operator_with_limits_has_two_children() {
        let all = mathml(r"x \max_i y", Style::Display).unwrap();
        assert!(
            all.contains("<munder><mi>max</mi><mi>i</mi></munder>"),
            "{all}"
        );
        assert!(inline(r"a \max_i y").contains("<msub><mi>max</mi>"));
    }

    #[test]
    fn operators_are_close_in_scripts_and_only_there() {
        let all = inline("a - h_{t - 1} + b");
        let close = "<mo lspace=\"0\" rspace=\"0\">−</mo>";
        assert_eq!(all.matches(close).count(), 1, "{all}");
        assert_eq!(all.matches("<mo>").count(), 2, "{all}");
        let all = inline(r"x^{a^{b + 1}} = \sum_{t: s = t} (y)");
        assert_eq!(all.matches("rspace").count(), 3, "{all}");
        assert!(inline("m / N").contains("rspace=\"0\">&#47;</mo>"));
    }
}
