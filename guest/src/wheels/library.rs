//! C and C++ libraries that an extension is linked with: compiled as static libraries.
//!
//! Comes in: a library of a recipe, and those that it needs. Goes out: a folder with `include` and `lib`, and perhaps `bin`, as
//! `make install` leaves them.

mod folders;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::hash::{self, Key};
use crate::run::{jobs, run};
use crate::sdk::Sdk;
use crate::wheels::build_python::BuildPython;
use crate::wheels::configure::Configure;
use crate::wheels::recipe::{Library, Recipe};
use crate::wheels::{cmake, flags, fortran};

use crate::workshop::Workshop;
use crate::{copy, stage, unpack};
use folders::Folders;

/// The variable of pkg-config that makes it know these libraries, and not the machine's own, which are not for the guest.
pub fn known_to_pkg_config(libraries: &[PathBuf]) -> Result<(&'static str, OsString)> {
    let folders = libraries.iter().map(|one| one.join("lib/pkgconfig"));
    // Without any, it would look in its own place.
    let folders = folders.chain([PathBuf::from("/nonexistent")]);
    Ok(("PKG_CONFIG_LIBDIR", std::env::join_paths(folders)?))
}

/// One library, and what it is made with.
pub struct Job<'a> {
    pub library: &'a Library,
    pub recipe: &'a Recipe,
    /// The folders of libraries that were built before.
    pub before: &'a [PathBuf],
    /// The unpacked sdist, which contains the library if it has neither an archive nor a local folder.
    pub sdist: &'a Path,
}

impl Job<'_> {
    /// The library's folder, which is filled once for all packages that have it with the same settings. `key` stands for the tools.
    pub fn stage(
        &self,
        key: Key,
        workshop: &Workshop,
        sdk: &Sdk,
        python: &BuildPython,
    ) -> Result<PathBuf> {
        let name = format!("library-{}", self.library.name);
        let folder = workshop.cache.stage(&name, &self.key(key)?.finish());
        stage::build(&folder, |folder| {
            workshop
                .progress
                .step(&format!("building lib{}", self.library.name));
            self.build(workshop, sdk, python, folder)
        })?;
        Ok(folder)
    }

    fn key(&self, tools: Key) -> Result<Key> {
        let settings = format!(
            "{:?}",
            (self.library, self.recipe.exceptions, self.own_flags())
        );
        let mut key = tools.text("library", &settings);
        match &self.library.source {
            Some(source) => {
                for patch in &source.patches {
                    key = key.file(&self.recipe.folder.join(patch))?;
                }
            }
            None => key = key.text("tree", &hash::tree(&self.own_source())?),
        }
        for one in self.before {
            let name = one.file_name().unwrap_or_default();
            key = key.text("before", &name.to_string_lossy());
        }
        Ok(key)
    }

    /// The folder of a library that is in no archive of its own.
    fn own_source(&self) -> PathBuf {
        match &self.library.local {
            Some(name) => self.recipe.folder.join(name),
            None => self.sdist.to_owned(),
        }
    }

    fn build(
        &self,
        workshop: &Workshop,
        sdk: &Sdk,
        python: &BuildPython,
        folder: &Path,
    ) -> Result<()> {
        let scratch = folder.join("build");
        let objects = scratch.join("objects");
        for created in ["include", "lib"].map(|name| folder.join(name)) {
            fs_err::create_dir_all(created)?;
        }
        fs_err::create_dir_all(&objects)?;
        let unpacked = scratch.join("source");
        let source = match &self.library.source {
            Some(source) => {
                let patches = Some(&*self.recipe.folder);
                unpack::source(
                    source,
                    patches,
                    workshop.places,
                    &unpacked,
                    workshop.progress,
                )?;
                unpacked
            }
            // It is built in its own folder.
            None if self.library.configure.is_some() => {
                copy::tree(&self.own_source(), &unpacked)?;
                unpacked
            }
            None => self.own_source(),
        };
        match (&self.library.cmake, &self.library.configure) {
            (Some(settings), _) => self.call_cmake(sdk, python, (&source, settings), folder),
            (None, Some(words)) => self.call_configure(sdk, (&source, words), folder),
            (None, None) => self.compile(workshop, sdk, &source, folder),
        }
        .with_context(|| format!("`lib{}` does not compile", self.library.name))?;
        Ok(fs_err::remove_dir_all(scratch)?)
    }

    /// Compiles all files of the library's folders.
    fn compile(&self, workshop: &Workshop, sdk: &Sdk, source: &Path, folder: &Path) -> Result<()> {
        let f2c = match &self.library.f2c {
            Some(f2c) => Some(fortran::translator(f2c, workshop, sdk)?),
            None => None,
        };
        let flags = self.c_flags(source);
        let folders = Folders {
            library: self.library,
            sdk,
            source,
            flags: &flags,
            f2c: f2c.as_deref(),
            before: self
                .before
                .strip_prefix(&[sdk.libraries()])
                .unwrap_or(self.before),
            folder,
        };
        folders.build()
    }

    fn call_cmake(
        &self,
        sdk: &Sdk,
        python: &BuildPython,
        (source, settings): (&Path, &[String]),
        folder: &Path,
    ) -> Result<()> {
        let log = folder.join("build.log");
        let scratch = folder.join("build");
        let objects = scratch.join("objects");
        let before: Vec<String> = self
            .before
            .iter()
            .map(|one| one.to_string_lossy().into_owned())
            .collect();
        let before = before.join(";");
        let c = self.c_flags(source);
        let cplusplus = [c.clone(), flags::of_cplusplus(self.recipe.exceptions)].concat();
        let mut configure = sdk.command("cmake")?;
        cmake::variables(sdk, python, &scratch, &mut configure)?;
        configure
            .arg("-S")
            .arg(source)
            .arg("-B")
            .arg(&objects)
            .arg(format!("-DCMAKE_INSTALL_PREFIX={}", folder.display()))
            .args([
                "-DCMAKE_INSTALL_LIBDIR=lib",
                "-DCMAKE_BUILD_TYPE=None",
                "-DBUILD_SHARED_LIBS=OFF",
            ])
            .arg(format!("-DCMAKE_PREFIX_PATH={before}"))
            .arg(format!("-DCMAKE_FIND_ROOT_PATH={before}"))
            .args(settings)
            .env("CFLAGS", c.join(" "))
            .env("CXXFLAGS", cplusplus.join(" "))
            .envs([known_to_pkg_config(self.before)?]);
        run(&mut configure, &log)?;
        run(
            sdk.command("cmake")?.arg("--build").arg(&objects).args([
                "--parallel",
                &jobs(),
                "--target",
                "install",
            ]),
            &log,
        )
    }

    fn call_configure(
        &self,
        sdk: &Sdk,
        (source, words): (&Path, &[String]),
        folder: &Path,
    ) -> Result<()> {
        let configure = Configure {
            sdk,
            words,
            make: &self.library.make,
            flags: (
                &flags::settings(&self.own_flags()),
                &flags::of_cplusplus(self.recipe.exceptions),
            ),
            before: self.before,
        };
        configure.build(source, folder)
    }

    fn c_flags(&self, source: &Path) -> Vec<String> {
        flags::of_c(&self.own_flags(), self.before, source)
    }

    /// Nothing outside the extension uses the functions of a static library.
    fn own_flags(&self) -> Vec<String> {
        let is_shared = self.recipe.libraries.iter().any(|one| one.is_shared);
        let visibility = if is_shared { "default" } else { "hidden" };
        [
            &[format!("-fvisibility={visibility}")],
            &*self.library.flags,
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recipe with one library.
    fn recipe(library: &str) -> Recipe {
        let recipe = "name = \"y\"\nlicence = \"MIT\"\nbuild = \"setuptools\"\nrelease = []\n";
        toml::from_str(&format!("{recipe}[[library]]\nname = \"x\"\n{library}")).unwrap()
    }

    fn job<'a>(recipe: &'a Recipe, before: &'a [PathBuf], sdist: &'a Path) -> Job<'a> {
        Job {
            library: &recipe.libraries[0],
            recipe,
            before,
            sdist,
        }
    }

    #[test]
    fn a_library_in_the_sdist_is_built_anew_if_that_changes() {
        let sdist = tempfile::tempdir().unwrap();
        let recipe = recipe("folders = [\"src\"]");
        let key = || {
            let key = job(&recipe, &[], sdist.path()).key(Key::new("test"));
            key.unwrap().finish()
        };
        let first = key();
        assert_eq!(first, key());
        fs_err::write(sdist.path().join("x.c"), "int x;").unwrap();
        assert_ne!(first, key());
    }

    #[test]
    fn pkg_config_knows_nothing_of_the_machine() {
        let (_, folders) = known_to_pkg_config(&[]).unwrap();
        assert_eq!(folders, "/nonexistent");
        let (_, folders) = known_to_pkg_config(&[PathBuf::from("/y")]).unwrap();
        assert_eq!(folders, "/y/lib/pkgconfig:/nonexistent");
    }

    #[test]
    fn the_headers_of_libraries_built_before_are_found() {
        let recipe = recipe("cmake = []\nflags = [\"-DX\"]");
        let before = [PathBuf::from("/cache/library-y-0")];
        let flags = job(&recipe, &before, Path::new("/s")).c_flags(Path::new("/s"));
        assert!(flags.contains(&"-DX".to_owned()));
        assert!(flags.contains(&"-I/cache/library-y-0/include".to_owned()));
    }
}
