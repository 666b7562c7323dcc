//! C libraries of third parties that an extension is linked with: compiled as static libraries.
//!
//! Comes in: a library of a recipe. Goes out: a folder with `include` and `lib`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::run::run;
use crate::sdk::Sdk;
use crate::wheels::recipe::Library;
use crate::workshop::Workshop;
use crate::{hash, unpack};

pub fn build(workshop: &Workshop, sdk: &Sdk, library: &Library, folder: &Path) -> Result<PathBuf> {
    let source = folder.join("source");
    unpack::source(
        &library.source,
        None,
        workshop.places,
        &source,
        workshop.progress,
    )?;
    let log = folder.join("build.log");
    let include = folder.join("include");
    let objects = folder.join("objects");
    for created in [&include, &objects, &folder.join("lib")] {
        fs_err::create_dir_all(created)?;
    }
    let mut sources = Vec::new();
    for part in &library.folders {
        let part = source.join(part);
        let mut files = hash::files_below(&part)?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "c"));
        sources.append(&mut files);
    }
    let mut compiler = sdk.command(sdk.program("clang"))?;
    compiler
        .args(["-O3", "-g0", "-DNDEBUG", "-c"])
        .args(&library.flags);
    for part in &library.includes {
        let part = source.join(part);
        compiler.arg(format!("-I{}", part.display()));
        copy(&part, &include)?;
    }
    run(compiler.args(sources).current_dir(&objects), &log)
        .with_context(|| format!("`lib{}` does not compile", library.name))?;
    run(
        sdk.command(sdk.program("ar"))?
            .arg("rcsD")
            .arg(folder.join("lib").join(format!("lib{}.a", library.name)))
            .args(hash::files_below(&objects)?),
        &log,
    )?;
    Ok(folder.to_owned())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in hash::files_below(from)? {
        if file.extension().is_some_and(|extension| extension == "h") {
            let target = to.join(file.strip_prefix(from)?);
            if let Some(parent) = target.parent() {
                fs_err::create_dir_all(parent)?;
            }
            fs_err::copy(&file, target)?;
        }
    }
    Ok(())
}
