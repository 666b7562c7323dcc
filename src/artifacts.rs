//! The guest that is embedded in this program: libraries to link, and the packed standard library. Beside it, the compiler's parts
//! and the recipes by which `wheel` builds packages for it.
//!
//! Comes in: nothing. Goes out: [`Guest`]. These are the only `include_bytes!`.

use std::collections::{BTreeSet, HashSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result, anyhow};

use crate::project::Mentions;
use merge::Library;

/// `lib/*.so`, `python314.zip`, `native-modules.txt` and `imports.txt`, as `build.rs` packed them.
static GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest.tar.zst"));

/// The compiler for native extensions, but for what is in the guest or comes by pip.
pub static SDK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sdk.tar.zst"));

/// The folder `wheels/`.
static RECIPES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/recipes.tar.zst"));

/// Name of the packed standard library, in the archive and in the guest's `/python`.
pub const STDLIB_ZIP: &str = "python314.zip";

const NATIVE_MODULES: &str = "native-modules.txt";
/// Name of the table of the standard library's imports, in the archive and in the guest's `/python`.
pub const IMPORTS: &str = "imports.txt";

/// The module that the runtime imports if there are asynchronous functions.
const EVENT_LOOP: &str = "_componentize_py_loop";

/// The Python half of the runtime, which lies beside the bindings while building.
pub const RUNTIME_MODULES: [(&str, &str); 13] = [
    (
        "_componentize_py_activity.py",
        include_str!("../runtime/activity.py"),
    ),
    (
        "_componentize_py_boot.py",
        include_str!("../runtime/boot.py"),
    ),
    (
        "_componentize_py_bundle.py",
        include_str!("../runtime/bundle.py"),
    ),
    (
        "_componentize_py_checks.py",
        include_str!("../runtime/checks.py"),
    ),
    (
        "_componentize_py_finder.py",
        include_str!("../runtime/finder.py"),
    ),
    (
        "_componentize_py_imports.py",
        include_str!("../runtime/imports.py"),
    ),
    (
        "_componentize_py_known.py",
        include_str!("../runtime/known.py"),
    ),
    (
        "_componentize_py_loop.py",
        include_str!("../runtime/async/loop.py"),
    ),
    (
        "_componentize_py_measure.py",
        include_str!("../runtime/measure.py"),
    ),
    (
        "_componentize_py_packages.py",
        include_str!("../runtime/packages.py"),
    ),
    (
        "_componentize_py_packing.py",
        include_str!("../runtime/packing.py"),
    ),
    (
        "_componentize_py_search.py",
        include_str!("../runtime/search.py"),
    ),
    (
        "_componentize_py_sockets.py",
        include_str!("../runtime/sockets.py"),
    ),
];

/// The beginning of the name of a library of one CPython module; the module's name follows.
const MODULE_PREFIX: &str = "libpython3.14-";

/// The module with OpenSSL. Without sockets there is another one of this name, in Python.
pub const TLS: &str = "_ssl";

/// The library of one of CPython's modules.
pub fn library_of(module: &str) -> String {
    format!("{MODULE_PREFIX}{module}.so")
}

/// The CPython module that a library contains.
pub fn module_of(library: &str) -> Option<&str> {
    library.strip_prefix(MODULE_PREFIX)?.strip_suffix(".so")
}

/// The unpacked guest.
pub struct Guest {
    /// The libraries in every component, sorted by name.
    pub libraries: Vec<Library>,
    /// Libraries of CPython modules that few apps need.
    pub modules: Vec<Library>,
    /// `libc++.so`, `libc++abi.so` and their variants with exceptions, for extensions that need them.
    pub cplusplus: Vec<Library>,
    pub stdlib_zip: Vec<u8>,
    /// The libraries in `modules` that each module of the standard library needs: lines like `statistics: _decimal`;
    /// the line without a name is for all apps.
    native_modules: String,
    /// For `runtime/imports.py`.
    pub imports: Vec<u8>,
}

impl Guest {
    /// Names of CPython's modules that have a library and that an app may need, according to its text; `is_async` if
    /// the world needs an event loop.
    pub fn plausible_modules(&self, mentions: &Mentions, is_async: bool) -> BTreeSet<String> {
        let mut plausible = BTreeSet::new();
        for line in self.native_modules.lines() {
            let Some((module, needed)) = line.split_once(':') else {
                continue;
            };
            let is_needed = match module {
                "" => true,
                "()" => mentions.run_code(),
                _ if module.starts_with('"') => mentions.quote(module),
                _ => is_async && module == EVENT_LOOP || mentions.may_mean(module),
            };
            if is_needed {
                plausible.extend(needed.split_whitespace().map(str::to_owned));
            }
        }
        let names = self.modules.iter();
        let names = names.filter_map(|library| module_of(&library.name));
        let named = names.filter(|name| mentions.may_mean(name));
        plausible.extend(named.map(str::to_owned));
        plausible
    }

    /// Names of codecs that need any of CPython's modules that have a library, in quotation marks.
    pub fn quoted_codecs(&self) -> HashSet<&str> {
        let lines = self.native_modules.lines();
        let names = lines.filter_map(|line| Some(line.split_once(':')?.0));
        names.filter(|name| name.starts_with('"')).collect()
    }

    /// Names of the standard library's modules that are files. The archive is our own: nothing in it is compressed, and
    /// the sizes precede each file.
    pub fn stdlib_modules(&self) -> BTreeSet<String> {
        const HEADER: usize = 30;
        let mut modules = BTreeSet::new();
        let mut rest = self.stdlib_zip.as_slice();
        while rest.starts_with(b"PK\x03\x04") && rest.len() > HEADER {
            let number = |at: usize, bytes: usize| {
                let digits = rest[at..at + bytes].iter().rev();
                digits.fold(0, |number, byte| number << 8 | usize::from(*byte))
            };
            let (size, name_size, extra) = (number(18, 4), number(26, 2), number(28, 2));
            let end = HEADER + name_size + extra + size;
            let (Some(name), Some(next)) = (rest.get(HEADER..HEADER + name_size), rest.get(end..))
            else {
                break;
            };
            let name = String::from_utf8_lossy(name);
            if let Some(module) = name.strip_suffix(".pyc") {
                let module = module.strip_suffix("/__init__").unwrap_or(module);
                modules.insert(module.replace('/', "."));
            }
            rest = next;
        }
        modules
    }
}

/// Starts to read the guest, embedded or in `directory`, on a separate thread: it takes as long as the stages before
/// linking.
pub fn unpack(directory: Option<PathBuf>) -> Unpacking {
    Unpacking(std::thread::spawn(move || match directory {
        Some(directory) => read_directory(&directory),
        None => read_archive(GUEST),
    }))
}

/// A package for which there is a recipe.
pub struct KnownPackage {
    pub name: String,
    /// It works without its native part.
    pub is_optional: bool,
}

/// The packages with recipes.
pub fn recipes() -> Result<Vec<KnownPackage>> {
    let mut packages = Vec::new();
    let mut archive = tar::Archive::new(zstd::Decoder::new(RECIPES)?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry
            .path()?
            .file_name()
            .is_some_and(|name| name == "recipe.toml")
        {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            let recipe: toml::Table = text.parse().context("a recipe does not parse")?;
            let name = recipe.get("name").and_then(toml::Value::as_str);
            packages.push(KnownPackage {
                name: name.context("a recipe has no name")?.to_owned(),
                is_optional: recipe.get("optional").and_then(toml::Value::as_bool) == Some(true),
            });
        }
    }
    Ok(packages)
}

/// Writes the recipes into a directory, which is created.
pub fn unpack_recipes(directory: &Path) -> Result<()> {
    tar::Archive::new(zstd::Decoder::new(RECIPES)?)
        .unpack(directory)
        .context("failed to unpack the recipes")
}

/// A guest that is being unpacked.
pub struct Unpacking(JoinHandle<Result<Guest>>);

impl Unpacking {
    pub fn finish(self) -> Result<Guest> {
        self.0
            .join()
            .map_err(|_| anyhow!("the thread that reads the guest panicked"))?
            .context("failed to read the guest")
    }
}

fn read_archive(archive: &[u8]) -> Result<Guest> {
    let mut files = Vec::new();
    let mut archive = tar::Archive::new(zstd::Decoder::new(archive)?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size())?);
        entry.read_to_end(&mut bytes)?;
        files.push((path, bytes));
    }
    sort_out(files)
}

fn read_directory(directory: &Path) -> Result<Guest> {
    let mut files = Vec::new();
    for folder in [directory.to_owned(), directory.join("lib")] {
        for entry in fs_err::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_file() {
                let bytes = fs_err::read(&path)?;
                files.push((path, bytes));
            }
        }
    }
    sort_out(files)
}

fn sort_out(mut files: Vec<(PathBuf, Vec<u8>)>) -> Result<Guest> {
    files.sort();
    let mut libraries = Vec::new();
    let mut modules = Vec::new();
    let mut cplusplus = Vec::new();
    let mut stdlib_zip = Vec::new();
    let mut native_modules = String::new();
    let mut imports = Vec::new();
    for (path, bytes) in files {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if name == STDLIB_ZIP {
            stdlib_zip = bytes;
        } else if name == IMPORTS {
            imports = bytes;
        } else if name == NATIVE_MODULES {
            native_modules = String::from_utf8(bytes)?;
        } else if name.ends_with(".so") {
            let group = if name.starts_with("libc++") {
                &mut cplusplus
            } else if module_of(name).is_some() {
                &mut modules
            } else {
                &mut libraries
            };
            group.push(Library {
                name: name.to_owned(),
                wasm: bytes.into(),
                is_foreign: false,
                // No code refers to its functions: it adds its modules to Python's table by itself.
                dl_openable: module_of(name) == Some(TLS),
            });
        }
    }
    anyhow::ensure!(!stdlib_zip.is_empty(), "`{STDLIB_ZIP}` is not in the guest");
    Ok(Guest {
        libraries,
        modules,
        cplusplus,
        stdlib_zip,
        native_modules,
        imports,
    })
}
