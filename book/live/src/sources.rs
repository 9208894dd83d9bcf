//! A hash of the sources of the compiled module, to notice when the module is stale.

use crate::prose;
use crate::script::root;
use std::error::Error;
use std::fs;

/// The folders of the crates in the module.
const FOLDERS: [&str; 7] = [
    "crates/lstm-gates",
    "crates/lstm-cell",
    "crates/lstm-bptt",
    "crates/lstm-text",
    "crates/lstm-model",
    "crates/lstm-train",
    "crates/lstm-tasks",
];

/// The files of this package in the module.
const OWN: [&str; 15] = [
    "abi.rs",
    "mailbox.rs",
    "gates.rs",
    "cell.rs",
    "slip.rs",
    "vanish.rs",
    "truncation.rs",
    "mistake.rs",
    "gradcheck.rs",
    "writer.rs",
    "learner.rs",
    "weights.rs",
    "words.rs",
    "translator.rs",
    "translator/weights.rs",
];

/// A hash of the code in the module: all lines except comments and tests. The module lists the
/// packages from the registry by name and version instead ([`missing`]).
///
/// # Errors
/// If a file cannot be read.
pub fn hash() -> Result<String, Box<dyn Error>> {
    let root = root();
    let mut files = Vec::new();
    for folder in FOLDERS {
        files.push(root.join(folder).join("Cargo.toml"));
        files.extend(prose::files(&format!("{folder}/src"), "rs")?);
    }
    for file in OWN {
        files.push(root.join("book/live/src").join(file));
    }
    files.push(root.join("book/src/plain.rs"));
    files.push(root.join("book/live/Cargo.toml"));
    files.sort();
    let mut hasher = crc32fast::Hasher::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        hasher.update(code(&text).as_bytes());
    }
    Ok(format!("{:08x}", hasher.finalize()))
}

/// The lines that are compiled, without comments and modules of tests. Formatting is part of the
/// hash, so lines are enough and no parser of Rust is needed.
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

/// The first of `packages`, each `name version`, that Cargo.lock does not have.
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
    fn comments_and_tests_are_not_code() {
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
