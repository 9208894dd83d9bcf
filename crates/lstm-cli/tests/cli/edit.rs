//! Edits of one field of some JSON, as a text: what JSON does not have can be written, too.

use serde_json::Value;

/// Values for any field. Those that are no JSON must be refused.
const WRONG: [&str; 13] = [
    "null",
    "true",
    "-1",
    "0",
    "0.5",
    "1e300",
    "4294967295",
    "18446744073709551615",
    "99999999999999999999",
    "\"x\"",
    "[]",
    "[[[0]]]",
    "{}",
];
const NO_JSON: [&str; 4] = ["NaN", "-Infinity", "1e999", ","];

/// One thing that is wrong with a field.
#[derive(Clone, Copy, Debug)]
pub enum Edit {
    Remove,
    Replace(&'static str),
    /// The field is given twice.
    Twice,
}

impl Edit {
    pub fn all() -> impl Iterator<Item = Self> {
        let values = WRONG.into_iter().chain(NO_JSON).map(Self::Replace);
        [Self::Remove, Self::Twice].into_iter().chain(values)
    }

    pub fn must_be_refused(self) -> bool {
        match self {
            Self::Remove => false,
            Self::Replace(value) => NO_JSON.contains(&value),
            Self::Twice => true,
        }
    }

    /// The text of `json` with this edit at `path`; `None` if it is impossible there.
    pub fn apply(self, json: &Value, path: &str) -> Option<String> {
        let mut json = json.clone();
        let (parent, key) = path.rsplit_once('/').unwrap();
        let value = json.pointer(path).unwrap().clone();
        let parent = json.pointer_mut(parent).unwrap();
        match self {
            Self::Replace(text) => {
                *json.pointer_mut(path).unwrap() = "@here@".into();
                return Some(json.to_string().replace("\"@here@\"", text));
            }
            Self::Remove => match parent {
                Value::Array(list) => drop(list.remove(0)),
                parent => drop(parent.as_object_mut().unwrap().remove(key)),
            },
            Self::Twice => {
                parent.as_object_mut()?.insert("@twice@".to_owned(), value);
                return Some(json.to_string().replace("@twice@", key));
            }
        }
        Some(json.to_string())
    }
}
