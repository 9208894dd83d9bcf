//! JSON in which no object has a field twice. `serde_json` takes the last one, so that two readers of the
//! same file could read two different things.

use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a value.
///
/// # Errors
/// If the bytes are not JSON, if a field is given twice, or if a field is missing or has another type.
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let Strict(value) = serde_json::from_slice(json)?;
    serde_json::from_value(value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        number.map(Value::Number).ok_or_else(|| {
            let found = de::Unexpected::Float(value);
            E::invalid_value(found, &"a finite number")
        })
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((field, Strict(value))) = object.next_entry::<String, _>()? {
            if fields.contains_key(&field) {
                let why = format!("the field {field:?} is given twice");
                return Err(A::Error::custom(why));
            }
            fields.insert(field, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_as_serde_json_reads_it() {
        let json = r#"{"a": [1, -2, 0.1, 1e300, "é\n", null, true, {}], "b": {"a": 18446744073709551615}}"#;
        let expected: Value = serde_json::from_str(json).unwrap();
        assert_eq!(parse::<Value>(json.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn a_field_that_is_given_twice_is_named() {
        for json in [
            r#"{"a": 1, "a": 1}"#,
            r#"[{"b": {"a": 1, "c": 2, "a": null}}]"#,
        ] {
            let message = parse::<Value>(json.as_bytes()).unwrap_err().to_string();
            assert!(
                message.starts_with(r#"the field "a" is given twice"#),
                "{message}"
            );
        }
    }
}
