//! The C++ library for extensions: libc++ and libc++abi of the compiler's own wheel, as shared libraries.
//!
//! Comes in: their sources, a sysroot. Goes out: headers and each library twice.
//!
//! - `libc++.so`, `libc++abi.so`: without exceptions. They run on every host; code that throws ends the program with a
//!   message.
//! - `libc++-eh.so`, `libc++abi-eh.so`: with WebAssembly's exceptions (`exnref`). They replace the former if a linked
//!   library imports the tag `__cpp_exception`, which the linker of the component defines.
//!
//! Extensions name `libc++.so` and `libc++abi.so` as needed in both cases, and the symbols are the same.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::compile::{Unit, compile_all};
use crate::copy;
use crate::hash::Key;
use crate::libc::Libc;
use crate::recipe::recipe;
use crate::run::run;
use crate::toolchain::Toolchain;
use crate::{Build, hash, stage};

pub const LIBRARIES: [&str; 4] = [
    "libc++.so",
    "libc++abi.so",
    "libc++-eh.so",
    "libc++abi-eh.so",
];

/// The file that LLVM's own build would write for this target. Threads are those of wasi-libc: creating one fails, locks
/// work.
const CONFIG_SITE: &str = include_str!("libcxx/config_site.h");

/// The functions that `throw` calls without exceptions.
const NO_EXCEPTIONS: &str = include_str!("libcxx/no_exceptions.cpp");

/// The tag of C++ exceptions: the linker of components defines one for all libraries.
pub const TAG: &str = "__cpp_exception";

/// Flags that turn exceptions on, for the libraries and for extensions alike.
pub const EXCEPTIONS: [&str; 3] = ["-fwasm-exceptions", "-mllvm", "-wasm-use-legacy-eh=false"];

const CXXFLAGS: [&str; 8] = [
    "-std=c++23",
    "-O2",
    "-g0",
    "-DNDEBUG",
    "-fPIC",
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
    "-w",
];

const DEFINES: [&str; 4] = [
    "-D_LIBCPP_BUILDING_LIBRARY",
    "-D_LIBCXXABI_BUILDING_LIBRARY",
    "-DLIBCXX_BUILDING_LIBCXXABI",
    // For the number conversions, which it shares with LLVM's C library.
    "-DLIBC_NAMESPACE=__llvm_libc_common_utils",
];

/// The only file of libunwind that is needed. Its functions have no attribute that would export them.
const UNWIND: &str = "libunwind/src/Unwind-wasm.c";
const UNWIND_FLAGS: [&str; 8] = [
    "-std=c11",
    "-O2",
    "-g0",
    "-DNDEBUG",
    "-fPIC",
    "-fvisibility=default",
    "-w",
    "-D_LIBUNWIND_HIDE_SYMBOLS",
];

/// Sources of libc++abi for builds with exceptions only, and for builds without only.
const WITH_EXCEPTIONS: [&str; 3] = [
    "cxa_exception.cpp",
    "cxa_exception_storage.cpp",
    "cxa_personality.cpp",
];
const WITHOUT_EXCEPTIONS: [&str; 1] = ["cxa_noexception.cpp"];

/// Sources of libc++ for other systems, for other libraries, and for experiments.
const LEFT_OUT: [&str; 5] = [
    "/support/",
    "/pstl/",
    "/experimental/",
    "/filesystem/int128_builtins.cpp",
    // libc++abi contains them.
    "/src/new.cpp",
];

pub struct Libcxx {
    folder: PathBuf,
    pub key: String,
}

impl Libcxx {
    pub fn library(&self, name: &str) -> PathBuf {
        self.folder.join("lib").join(name)
    }
}

pub fn key(libc: &str) -> Result<String> {
    Ok(Key::new("libcxx")
        .text("libc", libc)
        .text("recipe", &recipe(&[include_str!("libcxx.rs")])?)
        .text("config", CONFIG_SITE)
        .text("no exceptions", NO_EXCEPTIONS)
        .finish())
}

pub fn build(build: &Build, toolchain: &Toolchain, libc: &Libc) -> Result<Libcxx> {
    let key = key(&libc.key)?;
    let folder = build.cache.stage("libcxx", &key);
    stage::build(&folder, |folder| {
        build.progress.step("building libc++");
        let source = wheel(toolchain)?;
        install_headers(&source, &folder.join("include"))?;
        fs_err::create_dir_all(folder.join("lib"))?;
        for exceptions in [false, true] {
            let variant = Variant {
                exceptions,
                source: &source,
                folder,
                scratch: folder
                    .join("objects")
                    .join(if exceptions { "eh" } else { "plain" }),
                toolchain,
                sysroot: &libc.sysroot,
            };
            variant.build().context("failed to build libc++")?;
        }
        Ok(fs_err::remove_dir_all(folder.join("objects"))?)
    })?;
    Ok(Libcxx { folder, key })
}

/// Both libraries, with exceptions or without. `libcxx2.rs` builds one of them with its own headers.
pub struct Variant<'a> {
    pub exceptions: bool,
    /// The folder with `libcxx`, `libcxxabi` and `libunwind`.
    pub source: &'a Path,
    /// The folder of the stage, with the headers in `include`.
    pub folder: &'a Path,
    pub scratch: PathBuf,
    pub toolchain: &'a Toolchain,
    pub sysroot: &'a Path,
}

impl Variant<'_> {
    fn build(&self) -> Result<()> {
        let name = |library: &str| {
            let suffix = if self.exceptions { "-eh" } else { "" };
            self.folder
                .join("lib")
                .join(format!("{library}{suffix}.so"))
        };
        let mut abi = self.compile("abi", self.abi_sources()?, &self.cxxflags())?;
        if self.exceptions {
            let unwind = vec![self.source.join(UNWIND)];
            let flags = [&UNWIND_FLAGS[..], &EXCEPTIONS].concat();
            abi.extend(self.compile("unwind", unwind, &flags)?);
        }
        self.link(&name("libc++abi"), &abi, &[])?;
        let library = self.compile("library", self.library_sources()?, &self.cxxflags())?;
        // A needed library is named after its file, which is the same in both variants.
        let needed = self.scratch.join("libc++abi.so");
        fs_err::copy(name("libc++abi"), &needed)?;
        self.link(&name("libc++"), &library, &[needed])
    }

    pub fn cxxflags(&self) -> Vec<&'static str> {
        let exceptions: &[&str] = if self.exceptions {
            &EXCEPTIONS
        } else {
            &["-fno-exceptions"]
        };
        [&CXXFLAGS[..], &DEFINES, exceptions].concat()
    }

    fn abi_sources(&self) -> Result<Vec<PathBuf>> {
        let other: &[&str] = if self.exceptions {
            &WITHOUT_EXCEPTIONS
        } else {
            &WITH_EXCEPTIONS
        };
        let mut sources = cpp_files(&self.source.join("libcxxabi/src"))?;
        sources.retain(|file| !other.iter().any(|name| file.ends_with(name)));
        if !self.exceptions {
            let ours = self.scratch.join("no_exceptions.cpp");
            fs_err::create_dir_all(&self.scratch)?;
            fs_err::write(&ours, NO_EXCEPTIONS)?;
            sources.push(ours);
        }
        Ok(sources)
    }

    pub fn library_sources(&self) -> Result<Vec<PathBuf>> {
        let mut sources = cpp_files(&self.source.join("libcxx/src"))?;
        sources.retain(|file| {
            let name = file.to_string_lossy();
            !LEFT_OUT.iter().any(|part| name.contains(part))
        });
        Ok(sources)
    }

    pub fn compile(
        &self,
        part: &str,
        sources: Vec<PathBuf>,
        arguments: &[&str],
    ) -> Result<Vec<Unit>> {
        let units = sources
            .into_iter()
            .map(|file| Unit::new(file, &self.scratch.join(part)))
            .collect::<Result<Vec<Unit>>>()?;
        let arguments: Vec<String> = arguments.iter().map(|&flag| flag.to_owned()).collect();
        compile_all(
            self.toolchain,
            &self.flags(),
            &arguments,
            &units,
            &self.log(),
        )?;
        Ok(units)
    }

    pub fn link(&self, target: &Path, units: &[Unit], needed: &[PathBuf]) -> Result<()> {
        let undefined = self.scratch.join("undefined.txt");
        fs_err::write(&undefined, format!("{TAG}\n"))?;
        run(
            self.toolchain
                .clang(&self.flags())
                .args([
                    "-shared",
                    "-nostartfiles",
                    "-Wl,--no-entry",
                    "-Wl,--export-if-defined=__wasm_call_ctors",
                    "-O2",
                    "-Wl,--strip-all",
                    "-Wl,--gc-sections",
                ])
                .args(units.iter().map(|unit| &unit.object))
                .args(needed)
                .arg(format!(
                    "-Wl,--allow-undefined-file={}",
                    undefined.display()
                ))
                .arg("-o")
                .arg(target),
            &self.log(),
        )
        .with_context(|| format!("failed to link `{}`", target.display()))
    }

    fn flags(&self) -> String {
        format!(
            "--sysroot={} -stdlib++-isystem {} -I{} -I{} -I{} -I{} -ffile-prefix-map={}/= -ffile-prefix-map={}/=",
            self.sysroot.display(),
            self.folder.join("include").display(),
            self.source.join("libcxx/src").display(),
            self.source.join("libcxx/libc").display(),
            self.source.join("libcxxabi/src").display(),
            self.source.join("libunwind/include").display(),
            self.source.display(),
            self.folder.display(),
        )
    }

    fn log(&self) -> PathBuf {
        self.folder.join("build.log")
    }
}

/// clang's resource folder, three levels above the library that the toolchain puts there.
fn resource(toolchain: &Toolchain) -> PathBuf {
    let mut folder = toolchain.builtins();
    for _ in 0..3 {
        folder.pop();
    }
    folder
}

/// `lib` of the compiler's wheel, the target of the link to clang's headers.
pub fn wheel(toolchain: &Toolchain) -> Result<PathBuf> {
    let mut library = fs_err::canonicalize(resource(toolchain).join("include"))?;
    library.pop();
    Ok(library)
}

/// Copies `<vector>` and its like from `lib` in the compiler's wheel, configured for the guest.
pub fn install_headers(wheel: &Path, target: &Path) -> Result<()> {
    copy::tree(&wheel.join("libcxx/include"), target)?;
    copy::tree(&wheel.join("libcxxabi/include"), target)?;
    configure_headers(target)
}

/// The wheel's headers expect the configuration on every command line; other people's builds include the file.
fn configure_headers(headers: &Path) -> Result<()> {
    fs_err::write(headers.join("__config_site"), CONFIG_SITE)?;
    let config = headers.join("__config");
    let text = fs_err::read_to_string(&config)?;
    let first = "#include <__configuration/abi.h>\n";
    ensure!(
        text.contains(first),
        "`{}` is not the one of LLVM 20",
        config.display()
    );
    let text = text.replacen(first, &format!("#include <__config_site>\n{first}"), 1);
    Ok(fs_err::write(config, text)?)
}

fn cpp_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = hash::files_below(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "cpp"));
    Ok(files)
}
