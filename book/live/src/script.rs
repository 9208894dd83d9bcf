//! Data in scripts, because a page that is opened from a file may load scripts and nothing else.
//!
//! ```text
//! // a comment
//! lstmLive.data("module", {"wasm": "AGFzbQ…", …});
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The script `book/en/live/NAME.js`, which mdBook copies unchanged.
pub fn path(name: &str) -> PathBuf {
    root().join(format!("book/en/live/{name}.js"))
}

/// Writes the script `name`, with `comment` above it.
///
/// # Errors
/// If the file cannot be written.
pub fn write(name: &str, comment: &str, value: &Value) -> Result<(), Box<dyn Error>> {
    let text = format!(
        "// {comment}\nlstmLive.data({name:?}, {});\n",
        serde_json::to_string_pretty(value)?
    );
    let path = path(name);
    fs::create_dir_all(path.parent().ok_or("the file has a folder")?)?;
    Ok(fs::write(path, text)?)
}

/// Reads the script `name` back.
///
/// # Errors
/// If the file cannot be read, or was not written by [`write()`].
pub fn read(name: &str) -> Result<Value, Box<dyn Error>> {
    let path = path(name);
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let start = format!("\nlstmLive.data({name:?}, ");
    let json = text
        .split_once(&start)
        .and_then(|(_, rest)| rest.strip_suffix(");\n"))
        .ok_or_else(|| format!("{} was not written by lstm-live", path.display()))?;
    Ok(serde_json::from_str(json)?)
}

/// Bytes as base64.
pub fn to_text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a base64 string.
///
/// # Errors
/// If the value is not a string, or the string is not base64.
pub fn to_bytes(value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(STANDARD.decode(value.as_str().ok_or("not a string")?)?)
}
