//! Builds the book in both languages: runs mdBook once for each, with HTML as the only renderer. The
//! Chinese pages go into the folder `zh-CN` of the English ones.

use crate::Error;
use serde_json::{Value, json};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the Chinese pages, in that of the English ones.
const SECOND: &str = "zh-CN";

/// One run of mdBook.
#[derive(Debug, PartialEq)]
struct Run {
    root: PathBuf,
    /// The folder of the pages.
    pages: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// Builds both languages; `context` is the JSON that mdBook sends to a renderer. Returns the folder of
/// the pages.
///
/// # Errors
/// [`Error`] if the configuration lacks a value, or mdBook cannot be run or fails.
pub fn build(context: &str) -> Result<PathBuf, Error> {
    let context: Value = serde_json::from_str(context)
        .map_err(|e| Error::new("mdbook", 0, format!("sent something that is not JSON: {e}")))?;
    let [first, second] = plan(&context)?;
    // mdBook clears the folder of the first, with the second in it.
    first.execute()?;
    second.execute()?;
    Ok(first.pages)
}

impl Run {
    fn execute(&self) -> Result<(), Error> {
        let status = Command::new(mdbook())
            .arg("build")
            .arg(&self.root)
            .arg("--dest-dir")
            .arg(&self.pages)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .status()
            .map_err(|e| {
                let what = format!("{e}: mdbook must be on the PATH to build the book");
                Error::new("mdbook", 0, what)
            })?;
        if status.success() {
            return Ok(());
        }
        let pages = self.pages.display().to_string();
        Err(Error::new(pages, 0, "the book was not built: see above"))
    }
}

/// The English run, and the Chinese one.
fn plan(context: &Value) -> Result<[Run; 2], Error> {
    let text = |value: &Value, what: &str| {
        let missing = || {
            Error::new(
                "book/book.toml",
                0,
                format!("[output.press.zh] needs {what}"),
            )
        };
        value.as_str().map(str::to_owned).ok_or_else(missing)
    };
    let output = &context["config"]["output"];
    let own = &output["press"]["zh"];
    let root = PathBuf::from(text(&context["root"], "a root")?);
    let pages = PathBuf::from(text(&context["destination"], "a place")?);
    // With [output.press] a run would start further runs.
    let mut html = output["press"]["html"].clone();
    // `mdbook serve` adds these.
    for name in ["live-reload-endpoint", "site-url"] {
        if let Some(value) = output["html"].get(name) {
            html[name] = value.clone();
        }
    }
    let only = |html: &Value| ("MDBOOK_OUTPUT", json!({ "html": html }).to_string());
    let english = Run {
        root: root.clone(),
        pages: pages.clone(),
        variables: vec![only(&html)],
    };
    let site = html["site-url"].as_str().unwrap_or("/").to_owned();
    html["site-url"] = json!(format!("{}/{SECOND}/", site.trim_end_matches('/')));
    let chinese = Run {
        root,
        pages: pages.join(SECOND),
        variables: vec![
            only(&html),
            ("MDBOOK_BOOK__LANGUAGE", SECOND.into()),
            ("MDBOOK_BOOK__SRC", text(&own["src"], "src")?),
            ("MDBOOK_BOOK__TITLE", text(&own["title"], "title")?),
            (
                "MDBOOK_BOOK__DESCRIPTION",
                text(&own["description"], "description")?,
            ),
        ],
    };
    Ok([english, chinese])
}

/// The program mdbook: on the PATH, or in the folder where cargo installs programs.
fn mdbook() -> OsString {
    let name = Path::new("mdbook").with_extension(env::consts::EXE_EXTENSION);
    let path = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&path).any(|folder| folder.join(&name).is_file()) {
        return name.into();
    }
    let installed = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .map(|cargo| cargo.join("bin").join(&name))
        .filter(|path| path.is_file());
    installed.unwrap_or(name).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Value {
        json!({
            "root": "/x/book",
            "destination": "/x/book/html",
            "config": {"output": {
                "html": {"live-reload-endpoint": "__livereload"},
                "press": {
                    "command": "x",
                    "html": {"site-url": "/b/"},
                    "zh": {"src": "zh", "title": "书", "description": "说明"}
                }
            }}
        })
    }

    #[test]
    fn each_run_renders_html_only_the_second_into_a_folder_of_the_first() {
        let [english, chinese] = plan(&context()).unwrap();
        assert_eq!(english.pages, Path::new("/x/book/html"));
        assert_eq!(chinese.pages, Path::new("/x/book/html/zh-CN"));
        let output = |run: &Run| serde_json::from_str::<Value>(&run.variables[0].1).unwrap();
        let html = |site: &str| json!({"html": {"site-url": site, "live-reload-endpoint": "__livereload"}});
        assert_eq!(output(&english), html("/b/"));
        assert_eq!(output(&chinese), html("/b/zh-CN/"));
        let chapters = ("MDBOOK_BOOK__SRC", "zh".into());
        assert!(chinese.variables.contains(&chapters));
    }

    #[test]
    fn what_the_configuration_lacks_is_named() {
        let mut context = context();
        context["config"]["output"]["press"]["zh"]["title"] = Value::Null;
        assert_eq!(
            plan(&context).unwrap_err().to_string(),
            "book/book.toml: [output.press.zh] needs title"
        );
    }
}
