//! A vocabulary from JSON, in the forms in which people store one.

use crate::ExchangeError;
use lstm_text::Vocabulary;
use serde_json::{Map, Value};

/// The character used for the padding id, which stands for no character and fills up short sequences.
pub const PADDING: char = '\0';

/// A vocabulary read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenVocabulary {
    /// The characters, in the order of their ids.
    pub vocabulary: Vocabulary,
    /// Whether the file gives the id of each character. A list gives only their order.
    pub has_ids: bool,
}

impl From<Vocabulary> for GivenVocabulary {
    fn from(vocabulary: Vocabulary) -> Self {
        Self {
            vocabulary,
            has_ids: false,
        }
    }
}

impl GivenVocabulary {
    /// As [`vocabulary_from_json`].
    ///
    /// # Errors
    /// As [`vocabulary_from_json`].
    pub fn from_json(json: &str) -> Result<Self, ExchangeError> {
        let value: Value = serde_json::from_str(json).map_err(|e| characters(e.to_string()))?;
        let has_ids = value.is_object();
        let chars = match value {
            Value::String(text) => text.chars().collect(),
            Value::Array(list) => {
                let entry = |(n, value): (usize, &Value)| match value {
                    Value::String(text) => one_character(text),
                    other => Err(characters(format!("entry {n} is {other}"))),
                };
                let chars: Result<_, _> = list.iter().enumerate().map(entry).collect();
                chars?
            }
            Value::Object(map) => placed(&map)?,
            other => return Err(characters(format!("it is {other}"))),
        };
        let vocabulary = Vocabulary::from_chars(chars).map_err(|e| characters(e.to_string()))?;
        Ok(Self {
            vocabulary,
            has_ids,
        })
    }
}

/// A vocabulary from JSON: a list of the characters in the order of their ids, one string of them, or an
/// object that maps each character to its id or each id to its character.
///
/// Ids may begin at 1; then id 0 is padding. An entry such as `<pad>` is padding, too. Padding is
/// returned as the character [`PADDING`].
///
/// ```
/// use lstm_exchange::{PADDING, vocabulary_from_json};
///
/// for json in [r#"["b", "a"]"#, r#""ba""#, r#"{"a": 1, "b": 0}"#, r#"{"0": "b", "1": "a"}"#] {
///     assert_eq!(vocabulary_from_json(json)?.chars(), ['b', 'a']);
/// }
/// for json in [r#"{"a": 2, "b": 1}"#, r#"["<pad>", "b", "a"]"#] {
///     assert_eq!(vocabulary_from_json(json)?.chars(), [PADDING, 'b', 'a']);
/// }
/// # Ok::<(), lstm_exchange::ExchangeError>(())
/// ```
///
/// # Errors
/// If the JSON has another form, if an entry (such as `<unk>`) is neither a single character nor
/// padding, if a character occurs twice, or if an id is missing.
pub fn vocabulary_from_json(json: &str) -> Result<Vocabulary, ExchangeError> {
    Ok(GivenVocabulary::from_json(json)?.vocabulary)
}

/// The characters of a map, in the order of their ids.
fn placed(map: &Map<String, Value>) -> Result<Vec<char>, ExchangeError> {
    let is_by_id = !map.is_empty() && map.values().all(Value::is_string);
    let mut pairs = Vec::new();
    for (key, value) in map {
        let (id, text) = match value {
            Value::String(text) if is_by_id => (key.parse::<usize>().ok(), text),
            id => (id.as_u64().and_then(|id| usize::try_from(id).ok()), key),
        };
        let found = if is_by_id { key } else { &value.to_string() };
        pairs.push((id, found.clone(), text));
    }
    let begins_at_1 = !pairs.is_empty() && pairs.iter().all(|(id, ..)| id.is_some_and(|id| id > 0));
    let first = usize::from(begins_at_1);
    let mut chars = vec![None; pairs.len() + first];
    if begins_at_1 {
        chars[0] = Some(PADDING);
    }
    let last = (pairs.len() + first).saturating_sub(1);
    for (id, found, text) in pairs {
        let place = id.and_then(|id| chars.get_mut(id));
        match place {
            Some(place @ None) => *place = Some(one_character(text)?),
            Some(_) => return Err(characters(format!("id {found} comes twice"))),
            None => {
                let why = format!("the id of {text:?} is {found}, expected {first} to {last}");
                return Err(characters(why));
            }
        }
    }
    Ok(chars.into_iter().flatten().collect())
}

/// The character of an entry; [`PADDING`] if the entry is a usual name for padding.
fn one_character(text: &str) -> Result<char, ExchangeError> {
    let mut chars = text.chars();
    let name = text.trim_matches(['<', '>', '[', ']', '_']).to_lowercase();
    match (chars.next(), chars.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Ok(PADDING),
        _ if ["pad", "padding"].contains(&name.as_str()) => Ok(PADDING),
        _ => Err(characters(format!("{text:?} is not one character"))),
    }
}

fn characters(why: String) -> ExchangeError {
    ExchangeError::Characters { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list_of_characters_is_named() {
        let refused = |json: &str| vocabulary_from_json(json).unwrap_err().to_string();
        for (json, why) in [
            (r#"["a", "<unk>"]"#, r#""<unk>" is not one character"#),
            (r#"["a", 3]"#, "entry 1 is 3"),
            (r#"["a", "a"]"#, "twice"),
            (
                r#"{"a": 0, "b": 2}"#,
                r#"the id of "b" is 2, expected 0 to 1"#,
            ),
            (r#"{"a": 0, "b": 0}"#, "id 0 comes twice"),
            (r#"{"a": -1}"#, "expected 0 to 0"),
            (
                r#"{"a": 1, "b": 3}"#,
                r#"the id of "b" is 3, expected 1 to 2"#,
            ),
            (r#"{"0": "a", "00": "b"}"#, "comes twice"),
            (
                r#"{"0": "a", "x": "b"}"#,
                r#"the id of "b" is x, expected 0 to 1"#,
            ),
            (r#"{"a": 0, "b": "1"}"#, r#"the id of "b" is "1", expected"#),
            (r#"["<pad>", ""]"#, "twice"),
            ("{}", "no characters"),
            ("7", "it is 7"),
            ("[", "EOF"),
        ] {
            let said = refused(json);
            assert!(said.contains(why), "{json}: {said}");
        }
    }

    #[test]
    fn only_a_map_says_which_ids_its_characters_have() {
        let has_ids = |json: &str| GivenVocabulary::from_json(json).unwrap().has_ids;
        assert!(has_ids(r#"{"a": 0}"#) && has_ids(r#"{"0": "a"}"#));
        assert!(!has_ids(r#"["a"]"#) && !has_ids(r#""a""#));
    }
}
