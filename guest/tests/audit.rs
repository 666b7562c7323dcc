//! The audit of the built guest: the symbols that the libraries take from each other, the absence of information about the
//! machine that built them, and their sizes. `tests/runtime/module-audit` checks which modules import.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use guest::{Lines, audit};

fn guest() -> Result<PathBuf> {
    guest::ensure(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &Lines)
}

/// Only symbols of a world's glue, which is made when a component is built, are not defined here.
#[test]
fn every_symbol_is_defined() -> Result<()> {
    let unresolved = audit::unresolved(&audit::libraries(&guest()?)?);
    assert_eq!(unresolved, BTreeMap::new());
    Ok(())
}

#[test]
fn libc_declares_the_wasi_that_it_imports() -> Result<()> {
    let libraries = audit::libraries(&guest()?)?;
    let libc = &libraries["libc.so"];
    assert!(
        libc.custom_sections
            .iter()
            .any(|name| name.starts_with("component-type"))
    );
    assert!(!libc.host_imports.is_empty());
    for (name, library) in libraries.iter().filter(|(name, _)| *name != "libc.so") {
        // The asynchronous part calls built-ins of the canonical ABI, which are not functions of a host.
        let built_in =
            |module: &str| name == "libcomponentize_py_async.so" && module.ends_with("$root");
        let foreign: Vec<_> = library
            .host_imports
            .iter()
            .filter(|(module, _)| !built_in(module))
            .collect();
        assert!(foreign.is_empty(), "{name}: {foreign:?}");
    }
    Ok(())
}

/// The component contains nothing about the machine that built the guest.
#[test]
fn no_file_names_a_directory_of_this_machine() -> Result<()> {
    let guest = guest()?;
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let cache = guest
        .parent()
        .expect("a folder of the cache")
        .to_string_lossy()
        .into_owned();
    let places = [
        home.as_str(),
        root.to_str().unwrap_or("/work/main"),
        cache.as_str(),
    ];
    let mut files: Vec<PathBuf> = audit::libraries(&guest)?
        .keys()
        .map(|name| guest.join("lib").join(name))
        .collect();
    files.push(guest.join("python314.zip"));
    for file in files {
        let found = audit::foreign_paths(&fs_err::read(&file)?, &places);
        assert!(found.is_empty(), "{} names {found:?}", file.display());
    }
    Ok(())
}

/// A part that grows by half is a mistake, or deserves a line in the changelog.
#[test]
fn sizes_stay_within_bounds() -> Result<()> {
    let guest = guest()?;
    let libraries = audit::libraries(&guest)?;
    for (name, bound) in [
        ("libpython3.14.so", 13_000_000),
        ("libc.so", 1_000_000),
        ("libcomponentize_py_runtime.so", 100_000),
    ] {
        let size = libraries[name].size;
        assert!(size > bound / 3 && size < bound, "{name} has {size} bytes");
    }
    let stdlib = fs_err::metadata(guest.join("python314.zip"))?.len();
    assert!(
        stdlib > 4_000_000 && stdlib < 13_000_000,
        "the standard library has {stdlib} bytes"
    );
    Ok(())
}
