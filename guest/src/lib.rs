//! Builds the guest: CPython, wasi-libc and the runtime as WebAssembly libraries, and the packed standard library.
//!
//! Comes in: `python-stdlib/` (what to build) and `runtime/`. Goes out: a folder of the user's cache with
//!
//! - `lib/*.so`: `libc.so`, `libwasi-emulated-*.so`, `libpython3.14.so`, `libcomponentize_py_*.so`, and `libc++*.so` for
//!   extensions that need them;
//! - `lib/libpython3.14-*.so`: modules of CPython that few applications need, and `native-modules.txt`, which says who does;
//! - `imports.txt`: what the modules of the standard library import;
//! - `python314.zip`: the standard library;
//! - `manifest.json`: what went in.
//!
//! The folder's name is a hash of all inputs, so it is built once for all checkouts. The build goes in stages, each
//! with a key of its own: toolchain -> libc -> libs and OpenSSL -> CPython -> stdlib and runtime -> guest.

pub mod audit;
pub mod cpython_tests;
pub mod wheels;

mod apt;
mod builtins;
mod c_sources;
mod compile;
mod contract;
mod copy;
mod cpython;
mod cpython_modules;
mod crates;
mod extension;
mod fetch;
mod hash;
mod imports;
mod libc;
mod libcxx;
mod libcxx2;
mod libs;
mod manifest;
mod native;
mod openssl;
mod pack;
mod patch;
mod prerequisites;
mod profile;
mod progress;
mod recipe;
mod run;
mod runtime;
mod sdk;
mod setjmp;
mod sources;
mod stage;
mod stdlib;
mod toolchain;
mod unpack;
mod workshop;
mod zip;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

pub use crate::extension::{Extension, extension};
pub use crate::progress::{Lines, Progress, Silent};

use crate::fetch::Places;
use crate::hash::Key;
use crate::libc::Libc;
use crate::libs::Libs;
use crate::openssl::OpenSsl;
use crate::profile::Profile;
use crate::recipe::recipe;
use crate::sources::{Sources, Trim};
use crate::stage::Cache;
use crate::toolchain::Toolchain;
use crate::workshop::Workshop;

/// Files and folders that decide what the guest is, relative to the root of the repository.
pub const INPUTS: [&str; 10] = [
    "adapters",
    "python-stdlib/c-sources",
    "python-stdlib/modules",
    "python-stdlib/patches",
    "python-stdlib/profile/cpython.profdata.zst",
    "python-stdlib/sources.toml",
    "python-stdlib/support",
    "python-stdlib/trim.toml",
    "runtime",
    "wit/init.wit",
];

/// Returns the folder of the guest for the repository at `root`; builds it first unless it exists.
pub fn ensure(root: &Path, progress: &dyn Progress) -> Result<PathBuf> {
    ensure_built(&Build::new(root, progress)?)
}

/// Returns the folder of a guest whose CPython counts how often its code runs; builds it first unless it exists.
pub fn ensure_instrumented(root: &Path, progress: &dyn Progress) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    ensure_built(&Build {
        profile: Profile::Record,
        ..build
    })
}

fn ensure_built(build: &Build) -> Result<PathBuf> {
    let key = build.key()?;
    let guest = build.cache.guest(&key);
    if !guest.exists() {
        let _lock = build.cache.lock(build.progress)?;
        build.run_unless_there(&key, &guest)?;
    }
    Ok(guest)
}

/// Returns the guest as one file, a tar archive compressed with zstd; builds and packs it first unless it exists.
pub fn ensure_packed(root: &Path, progress: &dyn Progress) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    let key = build.key()?;
    let guest = build.cache.guest(&key);
    let mut packed = guest.clone().into_os_string();
    packed.push(".tar.zst");
    let packed = PathBuf::from(packed);
    if packed.exists() {
        return Ok(packed);
    }
    // One lock for both: the tool's build script often waits for another process, and need not pack the same once more.
    let _lock = build.cache.lock(progress)?;
    build.run_unless_there(&key, &guest)?;
    if !packed.exists() {
        progress.step("packing the guest");
        pack::pack(&guest, &packed)?;
    }
    Ok(packed)
}

/// Returns the compiler for extensions as one file, without the parts that are in the guest or come by pip; builds it first
/// unless it exists.
pub fn ensure_packed_sdk(root: &Path, progress: &dyn Progress) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    let _lock = build.cache.lock(progress)?;
    sdk::packed(&build)
}

/// Writes the recipes of wheels into one file.
pub fn pack_recipes(root: &Path, target: &Path) -> Result<()> {
    pack::pack(&root.join(wheels::FOLDER), target)
}

/// Does both, the first on a thread of its own.
fn side_by_side<A: Send, B>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B,
) -> (A, B) {
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        match first.join() {
            Ok(first) => (first, second),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// One build: its inputs and its place.
pub(crate) struct Build<'a> {
    root: PathBuf,
    sources: Sources,
    trims: Vec<Trim>,
    cache: Cache,
    places: Places,
    profile: Profile,
    /// What the compiler checks of `wit/init.wit`.
    contract: String,
    progress: &'a dyn Progress,
}

impl<'a> Build<'a> {
    fn new(root: &Path, progress: &'a dyn Progress) -> Result<Build<'a>> {
        let root = std::path::absolute(root)?;
        let stdlib = root.join("python-stdlib");
        let cache = Cache::open(progress)?;
        Ok(Build {
            sources: Sources::parse(&fs_err::read_to_string(stdlib.join("sources.toml"))?)?,
            trims: sources::parse_trim(&fs_err::read_to_string(stdlib.join("trim.toml"))?)?,
            places: Places::of(&cache),
            contract: contract::assertions(&root.join("wit/init.wit"))?,
            root,
            cache,
            profile: Profile::Use,
            progress,
        })
    }

    /// Hash over every input of the guest.
    fn key(&self) -> Result<String> {
        let (cpython, libcxx) = self.library_keys()?;
        let stdlib = stdlib::key(self, &cpython)?;
        let code = [
            include_str!("lib.rs"),
            include_str!("manifest.rs"),
            include_str!("pack.rs"),
        ];
        Ok(Key::new("guest")
            .text("imports", &imports::key(self, &stdlib)?)
            .text("stdlib", &stdlib)
            .text("runtime", &runtime::key(self, &cpython)?)
            .text("libcxx", &libcxx)
            .text("libcxx2", &libcxx2::key(&libcxx)?)
            .file(&self.stdlib().join("sources.toml"))?
            .text("recipe", &recipe(&code)?)
            .finish())
    }

    /// Hash over every input of the compiler for extensions.
    fn sdk_key(&self) -> Result<String> {
        let (cpython, libcxx) = self.library_keys()?;
        sdk::key(&cpython, &libcxx)
    }

    /// Hashes over the inputs of CPython and of libc++.
    fn library_keys(&self) -> Result<(String, String)> {
        let toolchain = toolchain::key(self)?;
        let libc = libc::key(self, &toolchain)?;
        let libs = libs::key(self, &libc)?;
        let openssl = openssl::key(self, &libc)?;
        let cpython = cpython::key(self, &native::key(self)?, &libs, &openssl)?;
        Ok((cpython, libcxx::key(&libc)?))
    }

    /// Needs the lock of the cache.
    fn run_unless_there(&self, key: &str, guest: &Path) -> Result<()> {
        if guest.exists() {
            return Ok(());
        }
        self.run(key, guest).context("failed to build the guest")
    }

    fn run(&self, key: &str, guest: &Path) -> Result<()> {
        prerequisites::check()?;
        // Independent of each other, and each leaves cores idle at times: linking CPython takes one for minutes.
        let (native, ours) = side_by_side(|| native::build(self), || self.run_libraries());
        let (native, (toolchain, libc, libs, openssl)) = (native?, ours?);
        let (cplusplus, cpython) = side_by_side(
            || self.run_cplusplus(&toolchain, &libc),
            || cpython::build(self, &toolchain, &native, &libc, (&libs, &openssl)),
        );
        let (cplusplus, cpython) = (cplusplus?, cpython?);
        let stdlib = stdlib::build(self, &native, &cpython)?;
        let imports_key = imports::key(self, &stdlib::key(self, &cpython.key)?)?;
        let imports = imports::build(self, &imports_key, &native, &cpython, &stdlib)?;
        let runtime = runtime::build(self, &toolchain, &libc, &cpython, &libs)?;

        let mut libraries: Vec<PathBuf> = libc::LIBRARIES.map(|name| libc.library(name)).into();
        libraries.push(cpython.library());
        libraries.extend(cpython.modules()?);
        libraries.extend(runtime);
        libraries.extend(cplusplus);
        let [native_modules, imports] = imports;
        self.assemble(key, guest, &libraries, &[stdlib, native_modules, imports])
    }

    /// Both versions of the C++ library.
    fn run_cplusplus(&self, toolchain: &Toolchain, libc: &Libc) -> Result<Vec<PathBuf>> {
        let libcxx = libcxx::build(self, toolchain, libc)?;
        let mut libraries: Vec<PathBuf> = libcxx::LIBRARIES.map(|name| libcxx.library(name)).into();
        libraries.push(libcxx2::build(self, toolchain, libc, &libcxx)?);
        Ok(libraries)
    }

    fn run_libraries(&self) -> Result<(Toolchain, Libc, Libs, OpenSsl)> {
        let toolchain = toolchain::build(self)?;
        let libc = libc::build(self, &toolchain)?;
        let libs = libs::build(self, &toolchain, &libc)?;
        let openssl = openssl::build(self, &toolchain, &libc)?;
        Ok((toolchain, libc, libs, openssl))
    }

    /// Collects the results beside their place and renames them, so that an existing guest is always complete.
    fn assemble(
        &self,
        key: &str,
        guest: &Path,
        libraries: &[PathBuf],
        others: &[PathBuf],
    ) -> Result<()> {
        let parent = guest.parent().context("the guest lies in the cache")?;
        fs_err::create_dir_all(parent)?;
        let folder = tempfile::Builder::new()
            .prefix("partial-")
            .tempdir_in(parent)?;
        let lib = folder.path().join("lib");
        fs_err::create_dir_all(&lib)?;
        for (files, folder) in [(libraries, lib.as_path()), (others, folder.path())] {
            for file in files {
                fs_err::copy(file, folder.join(file.file_name().unwrap_or_default()))?;
            }
        }
        let manifest = manifest::describe(self, key, folder.path())?;
        fs_err::write(folder.path().join(manifest::FILE), manifest)?;
        Ok(fs_err::rename(folder.keep(), guest)?)
    }

    fn workshop(&self) -> Workshop<'_> {
        Workshop {
            cache: &self.cache,
            places: &self.places,
            progress: self.progress,
        }
    }

    fn stdlib(&self) -> PathBuf {
        self.root.join("python-stdlib")
    }

    fn patches(&self) -> PathBuf {
        self.stdlib().join("patches")
    }

    fn c_sources(&self) -> PathBuf {
        self.stdlib().join("c-sources")
    }

    /// Adds a source's pins to a key, and its patches.
    fn source_key(&self, mut key: Key, name: &str, patched: bool) -> Result<Key> {
        let source = self.sources.source(name)?;
        key = key.text(
            "source",
            &format!(
                "{} {:?} {:?}",
                source.version, source.content, source.archives
            ),
        );
        if patched {
            for patch in &source.patches {
                key = key.file(&self.patches().join(patch))?;
            }
        }
        Ok(key)
    }
}
