//! Fortran 77 as C.
//!
//! Comes in: the source of f2c, and files in Fortran. Goes out: files in C, which call as C code expects of gfortran: a subroutine
//! returns nothing, and no lengths of strings follow the arguments. Complex numbers are returned by an address in the first argument.
//!
//! f2c is compiled for this machine, and reads what it says of its own. Newer Fortran needs patches.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::hash::Key;
use crate::recipe::recipe;
use crate::run::{command, jobs, run};
use crate::sdk::Sdk;
use crate::sources::Source;
use crate::workshop::Workshop;
use crate::{stage, unpack};

mod calls;

/// f2c: variables on the stack, since subroutines may call themselves; prototypes; and no `double` for a `REAL`.
const OPTIONS: [&str; 3] = ["-a", "-A", "-R"];
/// How many files are translated by one process.
const BATCH: usize = 64;

/// The program, which is built once for each machine.
pub fn translator(source: &Source, workshop: &Workshop, sdk: &Sdk) -> Result<PathBuf> {
    let key = Key::new("f2c").text("source", &format!("{source:?}"));
    let key = key
        .text("recipe", &recipe(&[include_str!("fortran.rs")])?)
        .finish();
    let folder = workshop.cache.stage("f2c", &key);
    stage::build(&folder, |folder| {
        workshop.progress.step("building f2c");
        let unpacked = folder.join("source");
        unpack::source(source, None, workshop.places, &unpacked, workshop.progress)?;
        let sources = unpacked.join("src");
        let compiler = sdk.bin().join("host-clang");
        run(
            command("make")
                .args(["-f", "makefile.u", "-j", &jobs(), "f2c"])
                .arg(format!("CC={}", compiler.display()))
                .arg("CFLAGS=-O1 -w -std=gnu89")
                .env("ZIG_GLOBAL_CACHE_DIR", folder.join("zig"))
                .current_dir(&sources),
            &folder.join("build.log"),
        )
        .context("f2c does not compile")?;
        fs_err::rename(sources.join("f2c"), folder.join("f2c"))?;
        Ok(fs_err::remove_dir_all(unpacked)?)
    })?;
    Ok(folder.join("f2c"))
}

/// Translates files into `target`, and returns the C files.
pub fn translate(
    f2c: &Path,
    sources: &[PathBuf],
    target: &Path,
    log: &Path,
) -> Result<Vec<PathBuf>> {
    let plain = target.join("plain");
    fs_err::create_dir_all(&plain)?;
    let mut names = Vec::new();
    for source in sources {
        let name = source.file_name().context("a source is a file")?;
        fs_err::write(
            plain.join(name),
            without_recursive(&fs_err::read_to_string(source)?),
        )?;
        let name = Path::new("plain").join(name);
        // LAPACK has some files twice.
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for batch in names.chunks(BATCH) {
        run(
            command(f2c).args(OPTIONS).args(batch).current_dir(target),
            log,
        )?;
    }
    let translated: Vec<PathBuf> = names
        .iter()
        .filter_map(|name| Some(target.join(name.with_extension("c").file_name()?)))
        .collect();
    for file in &translated {
        let text = String::from_utf8_lossy(&fs_err::read(file)?).into_owned();
        fs_err::write(file, calls::as_gfortran(&text))?;
    }
    Ok(translated)
}

/// f2c does not know the word, and needs none: see `OPTIONS`.
fn without_recursive(text: &str) -> String {
    let line = |line: &str| match line.trim_start().get(..10) {
        Some(word) if line.starts_with("      ") && word.eq_ignore_ascii_case("recursive ") => {
            format!("      {}\n", line.trim_start()[10..].trim_start())
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::without_recursive;

    #[test]
    fn recursive_is_a_word_of_statements() {
        let text =
            "*     Recursive version\n      RECURSIVE SUBROUTINE X( A )\n      RECURSIVE=1\n";
        let plain = "*     Recursive version\n      SUBROUTINE X( A )\n      RECURSIVE=1\n";
        assert_eq!(without_recursive(text), plain);
    }
}
