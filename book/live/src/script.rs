//! Bytes in a script: a page opened from a file may load a script, and nothing else.
//!
//! ```text
//! // what this is
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

/// The script `book/en/live/NAME.js`; mdBook copies it as it is.
pub fn path(name: &str) -> PathBuf {
    root().join(format!("book/en/live/{name}.js"))
}

/// Writes the script `name`, with `comment` above it.
///
/// # Errors
/// Whatever the file system says.
pub fn write(name: &str, comment: &str, value: &Value) -> Result<(), Box<dyn Error>> {
    let text = format!(
        "// {comment}\nlstmLive.data({name:?}, {});\n",
        serde_json::to_string_pretty(value)?
    );
    let path = path(name);
    fs::create_dir_all(path.parent().ok_or("a file is in a folder")?)?;
    Ok(fs::write(path, text)?)
}

/// Reads the script `name` back.
///
/// # Errors
/// If it is not there, or not as [`write()`] writes it.
pub fn read(name: &str) -> Result<Value, Box<dyn Error>> {
    let path = path(name);
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let start = format!("\nlstmLive.data({name:?}, ");
    let json = text
        .split_once(&start)
        .and_then(|(_, rest)| rest.strip_suffix(");\n"))
        .ok_or_else(|| format!("{} is not as it was written", path.display()))?;
    Ok(serde_json::from_str(json)?)
}

/// Bytes as text.
pub fn to_text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Text as bytes.
///
/// # Errors
/// If the value is no text, or the text has not been made by [`to_text`].
pub fn to_bytes(value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(STANDARD.decode(value.as_str().ok_or("no text")?)?)
}
