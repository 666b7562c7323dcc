//! zlib, bzip2, xz, zstd and SQLite as static libraries, which are linked into libpython.
//!
//! Comes in: the crates that bundle their sources, a sysroot. Goes out: a folder with `include` and `lib`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::c_sources::CSources;
use crate::compile::{Unit, compile_all};
use crate::hash::Key;
use crate::libc::Libc;
use crate::recipe::recipe;
use crate::run::run;
use crate::toolchain::Toolchain;
use crate::{Build, stage};

struct Library {
    name: &'static str,
    package: &'static str,
    /// Files, or folders that stand for all C files in them.
    sources: &'static [&'static str],
    /// Files of those folders that are not part of the library: by the end of their name without `.c`.
    except: &'static [&'static str],
    flags: &'static [&'static str],
    includes: &'static [&'static str],
    headers: &'static [&'static str],
}

const LIBRARIES: [Library; 5] = [
    Library {
        name: "z",
        package: "libz-sys",
        sources: &["src/zlib"],
        except: &[],
        flags: &["-DHAVE_UNISTD_H", "-DHAVE_STDARG_H", "-DHAVE_HIDDEN"],
        includes: &[],
        headers: &["src/zlib/zlib.h", "src/zlib/zconf.h"],
    },
    Library {
        name: "bz2",
        package: "bzip2-sys",
        sources: &[
            "bzip2-1.0.8/blocksort.c",
            "bzip2-1.0.8/huffman.c",
            "bzip2-1.0.8/crctable.c",
            "bzip2-1.0.8/randtable.c",
            "bzip2-1.0.8/compress.c",
            "bzip2-1.0.8/decompress.c",
            "bzip2-1.0.8/bzlib.c",
        ],
        except: &[],
        flags: &["-D_FILE_OFFSET_BITS=64"],
        includes: &[],
        headers: &["bzip2-1.0.8/bzlib.h"],
    },
    Library {
        name: "lzma",
        package: "liblzma-sys",
        sources: &[
            "xz/src/liblzma/common",
            "xz/src/liblzma/lzma",
            "xz/src/liblzma/lz",
            "xz/src/liblzma/check",
            "xz/src/liblzma/delta",
            "xz/src/liblzma/rangecoder",
            "xz/src/liblzma/simple",
            "xz/src/common/tuklib_cpucores.c",
            "xz/src/common/tuklib_physmem.c",
        ],
        // Threads, programs that print tables, and variants for size.
        except: &["mt", "tablegen", "_small", "clmul_consts_gen"],
        flags: &["-DHAVE_CONFIG_H", "-DNDEBUG", "-std=c99"],
        includes: &[
            "",
            "xz/src/liblzma/api",
            "xz/src/liblzma/lzma",
            "xz/src/liblzma/lz",
            "xz/src/liblzma/check",
            "xz/src/liblzma/simple",
            "xz/src/liblzma/delta",
            "xz/src/liblzma/common",
            "xz/src/liblzma/rangecoder",
            "xz/src/common",
        ],
        headers: &["xz/src/liblzma/api/lzma.h", "xz/src/liblzma/api/lzma"],
    },
    Library {
        name: "zstd",
        package: "zstd-sys",
        sources: &[
            "zstd/lib/common",
            "zstd/lib/compress",
            "zstd/lib/decompress",
            "zstd/lib/dictBuilder",
        ],
        except: &[],
        flags: &["-DZSTD_LEGACY_SUPPORT=0"],
        includes: &[],
        headers: &[
            "zstd/lib/zstd.h",
            "zstd/lib/zdict.h",
            "zstd/lib/zstd_errors.h",
        ],
    },
    Library {
        name: "sqlite3",
        package: "libsqlite3-sys",
        sources: &["sqlite3/sqlite3.c"],
        except: &[],
        flags: &[
            "-DSQLITE_THREADSAFE=0",
            "-DSQLITE_OMIT_LOAD_EXTENSION",
            "-DSQLITE_OMIT_SHARED_CACHE",
            "-DSQLITE_DEFAULT_MEMSTATUS=0",
            "-DSQLITE_ENABLE_COLUMN_METADATA",
            "-DSQLITE_ENABLE_FTS5",
            "-DSQLITE_ENABLE_MATH_FUNCTIONS",
            "-DSQLITE_ENABLE_RTREE",
            // It locks a database by a directory beside it, which cannot be made beside the component's own files.
            "-Dmkdir=__wasilibc_make_lock_directory",
        ],
        includes: &[],
        headers: &["sqlite3/sqlite3.h"],
    },
];

pub struct Libs {
    pub folder: PathBuf,
    pub key: String,
}

/// The flags that link them all.
pub fn link_flags() -> Vec<String> {
    LIBRARIES
        .iter()
        .rev() // Others use zlib, which comes last.
        .map(|library| format!("-l{}", library.name))
        .collect()
}

pub fn key(build: &Build, libc: &str) -> Result<String> {
    Ok(Key::new("libs")
        .text("libc", libc)
        .text("recipe", &recipe(&[include_str!("libs.rs")])?)
        .file(&build.c_sources().join("Cargo.lock"))?
        .finish())
}

pub fn build(build: &Build, toolchain: &Toolchain, libc: &Libc) -> Result<Libs> {
    let key = key(build, &libc.key)?;
    let folder = build.cache.stage("libs", &key);
    stage::build(&folder, |folder| {
        build
            .progress
            .step("building zlib, bzip2, xz, zstd and SQLite");
        let crates = CSources::locate(&build.c_sources())?;
        for library in &LIBRARIES {
            let source = crates.folder(library.package)?;
            build_library(library, source, folder, toolchain, libc)
                .with_context(|| format!("failed to build `{}`", library.package))?;
        }
        Ok(())
    })?;
    Ok(Libs { folder, key })
}

fn build_library(
    library: &Library,
    source: &Path,
    folder: &Path,
    toolchain: &Toolchain,
    libc: &Libc,
) -> Result<()> {
    let scratch = folder.join("objects").join(library.name);
    let flags = format!(
        "--sysroot={} -O2 -fPIC -fvisibility=hidden -w -ffile-prefix-map={}/=",
        libc.sysroot.display(),
        source.display()
    );
    let mut arguments: Vec<String> = library.flags.iter().map(|&flag| flag.to_owned()).collect();
    for include in library.includes {
        arguments.push(format!("-I{}", source.join(include).display()));
    }
    let units = sources(library, source)?
        .into_iter()
        .map(|file| Unit::new(file, &scratch))
        .collect::<Result<Vec<Unit>>>()?;
    let log = folder.join("build.log");
    compile_all(toolchain, &flags, &arguments, &units, &log)?;

    fs_err::create_dir_all(folder.join("lib"))?;
    let archive = folder.join("lib").join(format!("lib{}.a", library.name));
    run(
        toolchain
            .command(&toolchain.program("ar").to_string_lossy())?
            .arg("rcsD")
            .arg(archive)
            .args(units.iter().map(|unit| &unit.object)),
        &log,
    )?;
    for header in library.headers {
        copy_headers(&source.join(header), &folder.join("include"))?;
    }
    Ok(fs_err::remove_dir_all(scratch)?)
}

fn sources(library: &Library, source: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for name in library.sources {
        let path = source.join(name);
        if path.is_file() {
            files.push(path);
            continue;
        }
        for entry in fs_err::read_dir(&path)? {
            let file = entry?.path();
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let wanted = !library.except.iter().any(|end| stem.ends_with(end));
            if wanted && file.extension().is_some_and(|extension| extension == "c") {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies a header, or a folder of headers, into `target`.
fn copy_headers(from: &Path, target: &Path) -> Result<()> {
    fs_err::create_dir_all(target)?;
    let to = target.join(from.file_name().unwrap_or_default());
    if from.is_dir() {
        for entry in fs_err::read_dir(from)? {
            copy_headers(&entry?.path(), &to)?;
        }
    } else {
        fs_err::copy(from, to)?;
    }
    Ok(())
}
