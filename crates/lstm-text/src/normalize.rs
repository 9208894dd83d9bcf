//! Normalisation: texts that look the same get the same characters.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

// ANCHOR: normalize
/// How a text is normalised before it is encoded.
///
/// Text must be normalised at inference exactly as in training, so the checkpoint stores this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    /// Whether to use Unicode's composed form, NFC: é becomes one character even if it was typed as e
    /// and a combining accent.
    pub nfc: bool,
}

impl Normalization {
    /// The normalised text: `\r\n` and `\r` become `\n`, and the text is put into NFC if `nfc` is set.
    ///
    /// Applying it twice gives the same text as applying it once. A text that is already normalised is
    /// not copied.
    ///
    /// ```
    /// use lstm_text::Normalization;
    ///
    /// let typed = "cafe\u{301}\r\n"; // e and a combining accent
    /// assert_eq!(Normalization { nfc: false }.apply(typed), "cafe\u{301}\n");
    /// assert_eq!(Normalization { nfc: true }.apply(typed), "café\n");
    /// ```
    #[must_use]
    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let lines = if text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            Cow::Borrowed(text)
        };
        if self.nfc && !is_nfc(&lines) {
            Cow::Owned(lines.nfc().collect())
        } else {
            lines
        }
    }
}
// ANCHOR_END: normalize

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::{Error, MapDeserializer};

    const NFC: Normalization = Normalization { nfc: true };

    #[test]
    fn every_line_end_becomes_a_line_feed() {
        let text = Normalization::default().apply("a\r\nb\rc\nd\r\r\ne\n\r");
        assert_eq!(text, "a\nb\nc\nd\n\ne\n\n");
    }

    #[test]
    fn characters_are_left_alone_unless_asked() {
        let decomposed = "e\u{301}";
        assert_eq!(Normalization::default().apply(decomposed), decomposed);
    }

    #[test]
    fn nfc_composes_but_keeps_compatibility_characters() {
        // Hangul composes; the full-width comma and the ligature are other characters.
        let text = NFC.apply("\u{1112}\u{1161}\u{11AB}\u{FF0C}\u{FB01}");
        assert_eq!(text, "\u{D55C}\u{FF0C}\u{FB01}");
    }

    #[test]
    fn a_normalised_text_is_not_copied() {
        assert!(matches!(NFC.apply("a\n月é"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_field_of_a_newer_version_is_not_ignored() {
        let read = |fields: &[(&str, bool)]| {
            Normalization::deserialize(MapDeserializer::<_, Error>::new(fields.iter().copied()))
        };
        assert_eq!(read(&[("nfc", true)]), Ok(NFC));
        let error = read(&[("nfc", true), ("nfkc", true)]).unwrap_err();
        assert_eq!(error.to_string(), "unknown field `nfkc`, expected `nfc`");
    }
}
