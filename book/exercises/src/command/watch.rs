//! Judges again whenever a file of the exercises is saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime};
use std::{env, fs, io, thread};

/// Saved files are looked for this often.
const PAUSE: Duration = Duration::from_millis(300);

/// Every Rust file of a directory, and when it was last saved.
type Saved = BTreeMap<PathBuf, SystemTime>;

/// Builds and judges by Cargo at first and after every save. Ends only with Ctrl-C or an error.
pub(super) fn watch(chapters: &[String]) -> ExitCode {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let result = on_save(&sources, || {
        let mut command = Command::new(&cargo);
        command
            .args(["run", "--quiet", "-p", "exercises", "--"])
            .args(chapters);
        // A stub that does not compile is no end: Cargo says what is wrong with it.
        command.status()?;
        println!(
            "\nWaiting for a file in {} to be saved; Ctrl-C ends.",
            sources.display()
        );
        Ok(())
    });
    let Err(why) = result;
    eprintln!("error: cannot watch {}: {why}", sources.display());
    ExitCode::FAILURE
}

/// Runs `judge` at first, and again after every save.
fn on_save(
    sources: &Path,
    mut judge: impl FnMut() -> io::Result<()>,
) -> io::Result<std::convert::Infallible> {
    loop {
        // What is saved while the judge runs is judged too.
        let before = saved(sources)?;
        judge()?;
        while saved(sources)? == before {
            thread::sleep(PAUSE);
        }
    }
}

fn saved(directory: &Path) -> io::Result<Saved> {
    let mut all = Saved::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            // An editor may replace a file, which is missing for a moment.
            match fs::metadata(&path).and_then(|file| file.modified()) {
                Ok(time) => _ = all.insert(path, time),
                Err(why) if why.kind() == io::ErrorKind::NotFound => {}
                Err(why) => return Err(why),
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_judge_runs_at_first_and_after_every_save_one_during_its_run_included() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gates.rs");
        fs::write(&file, "a").unwrap();
        let mut runs = 0;
        let result = on_save(directory.path(), || {
            runs += 1;
            match runs {
                // An editor that writes a new file in place of the old.
                1 => {
                    let new = directory.path().join("gates.tmp");
                    fs::write(&new, "b")?;
                    let later = SystemTime::now() + Duration::from_secs(5);
                    fs::File::options()
                        .write(true)
                        .open(&new)?
                        .set_modified(later)?;
                    fs::rename(new, &file)
                }
                2 => fs::write(directory.path().join("cell.rs"), "c"),
                _ => Err(io::Error::other("enough")),
            }
        });
        assert_eq!(result.unwrap_err().to_string(), "enough");
        assert_eq!(runs, 3);
    }

    #[test]
    fn other_files_are_not_watched() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("gates.rs"), "").unwrap();
        let before = saved(directory.path()).unwrap();
        fs::write(directory.path().join("gates.rs.swp"), "").unwrap();
        assert_eq!(saved(directory.path()).unwrap(), before);
        assert_eq!(before.len(), 1);
    }
}
