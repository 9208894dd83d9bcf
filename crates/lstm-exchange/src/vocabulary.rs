//! A vocabulary from JSON, in the forms in which people store one.

use crate::ExchangeError;
use lstm_text::Vocabulary;
use serde_json::Value;

/// A vocabulary from JSON: a list of the characters in the order of their ids, one string of them, or an
/// object that maps each character to its id.
///
/// ```
/// use lstm_exchange::vocabulary_from_json;
///
/// for json in [r#"["b", "a"]"#, r#""ba""#, r#"{"a": 1, "b": 0}"#] {
///     assert_eq!(vocabulary_from_json(json)?.chars(), ['b', 'a']);
/// }
/// # Ok::<(), lstm_exchange::ExchangeError>(())
/// ```
///
/// # Errors
/// If the JSON is something else, if an entry is not a single character (such as `<unk>`), if a
/// character occurs twice, or if an id is missing.
pub fn vocabulary_from_json(json: &str) -> Result<Vocabulary, ExchangeError> {
    let value: Value = serde_json::from_str(json).map_err(|e| characters(e.to_string()))?;
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
        Value::Object(ids) => {
            let mut chars = vec![None; ids.len()];
            for (text, id) in &ids {
                let place = id
                    .as_u64()
                    .and_then(|id| chars.get_mut(usize::try_from(id).ok()?));
                let all = ids.len();
                match place {
                    Some(place @ None) => *place = Some(one_character(text)?),
                    Some(_) => return Err(characters(format!("id {id} comes twice"))),
                    None => {
                        let why = format!("the id of {text:?} is {id}, expected 0 to {}", all - 1);
                        return Err(characters(why));
                    }
                }
            }
            chars.into_iter().flatten().collect()
        }
        other => return Err(characters(format!("it is {other}"))),
    };
    Vocabulary::from_chars(chars).map_err(|e| characters(e.to_string()))
}

fn one_character(text: &str) -> Result<char, ExchangeError> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) => Ok(one),
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
            ("{}", "no characters"),
            ("7", "it is 7"),
            ("[", "EOF"),
        ] {
            let said = refused(json);
            assert!(said.contains(why), "{json}: {said}");
        }
    }
}
