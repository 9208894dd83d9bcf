//! Finds words that make a reader stop, and says which word is plainer. Only prose is searched: no
//! code, no formulas, no identifiers.

use crate::Error;
use crate::markdown::line_number;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// English words and phrases, each with a plainer one.
const ENGLISH: [(&str, &str); 16] = [
    ("the way back", "the backward pass"),
    ("the way there", "the forward pass"),
    ("the way forward", "the forward pass"),
    ("worked number", "worked example"),
    ("worked numbers", "worked examples"),
    ("likeliest", "most probable"),
    ("likelier", "more probable"),
    ("by heart", "memorised"),
    ("at one go", "at once"),
    ("bends", "squashes"),
    ("whoever", "the name of who does it"),
    ("besides", "also, or in addition to"),
    ("parts of words", "subword tokens"),
    ("pieces of words", "subword tokens"),
    ("has to say", "the noun: state, output, contribution"),
    ("have to say", "the noun: state, output, contribution"),
];

/// Chinese words and phrases, each with a plainer one.
const CHINESE: [(&str, &str); 10] = [
    ("展示", "输出，或说明"),
    ("弯曲", "压缩到（a, b），或非线性变换"),
    ("磁带", "记录带"),
    ("传送带", "恒定误差传送带（CEC）"),
    ("咬得住", "能查出错误"),
    ("温和的", "过于宽松"),
    ("不能太温和", "要能查出错误"),
    ("本事", "能力，或检错能力"),
    ("存法", "存储布局"),
    ("的那一章", "章节名"),
];

/// A name that contains one of these words.
const NAME: &str = "恒定误差传送带";

/// The most that a thousand Chinese characters may have of the pronoun 它, which is the mark of a
/// translation.
const IT: usize = 10;

/// What is found in the Markdown `text` of the file `path`, in the order of its lines for each word.
pub fn found(path: &str, text: &str) -> Vec<Error> {
    let prose = Prose::new(text);
    let mut errors = Vec::new();
    for (not, but) in ENGLISH.iter().chain(&CHINESE) {
        for at in prose.places(not) {
            let what = format!("“{not}”: write {but}");
            errors.push(Error::new(path, line_number(text, at), what));
        }
    }
    errors.extend(pronouns(&prose).map(|what| Error::new(path, 0, what)));
    errors
}

/// What is found in the documentation comments of the Rust `source`.
pub fn found_in_comments(path: &str, source: &str) -> Vec<Error> {
    let comment = |line: &str| {
        let line = line.trim_start();
        let comment = line.strip_prefix("///").or(line.strip_prefix("//!"));
        comment.unwrap_or_default().to_owned()
    };
    let markdown: Vec<_> = source.lines().map(comment).collect();
    found(path, &markdown.join("\n"))
}

/// The complaint about 它, if a text has more of them than [`IT`] in a thousand characters.
fn pronouns(prose: &Prose) -> Option<String> {
    let chinese = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
    let characters = prose.words.chars().filter(chinese).count();
    let its = prose.words.matches('它').count() - prose.words.matches("其它").count();
    (characters >= 1000 && its * 1000 > IT * characters).then(|| {
        format!(
            "它 comes {its} times in {characters} characters, at most {IT} in 1,000: \
             leave it out, or repeat the noun"
        )
    })
}

/// The words of a text, in lower case, with one space for each line break within a paragraph.
struct Prose {
    words: String,
    /// Where in `words` each piece of the text begins, and where in the text.
    pieces: Vec<(usize, usize)>,
}

impl Prose {
    fn new(text: &str) -> Self {
        let options =
            Options::ENABLE_MATH | Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
        let (mut words, mut pieces) = (String::new(), Vec::new());
        let mut in_code = false;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            let piece = match event {
                Event::Start(Tag::CodeBlock(_)) => {
                    in_code = true;
                    continue;
                }
                Event::End(TagEnd::CodeBlock) => {
                    in_code = false;
                    continue;
                }
                Event::Text(piece) if !in_code => piece.to_ascii_lowercase(),
                Event::Html(_) | Event::InlineHtml(_) => text[range.clone()].to_ascii_lowercase(),
                Event::SoftBreak | Event::HardBreak => " ".to_owned(),
                Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => "$".to_owned(),
                Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link) => continue,
                Event::End(_) => "\n".to_owned(),
                _ => continue,
            };
            pieces.push((words.len(), range.start));
            words += &piece;
        }
        Self { words, pieces }
    }

    /// Where in the text a word stands, as a whole word if it is English.
    fn places<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let matches = self.words.match_indices(word);
        let whole = matches.filter(move |&(at, _)| {
            let (before, after) = (&self.words[..at], &self.words[at + word.len()..]);
            let in_name = self.words[..at + word.len()].ends_with(NAME);
            let cut_out = is_part(before.chars().next_back()) || is_part(after.chars().next());
            !(in_name || word.is_ascii() && cut_out)
        });
        whole.map(move |(at, _)| {
            let piece = self.pieces.partition_point(|&(start, _)| start <= at) - 1;
            let (start, source) = self.pieces[piece];
            source + (at - start)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let errors = found("p.md", text);
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_word_is_reported_with_its_line_and_a_plainer_one() {
        assert_eq!(
            lines("# A\n\nIt is the\nlikeliest of all.\n\n看[讲门的那一章](a.md)。"),
            [
                "p.md:4: “likeliest”: write most probable",
                "p.md:6: “的那一章”: write 章节名"
            ]
        );
    }

    #[test]
    fn a_phrase_is_found_across_a_line_break_and_in_a_heading_table_and_picture() {
        for text in [
            "On *the way*\nback.",
            "## The way back {#back}",
            "| a |\n|---|\n| the way back |",
            "![The way back.](figures/x.svg)",
            "<figcaption>The way back</figcaption>",
        ] {
            assert_eq!(lines(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn code_formulas_links_and_names_are_no_prose() {
        for text in [
            "`the way back`, `the_way_back_is_right`",
            "```text\nthe way back\n```",
            "$\\text{the way back}$",
            "[here](the-way-back.md#besides)",
            "the_way_back",
            "Unbendsome and bendsy.",
            "恒定误差传送带",
        ] {
            assert_eq!(lines(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_comment_is_searched_and_the_code_around_it_is_not() {
        let source = "//! On the way\n//! back.\nfn besides() {}\n/// By heart.\nlet whoever = 1; // besides\n";
        let errors = found_in_comments("a.rs", source);
        let found: Vec<_> = errors.iter().map(|error| error.line).collect();
        assert_eq!(found, [1, 4]);
    }

    #[test]
    fn too_many_pronouns_are_counted_and_few_are_not() {
        let page = |its: usize| "网络".repeat(500 - its / 2) + &"它".repeat(its);
        assert_eq!(lines(&page(10)), [""; 0]);
        assert!(lines(&page(12))[0].starts_with("p.md: 它 comes 12 times in 1000 characters"));
        // A short page proves nothing.
        assert_eq!(lines("它它它"), [""; 0]);
    }
}
