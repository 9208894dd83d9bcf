//! The content-security policy of the finished pages. A browser that keeps to it runs no script and
//! uses no style, font or picture that is not the book's own, and lets no page send anything.
//!
//! mdBook writes scripts and styles into its pages. They become files in the folder `inline`, so that
//! the policy can forbid all scripts and styles within a page.

use crate::Error;
use html5gum::{DefaultEmitter, EndTag, StartTag, State, Token, Tokenizer};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;
use walkdir::WalkDir;

/// What a page may load and do. `data:` is for a picture in mdBook's style sheet, and for the font of
/// the formulas, which Chromium would not load for a page opened from a file; `wasm-unsafe-eval` lets
/// the widgets start their WebAssembly, and allows no `eval`.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data:; font-src 'self' data:; frame-src 'self'; \
    base-uri 'self'; form-action 'none'";

/// Under `mdbook serve`, a page also listens to the server, which says when to load the page again.
const RELOADING: &str = "; connect-src 'self'";
const RELOADS: &str = "new WebSocket(";

/// mdBook's search sets the text of a style attribute, which the policy forbids. The same style set
/// property by property is allowed.
const STYLE_AS_TEXT: &str = "tmp.setAttribute('style', 'position: absolute; opacity: 0;')";
const STYLE_AS_PROPERTIES: &str = "tmp.style.cssText = 'position: absolute; opacity: 0;'";

/// The scripts and styles that were in pages, by the names of their files.
type Files = BTreeMap<String, String>;

/// Puts the policy into all pages in `folder`, as mdBook has just written them.
///
/// # Errors
/// [`Error`] if a file cannot be read or written, or a page has no head.
pub fn apply(folder: &Path) -> Result<(), Error> {
    let mut files = Files::new();
    for entry in WalkDir::new(folder) {
        let entry =
            entry.map_err(|e| Error::new(folder.display().to_string(), 0, e.to_string()))?;
        let name = entry.file_name().to_string_lossy();
        if name.ends_with(".html") {
            let up = "../".repeat(entry.depth() - 1);
            rewrite(entry.path(), |html| {
                Page::new(html, &up, &mut files).with_policy()
            })?;
        } else if name.starts_with("searcher") {
            rewrite(entry.path(), |script| {
                Ok(script.replace(STYLE_AS_TEXT, STYLE_AS_PROPERTIES))
            })?;
        }
    }
    let inline = folder.join("inline");
    let fail = |e: io::Error| Error::new(inline.display().to_string(), 0, e.to_string());
    fs::create_dir_all(&inline).map_err(fail)?;
    for (name, text) in files {
        fs::write(inline.join(name), text).map_err(fail)?;
    }
    Ok(())
}

fn rewrite(path: &Path, change: impl FnOnce(&str) -> Result<String, String>) -> Result<(), Error> {
    let fail = |what: String| Error::new(path.display().to_string(), 0, what);
    let before = fs::read_to_string(path).map_err(|e| fail(e.to_string()))?;
    let after = change(&before).map_err(fail)?;
    fs::write(path, after).map_err(|e| fail(e.to_string()))
}

/// A page, and what is to change in it.
struct Page<'a> {
    html: &'a str,
    /// Leads from the page to the root of the book.
    up: &'a str,
    files: &'a mut Files,
    policy: String,
    /// Where the policy goes: into the head, behind the encoding, before everything else.
    head: Option<usize>,
    /// Where the text of the script starts that is being read, if it is in the page.
    script: Option<usize>,
    styles: BTreeSet<String>,
    /// Places, in order, and what they are replaced with.
    edits: Vec<(Range<usize>, String)>,
}

impl<'a> Page<'a> {
    fn new(html: &'a str, up: &'a str, files: &'a mut Files) -> Self {
        Self {
            html,
            up,
            files,
            policy: POLICY.to_owned(),
            head: None,
            script: None,
            styles: BTreeSet::new(),
            edits: Vec::new(),
        }
    }

    fn with_policy(mut self) -> Result<String, String> {
        let emitter = DefaultEmitter::<usize>::new_with_span();
        let mut tokens = Tokenizer::new_with_emitter(self.html, emitter);
        while let Some(Ok(token)) = tokens.next() {
            match token {
                Token::StartTag(tag) => {
                    if tag.name.as_slice() == b"script" {
                        tokens.set_state(State::ScriptData);
                    }
                    self.open(&tag)?;
                }
                Token::EndTag(tag) => self.close(&tag)?,
                _ => {}
            }
        }
        self.edited()
    }

    fn open(&mut self, tag: &StartTag<usize>) -> Result<(), String> {
        let has = |name: &[u8]| tag.attributes.contains_key(name);
        match tag.name.as_slice() {
            b"head" => self.head = self.head.or(Some(tag.span.end)),
            b"meta" if has(b"charset") => self.head = Some(tag.span.end),
            b"script" if !has(b"src") => self.script = Some(tag.span.end),
            _ => {}
        }
        let Some(style) = tag.attributes.get(b"style".as_slice()) else {
            return Ok(());
        };
        let rules = String::from_utf8_lossy(&style.value);
        let mark = name_of(&rules);
        // A style attribute wins over every rule; `:not` with two ids comes near enough.
        let rule = format!("[data-style=\"{mark}\"]:not(#_#_) {{ {rules} }}\n");
        let file = self.add(&format!("{mark}.css"), &rule)?;
        self.styles.insert(file);
        let attribute = format!("data-style=\"{mark}\"");
        self.edits
            .push((style.span.start..style.span.end, attribute));
        Ok(())
    }

    fn close(&mut self, tag: &EndTag<usize>) -> Result<(), String> {
        let Some(start) = self.script.take() else {
            return Ok(());
        };
        let text = &self.html[start..tag.span.start];
        if text.contains(RELOADS) {
            self.policy += RELOADING;
        }
        let file = self.add(&format!("{}.js", name_of(text)), text)?;
        let source = format!(" src=\"{file}\">");
        self.edits.push((start - 1..tag.span.start, source));
        Ok(())
    }

    /// Keeps a file, and returns the path from the page to it.
    fn add(&mut self, name: &str, text: &str) -> Result<String, String> {
        let path = format!("{}inline/{name}", self.up);
        let kept = self.files.entry(name.to_owned());
        if kept.or_insert_with(|| text.to_owned()) == text {
            Ok(path)
        } else {
            Err(format!("{path} would have to hold two different texts"))
        }
    }

    fn edited(mut self) -> Result<String, String> {
        let head = self.head.ok_or("the page has no <head> for the policy")?;
        let mut first = format!(
            "\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">",
            self.policy
        );
        for style in &self.styles {
            first += &format!("\n<link rel=\"stylesheet\" href=\"{style}\">");
        }
        self.edits.push((head..head, first));
        self.edits.sort_by_key(|(place, _)| place.start);
        let mut html = self.html.to_owned();
        for (place, text) in self.edits.iter().rev() {
            html.replace_range(place.clone(), text);
        }
        Ok(html)
    }
}

/// A name that only this text has: scripts and styles that many pages share become one file.
fn name_of(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

#[cfg(test)]
mod tests;
