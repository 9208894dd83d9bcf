//! What the check wants to know of a page.

use crate::html::{Token, tokens};
use std::collections::BTreeSet;

/// A link to somewhere in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub line: usize,
    pub target: String,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// All anchors.
    pub ids: BTreeSet<String>,
    /// All links that stay in the book.
    pub links: Vec<Link>,
    /// `<base href>`.
    pub base: Option<String>,
    /// The equations defined here.
    pub equations: Vec<String>,
    /// Headings, equations, figures, widgets and listings, in order, without the words.
    pub outline: Vec<String>,
    /// How many formulas there are.
    pub formulas: usize,
    /// What is wrong on the page itself.
    pub errors: Vec<(usize, String)>,
}

impl Page {
    /// A page of HTML.
    pub fn read(html: &str) -> Self {
        let mut page = Self::default();
        // Within code nothing is a formula, and what it says is part of the outline.
        let (mut code, mut listing) = (0usize, None::<String>);
        let mut main = false;
        for (line, token) in tokens(html) {
            match &token {
                Token::Open { name, .. } => {
                    match *name {
                        "code" => code += 1,
                        "pre" => listing = Some(String::new()),
                        "main" => main = true,
                        _ => {}
                    }
                    page.open(line, name, &token, main);
                }
                Token::Close("code") => code = code.saturating_sub(1),
                Token::Close("pre") => {
                    let text = listing.take().unwrap_or_default();
                    page.outline.push(format!("listing: {text}"));
                }
                Token::Close("main") => main = false,
                Token::Close(_) => {}
                Token::Text(text) => {
                    if let Some(listing) = &mut listing {
                        *listing += text;
                    }
                    // Code may show dollars and braces; an include in it is one that failed.
                    let in_code = code > 0 || listing.is_some();
                    let never: &[&str] = if in_code {
                        &["{{#include"]
                    } else {
                        &["$$", "{{#", "**"]
                    };
                    let raw = never.iter().find(|raw| text.contains(**raw));
                    if let Some(raw) = raw {
                        page.errors
                            .push((line, format!("`{raw}` is left as it stood in the source")));
                    }
                }
            }
        }
        page
    }

    /// A style sheet: only what it loads from elsewhere matters.
    pub fn style(css: &str) -> Self {
        let mut page = Self::default();
        for (n, line) in css.lines().enumerate() {
            let loads = line.contains("url(") || line.contains("@import");
            if loads
                && ["http:", "https:", "(//", "\"//", "'//"]
                    .iter()
                    .any(|s| line.contains(s))
            {
                let what = "this style sheet loads from another origin";
                page.errors.push((n + 1, what.to_owned()));
            }
        }
        page
    }

    fn open(&mut self, line: usize, name: &str, token: &Token<'_>, main: bool) {
        let is = |class| {
            token
                .attribute("class")
                .is_some_and(|c| c.split(' ').any(|c| c == class))
        };
        if let Some(id) = token.attribute("id") {
            if !self.ids.insert(id.to_owned()) {
                self.errors
                    .push((line, format!("the id `{id}` is on the page twice")));
            }
            if matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") && main {
                self.outline.push(format!("{name} #{id}"));
            }
        }
        match name {
            "math" => self.formulas += 1,
            "merror" => self
                .errors
                .push((line, "a formula that could not be set".to_owned())),
            "base" => self.base = token.attribute("href").map(str::to_owned),
            "div" if is("equation") => match token.attribute("id") {
                Some(id) => {
                    self.equations.push(id.to_owned());
                    self.outline.push(format!("equation {id}"));
                }
                None => self.outline.push("equation recalled".to_owned()),
            },
            "a" if is("number") => {
                let target = token.attribute("href").unwrap_or_default();
                self.outline.push(format!("number to {target}"));
            }
            "div" if is("live") => {
                let widget = token.attribute("data-live").unwrap_or_default();
                self.outline.push(format!("live {widget}"));
            }
            "figure" => {
                let figure = token.attribute("data-figure").unwrap_or_default();
                self.outline.push(format!("figure {figure}"));
            }
            _ => {}
        }
        self.addresses(line, name, token);
    }

    fn addresses(&mut self, line: usize, name: &str, token: &Token<'_>) {
        let keys = ["href", "src", "xlink:href", "data", "poster", "action"];
        for target in keys.iter().filter_map(|key| token.attribute(key)) {
            let scheme = target
                .split(['/', '#', '?'])
                .next()
                .is_some_and(|s| s.contains(':'));
            let foreign = scheme || target.starts_with("//");
            if !foreign && name != "base" {
                self.links.push(Link {
                    line,
                    target: target.to_owned(),
                });
            }
            // A reader may follow a link to a paper; a page may not load from there by itself.
            if foreign && name != "a" && !target.starts_with("data:") {
                self.errors
                    .push((line, format!("<{name}> loads {target} from another origin")));
            }
        }
        if token.attribute("srcset").is_some() {
            self.errors
                .push((line, "srcset is not checked: use src".to_owned()));
        }
    }
}
