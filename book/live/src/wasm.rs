//! Compiles the module.

use crate::script::{root, to_text, write};
use crate::sources;
use serde_json::json;
use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Compiles this package to WebAssembly and returns the module's bytes. With `build_std` the standard
/// library is compiled too, for a compiler that has its sources but not the target.
///
/// # Errors
/// If the compilation fails.
pub fn compile(build_std: bool) -> Result<Vec<u8>, Box<dyn Error>> {
    let root = root().canonicalize()?;
    let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(&root)
        .args(["rustc", "--locked", "--quiet", "--package", "lstm-live"])
        .args(["--lib", "--crate-type", "cdylib"])
        .args(["--profile", "live", "--target", TARGET])
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(&root));
    if build_std {
        cargo
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1");
    }
    if !cargo.status()?.success() {
        let how = format!("is the target installed? `rustup target add {TARGET}`");
        return Err(format!("the WebAssembly module was not built; {how}").into());
    }
    let path = folder.join(TARGET).join("live/lstm_live.wasm");
    Ok(fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?)
}

/// Compiler flags that keep the paths of this machine out of the module, so that every machine makes
/// the same one.
fn flags(root: &std::path::Path) -> String {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let remap = |path: PathBuf, to: &str| format!("--remap-path-prefix={}={to}", path.display());
    let mut flags = vec![remap(root.to_owned(), "lstm")];
    flags.extend(home.map(|home| remap(home, "cargo")));
    flags.join("\u{1f}")
}

/// The compiler's name and version.
///
/// # Errors
/// If the compiler cannot be run.
pub fn compiler() -> Result<String, Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The packages from the registry in the module, each `name version`.
fn packages() -> Result<Vec<String>, Box<dyn Error>> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root())
        .args(["tree", "--locked", "--package", "lstm-live"])
        .args(["--target", TARGET, "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let mut packages: Vec<String> = String::from_utf8(output.stdout)?
        .lines()
        .filter(|line| !line.contains('/') && !line.contains('\\'))
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (name, version) = (words.next()?, words.next()?);
            Some(format!("{name} {}", version.strip_prefix('v')?))
        })
        .collect();
    packages.sort();
    packages.dedup();
    Ok(packages)
}

/// Compiles the module and writes its script. Returns the module's size in bytes.
///
/// # Errors
/// If the compilation or the writing fails.
pub fn build(build_std: bool) -> Result<usize, Box<dyn Error>> {
    let wasm = compile(build_std)?;
    let comment =
        "The workspace's crates, compiled to WebAssembly by `cargo run -p lstm-live -- build`.";
    let value = json!({
        "sources": sources::hash()?,
        "packages": packages()?,
        "compiler": compiler()?,
        "wasm": to_text(&wasm),
    });
    write("module", comment, &value)?;
    Ok(wasm.len())
}
