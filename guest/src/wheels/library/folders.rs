//! Libraries without a build system: all C files of some folders, and all in Fortran if f2c translates them.
//!
//! Comes in: the folders, and the compiler's flags. Goes out: an archive, or a shared library with those before it, the headers, and a
//! file by which pkg-config knows the library.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, ensure};

use crate::run::{jobs, run};
use crate::sdk::Sdk;
use crate::wheels::fortran;
use crate::wheels::recipe::Library;
use crate::{copy, hash};

pub struct Folders<'a> {
    pub library: &'a Library,
    pub sdk: &'a Sdk,
    pub source: &'a Path,
    /// Flags for C.
    pub flags: &'a [String],
    pub f2c: Option<&'a Path>,
    /// The folders of libraries that a shared library contains, too.
    pub before: &'a [PathBuf],
    /// The folder of the result.
    pub folder: &'a Path,
}

impl Folders<'_> {
    pub fn build(&self) -> Result<()> {
        let log = self.folder.join("build.log");
        let objects = self.folder.join("build/objects");
        let mut sources = self.files("c")?;
        if let Some(f2c) = self.f2c {
            let target = self.folder.join("build/translated");
            sources.extend(fortran::translate(f2c, &self.files("f")?, &target, &log)?);
        }
        ensure!(!sources.is_empty(), "its folders hold no sources");
        let mut flags = self.flags.to_vec();
        for part in &self.library.includes {
            let part = self.source.join(part);
            flags.push(format!("-I{}", part.display()));
            copy_headers(&part, &self.folder.join("include"))?;
        }
        self.compile(&flags, &sources, &objects)?;
        let archive = self.folder.join(format!("lib/lib{}.a", self.library.name));
        let mut ar = self.sdk.command(self.sdk.program("ar"))?;
        ar.arg("rcsD").arg(&archive);
        run(ar.args(hash::files_below(&objects)?), &log)?;
        if self.library.is_shared {
            self.share(&archive, &log)?;
        }
        self.describe()
    }

    /// The files with this ending, but for those that the recipe leaves out.
    fn files(&self, ending: &str) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for part in &self.library.folders {
            found.append(&mut hash::files_below(&self.source.join(part))?);
        }
        found.retain(|file| {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let is_out = |pattern: &String| matches(pattern, &name);
            file.extension().is_some_and(|own| own == ending)
                && !self.library.except.iter().any(is_out)
        });
        Ok(found)
    }

    /// As many compilers at once as there are processors.
    fn compile(&self, flags: &[String], sources: &[PathBuf], objects: &Path) -> Result<()> {
        let number: usize = jobs().parse()?;
        let share = sources.len().div_ceil(number);
        thread::scope(|scope| {
            let running: Vec<_> = sources
                .chunks(share)
                .enumerate()
                .map(|(at, sources)| {
                    let log = self.folder.join(format!("build-{at}.log"));
                    scope.spawn(move || {
                        let mut compiler = self.sdk.command(self.sdk.program("clang"))?;
                        compiler.arg("-c").args(flags).args(sources);
                        run(compiler.current_dir(objects), &log)
                    })
                })
                .collect();
            running
                .into_iter()
                .try_for_each(|one| one.join().expect("compiling does not panic"))
        })
    }

    /// Makes the archive, and those before it, a shared library.
    fn share(&self, archive: &Path, log: &Path) -> Result<()> {
        let mut archives: Vec<OsString> = vec![archive.into()];
        for one in self.before {
            let files = hash::files_below(&one.join("lib"))?;
            let is_archive = |file: &PathBuf| file.extension().is_some_and(|own| own == "a");
            archives.extend(files.into_iter().filter(is_archive).map(OsString::from));
        }
        let library = archive.with_extension("so");
        run(
            self.sdk
                .command(self.sdk.program("clang"))?
                .args([
                    "-shared",
                    "-Wl,--strip-all",
                    // A symbol with two types is an error. That shared libraries are new to the linker is none.
                    "-Wl,--fatal-warnings",
                    "-Wl,--experimental-pic",
                    "-Wl,--whole-archive",
                ])
                .args(archives)
                .args(["-Wl,--no-whole-archive", "-o"])
                .arg(library),
            log,
        )
        .context("it cannot be linked")?;
        Ok(fs_err::remove_file(archive)?)
    }

    fn describe(&self) -> Result<()> {
        let name = &self.library.name;
        let version = self
            .library
            .source
            .as_ref()
            .map_or("0", |source| &source.version);
        let text = format!(
            "prefix={}\n\nName: {name}\nDescription: {name}\nVersion: {version}\nLibs: -L${{prefix}}/lib -l{name}\n\
             Cflags: -I${{prefix}}/include\n",
            self.folder.display()
        );
        let folder = self.folder.join("lib/pkgconfig");
        fs_err::create_dir_all(&folder)?;
        Ok(fs_err::write(folder.join(format!("{name}.pc")), text)?)
    }
}

fn copy_headers(from: &Path, to: &Path) -> Result<()> {
    for file in hash::files_below(from)? {
        if file.extension().is_some_and(|extension| extension == "h") {
            copy::file(&file, &to.join(file.strip_prefix(from)?))?;
        }
    }
    Ok(())
}

/// `*` stands for any characters, `?` for one.
fn matches(pattern: &str, name: &str) -> bool {
    fn from(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => {
                from(rest, name) || !name.is_empty() && from(pattern, &name[1..])
            }
            ([b'?', pattern @ ..], [_, name @ ..]) => from(pattern, name),
            ([a, pattern @ ..], [b, name @ ..]) => a == b && from(pattern, name),
            _ => false,
        }
    }
    from(pattern.as_bytes(), name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_have_stars_and_question_marks() {
        assert!(
            matches("*gesvx", "dgesvx") && matches("d*_3", "dsytrf_3") && matches("?dot", "sdot")
        );
        assert!(
            !matches("*gesvx", "dgesvxx") && !matches("gesvx", "dgesvx") && !matches("?dot", "dot")
        );
    }
}
