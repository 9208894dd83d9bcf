//! What the check needs to know about a page.

use crate::policy::POLICY;
use html5gum::{DefaultEmitter, StartTag, State, Token, Tokenizer};
use std::collections::BTreeSet;
use std::str::from_utf8;

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
    /// All links to places within the book.
    pub links: Vec<Link>,
    /// `<base href>`.
    pub base: Option<String>,
    /// The equations defined here.
    pub equations: Vec<String>,
    /// Headings, equations, figures, widgets and listings, in order, without the words.
    pub outline: Vec<String>,
    /// The number of formulas.
    pub formulas: usize,
    /// Mistakes on the page itself, with their lines.
    pub errors: Vec<(usize, String)>,
}

/// The elements that a page is in while it is read.
#[derive(Default)]
struct Inside {
    main: bool,
    /// How many elements `code` are open.
    code: usize,
    /// The text so far of the element `pre`.
    listing: Option<String>,
    script: bool,
    /// The content-security policy that has been read, and the line of what stands before it.
    policy: Option<String>,
    before: Option<usize>,
}

impl Page {
    /// A page of HTML.
    pub fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut inside = Inside::default();
        let emitter = DefaultEmitter::<usize>::new_with_span();
        let mut tokens = Tokenizer::new_with_emitter(html, emitter);
        let (mut line, mut at) = (1, 0);
        while let Some(Ok(token)) = tokens.next() {
            let start = match &token {
                Token::StartTag(tag) => tag.span.start,
                Token::String(text) => text.span.start,
                _ => at,
            };
            line += html[at..start.max(at)].matches('\n').count();
            at = start.max(at);
            match token {
                Token::StartTag(tag) => {
                    match tag.name.as_slice() {
                        b"script" => tokens.set_state(State::ScriptData),
                        b"style" => tokens.set_state(State::RawText),
                        _ => {}
                    }
                    page.open(line, &tag, &mut inside);
                }
                Token::EndTag(tag) => page.close(&tag.name, &mut inside),
                Token::String(words) if !inside.script => {
                    page.words(line, utf8(&words), &mut inside);
                }
                _ => {}
            }
        }
        page.policy(&inside);
        page
    }

    /// A script, which may set no style that the policy forbids.
    pub fn script(js: &str) -> Self {
        let mut page = Self::default();
        for (n, line) in js.lines().enumerate() {
            if line.contains("setAttribute('style'") || line.contains("setAttribute(\"style\"") {
                let what = "the policy forbids a style attribute: set the element's .style";
                page.errors.push((n + 1, what.to_owned()));
            }
        }
        page
    }

    /// A style sheet, which may load nothing from another site.
    pub fn style(css: &str) -> Self {
        let mut page = Self::default();
        for (n, line) in css.lines().enumerate() {
            let loads = line.contains("url(") || line.contains("@import");
            if loads
                && ["http:", "https:", "(//", "\"//", "'//"]
                    .iter()
                    .any(|s| line.contains(s))
            {
                let what = "this style sheet loads from another site";
                page.errors.push((n + 1, what.to_owned()));
            }
        }
        page
    }

    fn close(&mut self, name: &[u8], inside: &mut Inside) {
        match name {
            b"script" | b"style" => inside.script = false,
            b"code" => inside.code = inside.code.saturating_sub(1),
            b"pre" => {
                let text = inside.listing.take().unwrap_or_default();
                self.outline.push(format!("listing: {text}"));
            }
            b"main" => inside.main = false,
            _ => {}
        }
    }

    /// Text: what mdBook or the press should have replaced is an error.
    fn words(&mut self, line: usize, words: &str, inside: &mut Inside) {
        if let Some(listing) = &mut inside.listing {
            *listing += words;
        }
        // Code may show dollars and braces, but not an include that failed.
        let in_code = inside.code > 0 || inside.listing.is_some();
        let never: &[&str] = if in_code {
            &["{{#include", "{{#rustdoc_include"]
        } else {
            &["$$", "{{#", "**"]
        };
        if let Some(raw) = never.iter().find(|raw| words.contains(**raw)) {
            self.errors.push((
                line,
                format!("`{raw}` was not replaced: the page shows it as in the source"),
            ));
        }
    }

    fn open(&mut self, line: usize, tag: &StartTag<usize>, inside: &mut Inside) {
        let name = utf8(&tag.name);
        match name {
            "script" | "style" => inside.script = true,
            "code" => inside.code += 1,
            "pre" => inside.listing = Some(String::new()),
            "main" => inside.main = true,
            _ => {}
        }
        if let Some(id) = attribute(tag, "id") {
            if !self.ids.insert(id.to_owned()) {
                self.errors
                    .push((line, format!("the id `{id}` is on the page twice")));
            }
            if matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") && inside.main {
                self.outline.push(format!("{name} #{id}"));
            }
        }
        self.outlined(line, name, tag);
        self.addresses(line, name, tag);
        self.policed(line, name, tag, inside);
    }

    /// The page must have the press's policy, and nothing may be loaded before it.
    fn policy(&mut self, inside: &Inside) {
        let (line, what) = match (inside.policy.as_deref(), inside.before) {
            (Some(POLICY), None) => return,
            (Some(POLICY), Some(line)) => (line, "this stands before the policy"),
            (Some(_), _) => (0, "not the press's policy: run `mdbook build book`"),
            (None, _) => (0, "no content-security policy: run `mdbook build book`"),
        };
        self.errors.push((line, what.to_owned()));
    }

    /// What the content-security policy forbids on the page itself.
    fn policed(&mut self, line: usize, name: &str, tag: &StartTag<usize>, inside: &mut Inside) {
        let is_policy = attribute(tag, "http-equiv")
            .is_some_and(|value| value.eq_ignore_ascii_case("content-security-policy"));
        if is_policy && name == "meta" {
            inside.policy = attribute(tag, "content").map(str::to_owned);
        } else if matches!(name, "script" | "link") && inside.policy.is_none() {
            inside.before = inside.before.or(Some(line));
        }
        let mut forbid = |what: &str| self.errors.push((line, what.to_owned()));
        if name == "script" && attribute(tag, "src").is_none() {
            forbid("the policy forbids a script in the page: move it to a file");
        }
        if name == "style" || attribute(tag, "style").is_some() {
            forbid("the policy forbids a style in the page: move it to a style sheet");
        }
        let mut names = tag.attributes.keys();
        if names.any(|name| name.starts_with(b"on")) {
            forbid("the policy forbids a handler in an attribute: use addEventListener");
        }
        let mut values = tag.attributes.values();
        if values.any(|v| utf8(v).trim_start().starts_with("javascript:")) {
            forbid("the policy forbids `javascript:`");
        }
    }

    /// What a tag adds to the outline of the page.
    fn outlined(&mut self, line: usize, name: &str, tag: &StartTag<usize>) {
        let classes = attribute(tag, "class").unwrap_or_default();
        let is = |class| classes.split(' ').any(|c| c == class);
        let value = |name| attribute(tag, name).unwrap_or_default();
        match name {
            "math" => self.formulas += 1,
            "merror" => self
                .errors
                .push((line, "a formula that is not valid TeX".to_owned())),
            "base" => self.base = attribute(tag, "href").map(str::to_owned),
            "div" if is("equation") => match attribute(tag, "id") {
                Some(id) => {
                    self.equations.push(id.to_owned());
                    self.outline.push(format!("equation {id}"));
                }
                None => self.outline.push("equation recalled".to_owned()),
            },
            "a" if is("number") => self.outline.push(format!("number to {}", value("href"))),
            "div" if is("live") => self.outline.push(format!("live {}", value("data-live"))),
            "figure" => self
                .outline
                .push(format!("figure {}", value("data-figure"))),
            _ => {}
        }
    }

    fn addresses(&mut self, line: usize, name: &str, tag: &StartTag<usize>) {
        let keys = ["href", "src", "xlink:href", "data", "poster", "action"];
        for target in keys.iter().filter_map(|key| attribute(tag, key)) {
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
            // A reader may follow a link to another site, but a page may load nothing from there.
            if foreign && name != "a" && !target.starts_with("data:") {
                self.errors
                    .push((line, format!("<{name}> loads {target} from another site")));
            }
        }
        if attribute(tag, "srcset").is_some() {
            self.errors
                .push((line, "srcset is not checked: use src".to_owned()));
        }
    }
}

fn attribute<'a>(tag: &'a StartTag<usize>, name: &str) -> Option<&'a str> {
    tag.attributes.get(name.as_bytes()).map(|value| utf8(value))
}

/// A part of the page as a string, which the page was too.
fn utf8(part: &[u8]) -> &str {
    from_utf8(part).unwrap_or_default()
}
