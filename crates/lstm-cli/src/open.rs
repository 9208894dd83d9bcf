//! Opens a file in the program that the desktop has for it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Opens a page in the browser. Some openers return at once and some when the browser is closed, so this
/// waits two seconds for a failure.
pub fn open(page: &Path) -> io::Result<()> {
    let page = page.canonicalize()?;
    let mut child = opener()
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    for _ in 0..40 {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(status.to_string())),
            None => sleep(Duration::from_millis(50)),
        }
    }
    Ok(())
}

fn opener() -> Command {
    if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        return command;
    }
    Command::new(if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    })
}
