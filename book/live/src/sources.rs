//! What a compiled module is made from, in one number: so that a stale one is noticed.

use crate::script::root;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates that go into the module, by their folders.
const FOLDERS: [&str; 5] = [
    "crates/lstm-gates",
    "crates/lstm-cell",
    "crates/lstm-bptt",
    "crates/lstm-text",
    "crates/lstm-model",
];

/// The files of this package that do.
const OWN: [&str; 7] = [
    "abi.rs",
    "mailbox.rs",
    "gates.rs",
    "cell.rs",
    "gradcheck.rs",
    "writer.rs",
    "weights.rs",
];

/// A hash of the code in the module: of all lines but comments and tests. The versions of what comes
/// from elsewhere are kept by name.
///
/// # Errors
/// If a file cannot be read.
pub fn hash() -> Result<String, Box<dyn Error>> {
    let root = root();
    let mut files = Vec::new();
    for folder in FOLDERS {
        files.push(root.join(folder).join("Cargo.toml"));
        collect(&root.join(folder).join("src"), &mut files)?;
    }
    for file in OWN {
        files.push(root.join("book/live/src").join(file));
    }
    files.push(root.join("book/live/Cargo.toml"));
    files.sort();
    let mut hasher = crc32fast::Hasher::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        hasher.update(code(&text).as_bytes());
    }
    Ok(format!("{:08x}", hasher.finalize()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The lines that are compiled: no comments, no module of tests.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let tests = line == "#[cfg(test)]" && lines.peek().is_some_and(|l| l.starts_with("mod "));
        if tests {
            // `mod tests;` is one line, `mod tests {` ends with the brace at its own depth.
            if lines.next().is_some_and(|l| l.ends_with('{')) {
                lines.by_ref().find(|l| *l == "}");
            }
            continue;
        }
        let line = line.trim();
        if !line.is_empty() && !line.starts_with("//") {
            code += line;
            code.push('\n');
        }
    }
    code
}

/// Whether Cargo.lock still has all of `packages`, each `name version`; the first that is not there.
///
/// # Errors
/// If Cargo.lock cannot be read.
pub fn missing(packages: &[String]) -> Result<Option<String>, Box<dyn Error>> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    Ok(packages
        .iter()
        .find(|package| {
            let (name, version) = package.split_once(' ').unwrap_or((package, ""));
            !lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n"))
        })
        .cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_no_code() {
        let text = "//! About.\nmod a;\n\n/// One.\nfn f() {} // stays\n#[cfg(test)]\nmod tests {\n    \
                    fn g() {}\n}\n#[cfg(test)]\nmod more;\nfn h() {}\n";
        assert_eq!(code(text), "mod a;\nfn f() {} // stays\nfn h() {}\n");
    }

    #[test]
    fn another_version_is_missing() {
        let package = |s: &str| vec![s.to_owned()];
        assert_eq!(missing(&package("lstm-gates 0.1.0")).unwrap(), None);
        let other = missing(&package("lstm-gates 0.0.9")).unwrap();
        assert_eq!(other.as_deref(), Some("lstm-gates 0.0.9"));
    }
}
