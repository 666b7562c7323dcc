//! Compiled components, kept in the user's cache: compiling CPython takes seconds, loading what was compiled milliseconds.
//!
//! A file is named after the component's bytes and Wasmtime's idea of what it would compile them to, so it is never out of date.
//! Who can write there can make this process run anything; it is the user's own directory and made for the user alone.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The component, compiled now or earlier. A cache that cannot be used is no error.
pub fn compile(engine: &Engine, bytes: &[u8]) -> Result<Component> {
    let Some(directory) = directory() else {
        return Ok(Component::new(engine, bytes)?);
    };
    let file = directory.join(key(engine, bytes));
    // SAFETY: the file was written by this program, in a directory that only this user can write, under a name that it is given
    // once it is whole. Wasmtime itself checks its own version and the settings that the code was compiled with.
    if let Ok(component) = unsafe { Component::deserialize_file(engine, &file) } {
        return Ok(component);
    }
    let component = Component::new(engine, bytes)?;
    if let Err(error) = keep(&component, &directory, &file) {
        eprintln!("the compiled component is not kept: {error:#}");
    }
    Ok(component)
}

fn key(engine: &Engine, bytes: &[u8]) -> String {
    // Two hashes with different beginnings: 128 bits, of which an accident finds no second.
    let hash = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        (seed, bytes).hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}.cwasm", hash(0), hash(1))
}

fn keep(component: &Component, directory: &Path, file: &Path) -> Result<()> {
    make_private(directory)?;
    let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
    fs_err::write(&temporary, component.serialize()?)?;
    fs_err::rename(&temporary, file)?;
    forget_oldest(directory)
}

/// A file is as large as the component or larger.
const KEPT: usize = 16;

fn forget_oldest(directory: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "cwasm")
        {
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    files.sort();
    for (_, file) in files.iter().rev().skip(KEPT) {
        // Another process may have been faster.
        let _ = fs_err::remove_file(file);
    }
    Ok(())
}

#[cfg(unix)]
fn make_private(directory: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if directory.is_dir() {
        return Ok(());
    }
    fs_err::create_dir_all(directory.parent().unwrap_or(directory))?;
    std::fs::DirBuilder::new().mode(0o700).create(directory)?;
    Ok(())
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> Result<()> {
    Ok(fs_err::create_dir_all(directory)?)
}

fn directory() -> Option<PathBuf> {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = from("SPIN_HOST_CACHE")
        .or_else(|| from("XDG_CACHE_HOME"))
        .or_else(|| from("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("spin-host"))
}
