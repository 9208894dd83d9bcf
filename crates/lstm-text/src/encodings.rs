//! Finds plausible encodings of bytes that are not UTF-8.
//!
//! The result is only a suggestion in an error message. The user decides; nothing is decoded by guess.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, IBM866, ISO_8859_2, ISO_8859_5, KOI8_R, MACINTOSH,
    SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254,
};
use std::fmt;

/// A sample of a text, decoded in one encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The name of the encoding in `iconv`.
    pub encoding: &'static str,
    /// The characters around the first one that is not ASCII.
    pub sample: String,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoding, sample } = self;
        write!(f, "`iconv -f {encoding} -t UTF-8` gives “{sample}”")
    }
}

/// The encodings to try, with their names in `iconv`. Equally plausible encodings keep this order.
static ENCODINGS: [(&str, &Encoding); 15] = [
    ("WINDOWS-1252", WINDOWS_1252),
    ("GB18030", GB18030),
    ("BIG5", BIG5),
    ("SHIFT_JIS", SHIFT_JIS),
    ("EUC-JP", EUC_JP),
    ("EUC-KR", EUC_KR),
    ("WINDOWS-1251", WINDOWS_1251),
    ("KOI8-R", KOI8_R),
    ("WINDOWS-1250", WINDOWS_1250),
    ("ISO-8859-2", ISO_8859_2),
    ("WINDOWS-1253", WINDOWS_1253),
    ("WINDOWS-1254", WINDOWS_1254),
    ("MACINTOSH", MACINTOSH),
    ("ISO-8859-5", ISO_8859_5),
    ("CP866", IBM866),
];

/// The maximum number of readings in a message.
const SHOWN: usize = 4;
/// The number of bytes by which plausibility is judged.
const JUDGED: usize = 1 << 20;
/// The minimum fraction of plausible characters in a plausible text.
const PLAUSIBLE: f64 = 0.7;
/// The number of characters in a sample before and after the first one that is not ASCII.
const AROUND: usize = 12;

/// The plausible readings of a text that stops being UTF-8 at `offset`, the most plausible first. If
/// several encodings give the same text, only the first is listed.
pub(crate) fn readings(bytes: &[u8], offset: usize) -> Vec<Reading> {
    let start = bytes[..offset].iter().rposition(|&b| b == b'\n');
    let from = &bytes[start.map_or(0, |newline| newline + 1)..];
    let line = from.split(|&b| b == b'\n').next().unwrap_or_default();
    // Judge whole lines only, so that no character is cut in two.
    let judged = match from.get(..JUDGED) {
        None => from,
        Some(first) => &first[..first.iter().rposition(|&b| b == b'\n').unwrap_or(JUDGED)],
    };
    let mut found: Vec<(f64, String, Reading)> = Vec::new();
    for (encoding, decoder) in ENCODINGS {
        let Some(text) = decoder.decode_without_bom_handling_and_without_replacement(judged) else {
            continue;
        };
        let share = plausibility(&text);
        let is_text = share >= PLAUSIBLE && !text.chars().any(is_c1_control);
        if !is_text || found.iter().any(|(_, other, _)| *other == text) {
            continue;
        }
        let (line, _) = decoder.decode_without_bom_handling(line);
        let sample = sample(line.trim());
        found.push((share, text.into_owned(), Reading { encoding, sample }));
    }
    found.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    found.truncate(SHOWN);
    found.into_iter().map(|(.., reading)| reading).collect()
}

/// The characters around the first that is not ASCII.
fn sample(line: &str) -> String {
    let at = line.chars().position(|c| !c.is_ascii()).unwrap_or(0);
    let before = at.saturating_sub(AROUND);
    let around = line.chars().skip(before).take(2 * AROUND);
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    around.map(visible).collect()
}

/// The fraction of the non-ASCII characters whose neighbours are plausible, as in real texts.
fn plausibility(text: &str) -> f64 {
    let (mut all, mut at_home) = (0, 0);
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_ascii() {
            let after = characters.peek().copied().unwrap_or(' ');
            all += 1;
            at_home += usize::from(is_at_home(before, character, after));
        }
        before = character;
    }
    f64::from(at_home as u32) / f64::from(all.max(1) as u32)
}

/// In real texts a word does not mix scripts, a capital does not follow a lower-case letter, and symbols
/// do not occur between letters.
fn is_at_home(before: char, character: char, after: char) -> bool {
    let beside = |is: fn(char) -> bool| is(before) || is(after);
    match character {
        _ if character.is_uppercase() && before.is_lowercase() => false,
        '×' | '÷' => !beside(char::is_alphabetic),
        '\u{C0}'..='\u{24F}' => {
            let is_inner = is_latin(before) && is_latin(after);
            !(is_inner || beside(|c| is_east_asian(c) || is_greek_or_cyrillic(c)))
        }
        _ if is_greek_or_cyrillic(character) => !beside(|c| c.is_ascii_alphabetic() || is_latin(c)),
        '\u{2E80}'..='\u{33FF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF01}'..='\u{FF60}' => !beside(|c| c.is_ascii_lowercase() || is_latin(c)),
        // Quotation marks, dashes, the ellipsis, the euro.
        '\u{2010}'..='\u{2027}' | '€' => !(is_symbol(before) || is_symbol(after)),
        '«' | '»' | '¿' | '¡' | '§' | '°' | '©' | '®' | '·' | '£' | '\u{A0}' => {
            let is_inner = before.is_alphabetic() && after.is_alphabetic();
            !(is_inner || beside(is_symbol))
        }
        _ => false,
    }
}

fn is_c1_control(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9F}')
}

fn is_latin(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{24F}')
}

fn is_greek_or_cyrillic(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{52F}')
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}')
}

/// Symbols of Latin-1 that are rare in texts.
fn is_symbol(c: char) -> bool {
    matches!(c, '\u{A1}'..='\u{BF}' | '×' | '÷') && !matches!(c, '«' | '»' | '¿' | '¡')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The encodings that are listed for a text in one of them.
    fn listed(text: &str, encoding: &'static Encoding) -> Vec<&'static str> {
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{text} in {}", encoding.name());
        let offset = std::str::from_utf8(&bytes).unwrap_err().valid_up_to();
        let found = readings(&bytes, offset);
        let right = found.iter().find(|one| text.contains(&one.sample));
        assert!(right.is_some(), "no reading of {text} is right: {found:?}");
        found.into_iter().map(|one| one.encoding).collect()
    }

    #[test]
    fn a_text_is_listed_first_in_its_own_encoding() {
        for (text, encoding, name) in [
            (
                "Très bien, là-bas l’été arrive.",
                WINDOWS_1252,
                "WINDOWS-1252",
            ),
            (
                "Die Frühlingsgefühle über Köln\n",
                WINDOWS_1252,
                "WINDOWS-1252",
            ),
            ("bells fall bell’s near", WINDOWS_1252, "WINDOWS-1252"),
            ("春眠不觉晓，处处闻啼鸟。", GB18030, "GB18030"),
            ("Привет, мир! Как дела?", WINDOWS_1251, "WINDOWS-1251"),
            ("Привет, мир! Как дела?", KOI8_R, "KOI8-R"),
        ] {
            assert_eq!(listed(text, encoding)[0], name, "{text}");
        }
    }

    #[test]
    fn a_text_is_listed_in_its_own_encoding() {
        for (text, encoding, name) in [
            ("春眠不覺曉，處處聞啼鳥。", BIG5, "BIG5"),
            ("나는 고양이로소이다.", EUC_KR, "EUC-KR"),
            ("吾輩は猫である。名前はまだ無い。", SHIFT_JIS, "SHIFT_JIS"),
            ("吾輩は猫である。名前はまだ無い。", EUC_JP, "EUC-JP"),
            ("Příliš žluťoučký kůň", WINDOWS_1250, "WINDOWS-1250"),
            ("Καλημέρα κόσμε", WINDOWS_1253, "WINDOWS-1253"),
            ("Très bien, l’été à Besançon", MACINTOSH, "MACINTOSH"),
        ] {
            let listed = listed(text, encoding);
            assert!(listed.contains(&name), "{text}: {listed:?}");
        }
    }

    #[test]
    fn encodings_in_which_scripts_would_mix_are_not_listed() {
        let listed = listed("bells fall bell’s near", WINDOWS_1252);
        assert!(!listed.contains(&"GB18030"), "{listed:?}");
        assert!(!listed.contains(&"CP866"), "{listed:?}");
    }

    #[test]
    fn bytes_that_are_no_text_have_no_reading() {
        let bytes: Vec<u8> = (0x80..=0xFF).collect();
        assert_eq!(readings(&bytes, 0), []);
    }

    #[test]
    fn a_character_is_plausible_or_not_by_its_neighbours() {
        let judge = |three: &str| {
            let characters: Vec<char> = three.chars().collect();
            let [before, character, after] = characters[..] else {
                panic!("{three} is not three characters");
            };
            is_at_home(before, character, after)
        };
        for plausible in [
            "3×4",
            "tét",
            " é ",
            "aé ",
            "Éé ",
            "жен",
            "αωβ",
            "中文字",
            "X中 ",
            "，中 ",
            "a’s",
            "“é ",
            "5€ ",
            " «a",
            "a» ",
            "5° ",
            " §1",
            "«’a",
        ] {
            assert!(judge(plausible), "{plausible}");
        }
        for odd in [
            "a×4", "4×a", "aÉ ", "éÿé", "中é ", " é中", "жé ", " éж", "aж ", " жé", "a中 ", " 中é",
            "°’a", "a’°", "a·b", " §°", "°§ ", " ─ ",
        ] {
            assert!(!judge(odd), "{odd}");
        }
    }

    #[test]
    fn a_sample_shows_twelve_characters_before_the_first_odd_one() {
        let line = "abcdefghijklmnopqrstuvwxyzéabcdefghijklmnopqrstuvwxyz";
        assert_eq!(sample(line), "opqrstuvwxyzéabcdefghijk");
    }

    #[test]
    fn a_long_text_is_judged_by_its_first_whole_lines() {
        // A line has nine bytes in GB18030; the last of the first mebibyte ends inside a line.
        let (bytes, ..) = GB18030.encode("春眠不觉\n");
        let text = bytes.repeat(JUDGED / bytes.len() + 2);
        assert_eq!(JUDGED % bytes.len(), 4);
        assert_eq!(readings(&text, 0)[0].encoding, "GB18030");
    }
}
