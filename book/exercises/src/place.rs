//! Where the reader's code panicked.

use crate::SOURCES;
use std::cell::RefCell;
use std::panic::{UnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

/// A line of a reader's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The module.
    pub chapter: &'static str,
    /// Counted from 1.
    pub line: u32,
    /// The function that holds the line.
    pub function: &'static str,
}

/// The message of a panic, and its place if it is in a reader's file.
pub(crate) struct Panic {
    pub text: String,
    pub place: Option<Place>,
}

thread_local! {
    /// The place of this thread's last panic: what `catch_unwind` returns does not hold it.
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Runs a function, and returns the panic if it panics.
pub(crate) fn catch<T>(run: impl FnOnce() -> T + UnwindSafe) -> Result<T, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            let place = panic.location().and_then(|at| place(at.file(), at.line()));
            LAST.set(place);
            previous(panic);
        }));
    });
    catch_unwind(run).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or(payload.downcast_ref::<&str>().copied());
        Panic {
            text: text.unwrap_or("no message").to_owned(),
            place: LAST.take(),
        }
    })
}

/// The place in a reader's file, which lies beside this one.
fn place(file: &str, line: u32) -> Option<Place> {
    let own = Path::new(file)
        .strip_prefix(Path::new(file!()).parent()?)
        .ok()?;
    let (chapter, source) = SOURCES
        .iter()
        .find(|(chapter, _)| Path::new(chapter).with_extension("rs") == own)?;
    let before = source.lines().take(line as usize);
    Some(Place {
        chapter,
        line,
        function: before.filter_map(defined).last()?,
    })
}

/// The name of the function that a line begins to define.
fn defined(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line
        .strip_prefix("pub ")
        .unwrap_or(line)
        .strip_prefix("fn ")?;
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_of_a_stub_and_no_other() {
        let line = |chapter: &str, text: &str| {
            let (_, source) = SOURCES.iter().find(|(of, _)| *of == chapter).unwrap();
            1 + source.lines().position(|line| line.contains(text)).unwrap() as u32
        };
        let here = Path::new(file!()).parent().unwrap();
        let at = |file: &str, line| place(here.join(file).to_str().unwrap(), line);
        let bias = line("gates", "pub fn preactivation(") + 1;
        assert_eq!(
            at("gates.rs", bias),
            Some(Place {
                chapter: "gates",
                line: bias,
                function: "preactivation"
            })
        );
        let last = line("cell", "pub fn sequence(") + 1;
        assert_eq!(at("cell.rs", last).unwrap().function, "sequence");
        assert_eq!(at("judge/gates.rs", bias), None);
        assert_eq!(place("/elsewhere/gates.rs", bias), None);
        assert_eq!(at("gates.rs", 1), None);
    }
}
