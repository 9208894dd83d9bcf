//! The sources that a page links, as files of the book: a page may load and lead to nothing else, and
//! the book can be read without the repository.

use crate::{Error, read};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The folder of the sources, and the start of every link to one.
pub const FOLDER: &str = "source/";

/// The page that links them, in the folder of the English pages; the Chinese one links the same.
const PAGE: &str = "traceability.html";

/// Copies each source that the table of equations links, as plain text that every browser shows.
///
/// # Errors
/// [`Error`] if the page or a source cannot be read, or the copy cannot be written.
pub fn copy(pages: &Path) -> Result<(), Error> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = pages.join(PAGE);
    for source in links(&read(&page)?) {
        let text = read(&workspace.join(source))?;
        let copy = pages.join(FOLDER).join(format!("{source}.txt"));
        let fail = |e: std::io::Error| Error::new(copy.display().to_string(), 0, e.to_string());
        fs::create_dir_all(copy.parent().unwrap_or(pages)).map_err(fail)?;
        // The mark in front says that this is UTF-8, where no server does.
        fs::write(&copy, format!("\u{feff}{text}")).map_err(fail)?;
    }
    Ok(())
}

/// The sources that a page links: `crates/lstm-gates/src/gate.rs`.
fn links(html: &str) -> BTreeSet<&str> {
    html.split("href=\"")
        .filter_map(|rest| rest.split_once('"')?.0.strip_prefix(FOLDER))
        .filter_map(|link| link.strip_suffix(".txt"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_into_the_folder_are_sources() {
        let html = "<a href=\"source/a/b.rs.txt\">b</a> <a href=\"gates.html\">g</a> \
                    <a href=\"source/proofs/c.v.txt\">c</a><a href=\"source/a/b.rs.txt\">b</a>";
        assert_eq!(
            links(html).into_iter().collect::<Vec<_>>(),
            ["a/b.rs", "proofs/c.v"]
        );
    }
}
