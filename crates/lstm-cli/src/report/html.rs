//! Text in a page.

use crate::terminal;

/// Text that a browser shows as it is. Control characters, and those that change the writing direction,
/// are spelled out.
pub fn escaped(text: &str) -> String {
    let text = terminal::escaped(text);
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            '\'' => html += "&#39;",
            c => html.push(c),
        }
    }
    html
}

/// The template with each `{{name}}` replaced by its value. Values are not searched for placeholders.
pub fn filled(template: &str, values: &[(&str, String)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("a placeholder ends");
        let value = values.iter().find(|value| value.0 == name);
        page += &value.expect("a placeholder has a value").1;
        page += rest;
    }
    page
}
