//! Builds the module.

use crate::script::{root, to_text, write};
use crate::sources;
use serde_json::json;
use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Compiles this package for WebAssembly; the module's bytes. With `build_std` the standard library
/// is compiled too, for a compiler that comes without the target but with its sources.
///
/// # Errors
/// If the compiler does not succeed.
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
        let how = format!("is the target there? `rustup target add {TARGET}`");
        return Err(format!("no WebAssembly was made; {how}").into());
    }
    let path = folder.join(TARGET).join("live/lstm_live.wasm");
    Ok(fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?)
}

/// Paths of this machine do not go into the module, so that it is the same wherever it is made.
fn flags(root: &std::path::Path) -> String {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"))?;
        Some(PathBuf::from(home).join(".cargo"))
    });
    let remap = |path: PathBuf, to: &str| format!("--remap-path-prefix={}={to}", path.display());
    let mut flags = vec![remap(root.to_owned(), "lstm")];
    flags.extend(home.map(|home| remap(home, "cargo")));
    flags.join("\u{1f}")
}

/// The compiler, as it names itself.
///
/// # Errors
/// If it does not run.
pub fn compiler() -> Result<String, Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// What goes into the module from elsewhere, `name version` each.
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

/// Builds the module and writes its script; how many bytes the module has.
///
/// # Errors
/// If it cannot be built or written.
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
