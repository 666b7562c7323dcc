//! The packed standard library: compiled modules in a zip file that is not compressed.
//!
//! Comes in: CPython's patched `Lib`, its sysconfig data, modules of our own, trim.toml. Goes out: `python314.zip`, the same bytes each time,
//! with a dictionary for compressing the modules one by one (`runtime/packing.py`).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};

use crate::cpython::CPython;
use crate::hash::{self, Key};
use crate::native::Native;
use crate::recipe::recipe;
use crate::run::command;
use crate::sources::Trim;
use crate::{Build, stage, zip};

pub const ARCHIVE: &str = "python314.zip";

/// The folder of modules that CPython lacks, or has only with libraries that are not here.
pub const OWN_MODULES: &str = "modules";

/// A dictionary of zstd's for compiled modules, in the archive.
const DICTIONARY: &str = "code.zdict";

/// The size that zstd itself proposes. One of twice the size saves as much again as it takes.
const DICTIONARY_SIZE: usize = 112 << 10;

/// The bytes before the code in a compiled module.
const HEADER: usize = 16;

/// The folder that holds the archive in the guest: tracebacks name files in it.
const PREFIX: &str = "/python";

pub fn key(build: &Build, cpython: &str) -> Result<String> {
    let code = [include_str!("stdlib.rs"), include_str!("zip.rs")];
    let mut key = Key::new("stdlib");
    for (path, _) in modules(&build.stdlib().join(OWN_MODULES), &[])? {
        key = key.file(&path)?;
    }
    Ok(key
        .text("cpython", cpython)
        .text("recipe", &recipe(&code)?)
        .text("script", include_str!("compile_stdlib.py"))
        .file(&build.stdlib().join("trim.toml"))?
        .finish())
}

pub fn build(build: &Build, native: &Native, cpython: &CPython) -> Result<PathBuf> {
    let folder = build.cache.stage("stdlib", &key(build, &cpython.key)?);
    stage::build(&folder, |folder| {
        build.progress.step("compiling the standard library");
        let mut modules = modules(&cpython.folder.join("Lib"), &build.trims)?;
        modules.extend(self::modules(&cpython.folder.join("sysconfig"), &[])?);
        modules.extend(self::modules(&build.stdlib().join(OWN_MODULES), &[])?);
        modules.sort_by(|one, other| one.1.cmp(&other.1));
        let compiled = folder.join("compiled");
        compile(native, &modules, &compiled)?;

        let mut archive = zip::Writer::new();
        let mut codes = Vec::new();
        for path in hash::files_below(&compiled)? {
            let bytes = fs_err::read(&path)?;
            archive.add(&hash::relative_name(&compiled, &path)?, &bytes)?;
            codes.push(bytes[HEADER.min(bytes.len())..].to_vec());
        }
        archive.add(DICTIONARY, &dictionary(&codes)?)?;
        fs_err::write(folder.join(ARCHIVE), archive.finish()?)?;
        Ok(fs_err::remove_dir_all(compiled)?)
    })?;
    Ok(folder.join(ARCHIVE))
}

fn dictionary(codes: &[Vec<u8>]) -> Result<Vec<u8>> {
    zstd::dict::from_samples(codes, DICTIONARY_SIZE).context("failed to make a dictionary of code")
}

/// Paths and names of the modules below a folder, except the excluded ones.
fn modules(folder: &Path, trims: &[Trim]) -> Result<Vec<(PathBuf, String)>> {
    for trim in trims {
        let path = folder.join(&trim.path);
        // Tests are not even unpacked.
        ensure!(
            path.exists() || trim.path == "test",
            "`trim.toml` leaves out `{}`, which the standard library does not have",
            trim.path
        );
    }
    let mut modules = Vec::new();
    for path in hash::files_below(folder)? {
        let name = hash::relative_name(folder, &path)?;
        let trimmed = trims.iter().any(|trim| {
            name.strip_prefix(&trim.path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if name.ends_with(".py") && !trimmed {
            modules.push((path, name));
        }
    }
    Ok(modules)
}

fn compile(native: &Native, modules: &[(PathBuf, String)], target: &Path) -> Result<()> {
    let mut list = String::new();
    for (path, name) in modules {
        list += &format!("{}\t{name}\n", path.display());
    }
    let mut python = command(&native.python)
        .args([
            "-S",
            "-s",
            "-P",
            "-X",
            "utf8",
            // Tracebacks mark columns only where they show the line, and the sources are not in the guest.
            "-X",
            "no_debug_ranges",
            "-c",
            include_str!("compile_stdlib.py"),
        ])
        .arg(target)
        .arg(PREFIX)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("failed to run the native CPython")?;
    if let Some(mut stdin) = python.stdin.take() {
        // If it has already failed, its own message is the better one.
        let _ = stdin.write_all(list.as_bytes());
    }
    let output = python.wait_with_output()?;
    if !output.status.success() {
        bail!(
            "failed to compile the standard library\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
