//! Printing: control characters in messages are escaped, and a closed pipe is not an error.

use console::Term;
use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether this process prints nothing, because another one that trains beside it says the same.
static MUTED: AtomicBool = AtomicBool::new(false);

/// Prints no message from now on, or prints them again.
#[cfg(feature = "mpi")]
pub fn mute(muted: bool) {
    MUTED.store(muted, Relaxed);
}

fn is_muted() -> bool {
    MUTED.load(Relaxed)
}

/// Prints a line of messages or results to standard output, with the empty lines around it.
pub fn print(line: Arguments<'_>) -> io::Result<()> {
    if is_muted() {
        return Ok(());
    }
    writeln!(io::stdout(), "{}", on_one_line(&line.to_string()))
}

/// Prints a line to standard error. A failure to write is ignored.
pub fn print_error(line: Arguments<'_>) {
    if is_muted() {
        return;
    }
    let _ = writeln!(io::stderr(), "{}", on_one_line(&line.to_string()));
}

/// Prints several lines of results.
pub fn print_lines(lines: &str) -> io::Result<()> {
    if is_muted() {
        return Ok(());
    }
    writeln!(io::stdout(), "{}", escaped(lines))
}

/// Prints a line of a model's output.
pub fn print_output(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", for_output(text))
}

/// A model's output: unchanged for a file or another program, escaped for a terminal.
pub fn for_output(text: &str) -> Cow<'_, str> {
    if io::stdout().is_terminal() {
        return escaped(text);
    }
    Cow::Borrowed(text)
}

/// Escapes a message, and every line break inside it: the name of a file could forge a line of its own.
fn on_one_line(message: &str) -> String {
    let line = message.trim_matches('\n');
    let start = message.len() - message.trim_start_matches('\n').len();
    let (before, after) = (&message[..start], &message[start + line.len()..]);
    format!("{before}{}{after}", escaped(line).replace('\n', "\\n"))
}

/// The columns of the terminal that shows standard output; `None` for a file or another program.
pub fn width() -> Option<usize> {
    let term = Term::stdout();
    let (_, columns) = term.size_checked().filter(|_| term.is_term())?;
    Some(columns.into()).filter(|&columns| columns > 0)
}

/// Whether standard output is a terminal with colours. `NO_COLOR` turns them off.
pub fn has_colours() -> bool {
    let term = Term::stdout();
    term.is_term() && term.features().colors_supported()
}

/// Escapes control characters and characters that change the writing direction. A terminal would obey
/// them: it would move the cursor, change its title, or show a name backwards.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_obeyed(c) {
            escaped.extend(c.escape_unicode());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

fn is_obeyed(c: char) -> bool {
    let is_bidirectional = matches!(
        c,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    let is_separator = matches!(c, '\u{2028}' | '\u{2029}');
    (c.is_control() && !matches!(c, '\n' | '\t')) || is_bidirectional || is_separator
}

#[cfg(test)]
mod tests {
    use super::{escaped, on_one_line};

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(
            escaped("a\x1b[31mb\u{9b}c\rd"),
            "a\\u{1b}[31mb\\u{9b}c\\u{d}d"
        );
        assert_eq!(escaped("x\u{202e}gpj.exe"), "x\\u{202e}gpj.exe");
        assert_eq!(escaped("é 月 ⏎\n\tb"), "é 月 ⏎\n\tb");
    }

    #[test]
    fn a_line_break_in_a_name_makes_no_line() {
        assert_eq!(on_one_line("a\ndone: b"), "a\\ndone: b");
        assert_eq!(on_one_line("\na\x1b\nb\n\n"), "\na\\u{1b}\\nb\n\n");
        assert_eq!(on_one_line("\n\n"), "\n\n");
    }
}
