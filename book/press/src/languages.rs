//! Builds the Chinese book: runs mdBook again, with the Chinese chapters and without the renderer
//! that called us. The pages go into the folder `zh-CN` of the English pages.

use crate::Error;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The folder of the Chinese pages, in that of the English ones.
const FOLDER: &str = "zh-CN";

/// One run of mdBook.
#[derive(Debug, PartialEq)]
struct Run {
    root: PathBuf,
    /// The folder of the English pages.
    pages: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// Builds the Chinese book; `context` is the JSON that mdBook sends to a renderer. Returns the folder
/// of the pages of both languages.
///
/// # Errors
/// [`Error`] if the configuration lacks a value, or mdBook cannot be run or fails.
pub fn build(context: &str) -> Result<PathBuf, Error> {
    let context: Value = serde_json::from_str(context)
        .map_err(|e| Error::new("mdbook", 0, format!("sent something that is not JSON: {e}")))?;
    let run = plan(&context)?;
    let status = Command::new(mdbook())
        .arg("build")
        .arg(&run.root)
        .arg("--dest-dir")
        .arg(run.pages.join(FOLDER))
        .envs(run.variables.iter().map(|(name, value)| (name, value)))
        .status()
        .map_err(|e| {
            let what = format!("{e}: mdbook must be on the PATH to build the second language");
            Error::new("mdbook", 0, what)
        })?;
    if !status.success() {
        return Err(Error::new(
            run.root.display().to_string(),
            0,
            "the Chinese book was not built: see above",
        ));
    }
    // mdBook makes a folder for this renderer, which stays empty.
    if let Some(own) = context["destination"].as_str() {
        let _ = fs::remove_dir(own);
    }
    Ok(run.pages)
}

fn plan(context: &Value) -> Result<Run, Error> {
    let text = |value: &Value, what: &str| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Error::new("book/book.toml", 0, format!("[output.zh-CN] needs {what}")))
    };
    let own = &context["config"]["output"]["zh-CN"];
    let destination = PathBuf::from(text(&context["destination"], "a place")?);
    let pages = destination.with_file_name("html");
    // HTML only: with [output.zh-CN] the second run would start a third.
    let mut html = context["config"]["output"]["html"].clone();
    let site = html["site-url"].as_str().unwrap_or("/").to_owned();
    html["site-url"] = json!(format!("{}/{FOLDER}/", site.trim_end_matches('/')));
    Ok(Run {
        root: PathBuf::from(text(&context["root"], "a root")?),
        pages,
        variables: vec![
            ("MDBOOK_OUTPUT", json!({ "html": html }).to_string()),
            ("MDBOOK_BOOK__LANGUAGE", "zh-CN".into()),
            ("MDBOOK_BOOK__SRC", text(&own["src"], "src")?),
            ("MDBOOK_BOOK__TITLE", text(&own["title"], "title")?),
            (
                "MDBOOK_BOOK__DESCRIPTION",
                text(&own["description"], "description")?,
            ),
        ],
    })
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
            "destination": "/x/book/html/zh-CN",
            "config": {"output": {
                "html": {"site-url": "/b/", "live-reload-endpoint": "__livereload"},
                "zh-CN": {"src": "zh", "title": "书", "description": "说明", "command": "x"}
            }}
        })
    }

    #[test]
    fn the_second_run_renders_html_only_into_the_pages_of_the_first() {
        let run = plan(&context()).unwrap();
        assert_eq!(run.pages, Path::new("/x/book/html/html"));
        let output: Value = serde_json::from_str(&run.variables[0].1).unwrap();
        assert_eq!(
            output,
            json!({"html": {"site-url": "/b/zh-CN/", "live-reload-endpoint": "__livereload"}})
        );
        assert!(run.variables.contains(&("MDBOOK_BOOK__SRC", "zh".into())));
    }

    #[test]
    fn what_the_configuration_lacks_is_named() {
        let mut context = context();
        context["config"]["output"]["zh-CN"]["title"] = Value::Null;
        assert_eq!(
            plan(&context).unwrap_err().to_string(),
            "book/book.toml: [output.zh-CN] needs title"
        );
    }
}
