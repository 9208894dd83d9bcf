//! The tags of a finished page, as far as a check of links needs them.

/// A tag, or the text between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `<name key="value" …>`
    Open {
        /// In lower case, as mdBook writes it.
        name: &'a str,
        /// Names and values, as they stand.
        attributes: Vec<(&'a str, &'a str)>,
    },
    /// `</name>`
    Close(&'a str),
    /// As it stands, with its character references.
    Text(&'a str),
}

impl<'a> Token<'a> {
    /// The value of an attribute of an opening tag.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let Token::Open { attributes, .. } = self else {
            return None;
        };
        let found = attributes.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value)
    }
}

/// A token and the line on which it starts.
pub type Placed<'a> = (usize, Token<'a>);

/// Cuts a page into tokens. What scripts and styles hold is left out, and comments.
pub fn tokens(html: &str) -> Vec<Placed<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (html, 1);
    while !rest.is_empty() {
        let (token, length) = next(rest);
        let (taken, after) = rest.split_at(length);
        let mut skipped = 0;
        if let Some(Token::Open { name, .. }) = &token
            && matches!(*name, "script" | "style")
        {
            skipped = after.find(&format!("</{name}")).unwrap_or(after.len());
        }
        tokens.extend(token.map(|token| (line, token)));
        line += taken.matches('\n').count() + after[..skipped].matches('\n').count();
        rest = &after[skipped..];
    }
    tokens
}

fn next(rest: &str) -> (Option<Token<'_>>, usize) {
    if rest.starts_with("<!--") {
        return (None, rest.find("-->").map_or(rest.len(), |end| end + 3));
    }
    let opens = |at: usize| {
        let next = rest[at + 1..].chars().next();
        next.is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!')
    };
    if !(rest.starts_with('<') && opens(0)) {
        let found = rest
            .match_indices('<')
            .map(|(at, _)| at)
            .find(|at| opens(*at));
        let end = found.unwrap_or(rest.len());
        return (Some(Token::Text(&rest[..end])), end);
    }
    let end = tag_end(rest);
    let inner = rest[1..end - 1].trim_end_matches('/');
    if inner.starts_with('!') {
        return (None, end);
    }
    if let Some(name) = inner.strip_prefix('/') {
        return (Some(Token::Close(name.trim())), end);
    }
    let name_end = inner.find(char::is_whitespace).unwrap_or(inner.len());
    let (name, attributes) = inner.split_at(name_end);
    let attributes = self::attributes(attributes);
    (Some(Token::Open { name, attributes }), end)
}

/// Behind the `>` that is in no quotation.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    rest.len()
}

fn attributes(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_whitespace());
        let Some(end) = end.or((!rest.is_empty()).then_some(rest.len())) else {
            return found;
        };
        let (name, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix('=') else {
            found.push((name, ""));
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|c| "\"'".contains(*c));
        let (value, after) = match quote {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        found.push((name, value));
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_attributes_and_text_are_told_apart() {
        let all = tokens("<!doctype html>\n<p id=a class='b c' hidden>1 < 2<br/></p>");
        let open = &all[1];
        assert_eq!(open.0, 2);
        assert_eq!(open.1.attribute("class"), Some("b c"));
        assert_eq!(open.1.attribute("id"), Some("a"));
        assert_eq!(open.1.attribute("hidden"), Some(""));
        assert_eq!(all[2].1, Token::Text("1 < 2"));
        assert_eq!(all[4].1, Token::Close("p"));
    }

    #[test]
    fn scripts_and_comments_are_passed_over() {
        let all = tokens("<!-- <a href=x> -->\n<script>if (a<b) '<a>'</script><i title='>'>");
        assert_eq!(all.len(), 4);
        assert_eq!(all[3].1.attribute("title"), Some(">"));
    }
}
