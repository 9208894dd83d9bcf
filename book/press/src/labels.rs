//! The English words of numbered equations and drawings in another language: `book/words.toml`.

use crate::Error;
use crate::markdown::line_number;
use std::collections::BTreeMap;

/// English words, each with the words of the book's language; empty in English.
#[derive(Clone, Debug, Default)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// Reads the table of a language, such as `[zh]`. A language without a table has no words.
    ///
    /// # Errors
    /// [`Error`] with the line of what is not TOML, or not a table of words.
    pub fn read(path: &str, text: &str, language: &str) -> Result<Self, Error> {
        let mut languages: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(text)
            .map_err(|e| {
                let at = e.span().map_or(0, |span| span.start);
                Error::new(path, line_number(text, at), e.message())
            })?;
        Ok(Self(languages.remove(language).unwrap_or_default()))
    }

    /// A label of a drawing: the whole if the table has it, and otherwise what it has of the parts
    /// between commas.
    #[must_use]
    pub fn label(&self, label: &str) -> String {
        if let Some(words) = self.0.get(label) {
            return words.clone();
        }
        let parts: Vec<_> = label.split(", ").collect();
        if !parts.iter().any(|part| self.0.contains_key(*part)) {
            return label.to_owned();
        }
        let words = parts
            .iter()
            .map(|part| self.0.get(*part).map_or(*part, String::as_str));
        words.collect::<Vec<_>>().join("，")
    }

    /// A formula with the words of every `\text{…}`.
    #[must_use]
    pub fn formula(&self, tex: &str) -> String {
        let (mut out, mut rest) = (String::new(), tex);
        while let Some((before, after)) = rest.split_once("\\text{") {
            let (words, after) = after.split_once('}').unwrap_or((after, ""));
            let words = self.0.get(words).map_or(words, String::as_str);
            out += &format!("{before}\\text{{{words}}}");
            rest = after;
        }
        out + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "[zh]\n\"loss\" = \"损失\"\n\"2 threads\" = \"2 个线程\"\n\"a, b\" = \"甲乙\"\n";

    fn labels(language: &str) -> Labels {
        Labels::read("w.toml", TABLE, language).unwrap()
    }

    #[test]
    fn a_label_is_found_as_a_whole_or_in_parts() {
        let zh = labels("zh");
        for (label, words) in [
            ("loss", "损失"),
            ("a, b", "甲乙"),
            ("fast, 2 threads", "fast，2 个线程"),
            ("a, c", "a, c"),
        ] {
            assert_eq!(zh.label(label), words);
            assert_eq!(labels("en").label(label), label);
        }
    }

    #[test]
    fn only_the_words_of_a_formula_change() {
        let tex = r"\text{loss} = L_{\text{gen}} + loss";
        assert_eq!(
            labels("zh").formula(tex),
            r"\text{损失} = L_{\text{gen}} + loss"
        );
        assert_eq!(labels("en").formula(tex), tex);
    }

    #[test]
    fn a_mistake_in_the_table_is_reported_with_its_line() {
        for (text, line) in [("[zh]\n\"a\" = 3", 2), ("\n\n\"a\"", 3)] {
            assert_eq!(Labels::read("w.toml", text, "zh").unwrap_err().line, line);
        }
    }
}
