//! Rust for the guest: its target, and the linking of its libraries.
//!
//! Comes in: the SDK. Goes out: variables for cargo, which maturin passes on. The standard library of `wasm32-wasip2` is
//! position independent. Its C library is not used, since components have ours.
//!
//! Panics name files of Rust code, and assertions those of C code in crates: not by their folders on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::command;
use crate::sdk::{FLAGS_VARIABLE, Sdk};
use crate::toolchain::TARGET;

/// rustc decides by the name which arguments its linker takes.
const LINKER: &str = "wasm-component-ld";
const SCRIPT: &str = include_str!("wasm-component-ld.sh");

const FLAGS: [&str; 3] = [
    "-Crelocation-model=pic",
    "-Clink-self-contained=no",
    "-Cpanic=abort",
];

/// The name of cargo's folder in wheels.
pub const HOME: &str = "/cargo";

/// The folder in which cargo keeps sources of crates.
pub fn home() -> Option<PathBuf> {
    let chosen = std::env::var_os("CARGO_HOME").filter(|value| !value.is_empty());
    chosen
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// `paths` are folders of this machine, the longest first, and their names in the wheel.
pub fn variables(
    sdk: &Sdk,
    scratch: &Path,
    paths: &[(PathBuf, &str)],
    command: &mut Command,
) -> Result<()> {
    ensure_target()?;
    let linker = scratch.join(LINKER);
    write_linker(sdk, &linker)?;
    // With rustc, the last one that fits counts.
    let maps = |flag: &str| -> Vec<String> {
        let pairs = paths.iter().rev();
        pairs
            .map(|(path, name)| format!("{flag}={}={name}", path.display()))
            .collect()
    };
    let of_c = maps("-ffile-prefix-map");
    let flags = [
        FLAGS.map(str::to_owned).to_vec(),
        maps("--remap-path-prefix"),
    ]
    .concat();
    command
        .env("CARGO_BUILD_TARGET", TARGET)
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .env("CARGO_TARGET_WASM32_WASIP2_LINKER", linker)
        // Each flag may contain blanks.
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env(FLAGS_VARIABLE, of_c.join(" "))
        .env("PYO3_CROSS", "1")
        .env("PYO3_CROSS_PYTHON_VERSION", "3.14")
        .env("PYO3_CROSS_LIB_DIR", sdk.sysconfig())
        // The crate that compiles C calls `ar` with flags of its own.
        .env_remove("ARFLAGS")
        // From the build of this tool that may be running this.
        .env_remove("RUSTFLAGS");
    Ok(())
}

fn write_linker(sdk: &Sdk, target: &Path) -> Result<()> {
    let text = [
        ("@wasm-ld@", sdk.bin().join("wasm-ld")),
        ("@sdk@", sdk.folder.clone()),
        ("@sysroot@", sdk.sysroot()),
        ("@builtins@", sdk.builtins()),
    ]
    .iter()
    .fold(SCRIPT.to_owned(), |text, (name, path)| {
        text.replace(name, &path.to_string_lossy())
    });
    fs_err::write(target, text)?;
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    Ok(fs_err::set_permissions(target, executable)?)
}

/// Installs Rust's standard library for the target, unless it exists.
fn ensure_target() -> Result<()> {
    let sysroot = command("rustc")
        .args(["--print", "sysroot"])
        .output()
        .context("failed to run `rustc`, which builds this package\n\nhint: install Rust")?;
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    if Path::new(&sysroot)
        .join("lib/rustlib")
        .join(TARGET)
        .exists()
    {
        return Ok(());
    }
    let output = command("rustup").args(["target", "add", TARGET]).output();
    let reason = match output {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    bail!(
        "Rust has no standard library for `{TARGET}`, and `rustup target add {TARGET}` failed: {reason}\n\n\
         hint: install it in the way in which Rust was installed"
    )
}
