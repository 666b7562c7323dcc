//! One project that becomes a wheel, and the settings of its build system.
//!
//! Comes in: a recipe, or the folder of a project. Goes out: a wheel.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::hash;
use crate::run::run;
use crate::sdk::Sdk;
use crate::toolchain::TARGET;
use crate::wheels::build_python::BuildPython;
use crate::wheels::recipe::{Recipe, System};
use crate::wheels::{TAGS, cargo, cmake, environment, flags};
use crate::workshop::Workshop;

const BUILD: &str = include_str!("build.py");

pub struct Project {
    pub source: PathBuf,
    pub system: System,
    pub flags: Vec<String>,
    pub exceptions: bool,
    pub options: Vec<String>,
    pub variables: BTreeMap<String, String>,
    pub excludes: Vec<String>,
    pub development: Vec<String>,
    /// The folder of the build system's packages.
    pub requirements: PathBuf,
    /// Folders with `include` and `lib`, and perhaps `bin`.
    pub libraries: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
struct PyProject {
    #[serde(default, rename = "build-system")]
    system: BuildSystem,
}

#[derive(Default, Deserialize)]
struct BuildSystem {
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default, rename = "build-backend")]
    backend: Option<String>,
}

impl PyProject {
    /// The build system, as far as it needs settings of its own.
    fn system(&self) -> System {
        let backend = self.system.backend.as_deref().unwrap_or_default();
        let names = |requirement: &String| requirement.starts_with("setuptools-rust");
        match backend.split(['.', ':']).next() {
            Some("mesonpy") => System::Meson,
            Some("maturin") => System::Maturin,
            Some("scikit_build_core") => System::ScikitBuild,
            _ if self.system.requires.iter().any(names) => System::SetuptoolsRust,
            _ => System::Setuptools,
        }
    }

    /// Without the file, setuptools builds the project.
    fn read(source: &Path) -> Result<Self> {
        let file = source.join("pyproject.toml");
        if !file.exists() {
            return Ok(Self::default());
        }
        toml::from_str(&fs_err::read_to_string(&file)?)
            .with_context(|| format!("`{}` does not parse", file.display()))
    }
}

impl Project {
    pub fn of_recipe(recipe: &Recipe, source: PathBuf) -> Project {
        Project {
            source,
            system: recipe.build,
            flags: recipe.flags.clone(),
            exceptions: recipe.exceptions,
            options: recipe.options.clone(),
            variables: recipe.environment.clone(),
            excludes: recipe
                .excludes
                .iter()
                .map(|exclude| exclude.path.clone())
                .collect(),
            development: recipe.development.clone(),
            requirements: PathBuf::new(),
            libraries: Vec::new(),
        }
    }

    /// Copies a project, since build systems write into it.
    pub fn copy(folder: &Path, source: &Path) -> Result<()> {
        let has = |name: &str| folder.join(name).exists();
        ensure!(
            has("pyproject.toml") || has("setup.py"),
            "`{}` has neither `pyproject.toml` nor `setup.py`\n\nhint: name the folder of a Python project",
            folder.display()
        );
        copy_project(folder, source)
    }

    /// A project with the build system that it declares, whose requirements have to be installed.
    pub fn as_declared(source: &Path) -> Result<Project> {
        Ok(Project {
            source: source.to_owned(),
            system: PyProject::read(source)?.system(),
            flags: vec!["-fsetjmp".to_owned()],
            exceptions: true,
            options: Vec::new(),
            variables: BTreeMap::new(),
            excludes: Vec::new(),
            development: Vec::new(),
            requirements: PathBuf::new(),
            libraries: Vec::new(),
        })
    }

    /// Installs the build requirements that it declares, under constraints for pip.
    pub fn install_declared(
        &mut self,
        workshop: &Workshop,
        python: &BuildPython,
        scratch: &Path,
        constraints: &str,
    ) -> Result<()> {
        let mut requires = PyProject::read(&self.source)?.system.requires;
        if requires.is_empty() {
            requires.push("setuptools".to_owned());
        }
        self.requirements = scratch.join("requirements");
        fs_err::create_dir_all(&self.requirements)?;
        workshop
            .progress
            .step("installing the build system with pip");
        let lines = requires.join("\n") + "\n";
        let file = scratch.join("constraints.txt");
        fs_err::write(&file, constraints)?;
        let flags = ["--constraint", &*file.to_string_lossy()];
        environment::install(workshop, python, &lines, &flags, &self.requirements)
    }

    /// Builds into `target`, and returns the wheel.
    pub fn build(
        &self,
        sdk: &Sdk,
        python: &BuildPython,
        scratch: &Path,
        target: &Path,
    ) -> Result<PathBuf> {
        fs_err::create_dir_all(scratch)?;
        let script = scratch.join("build.py");
        fs_err::write(&script, BUILD)?;
        let mut command = environment::python(sdk, python, &self.requirements, &self.libraries)?;
        let settings = self.configure(sdk, python, scratch, &mut command)?;
        let job = json!({
            "source": self.source,
            "scratch": scratch.join("wheel"),
            "target": std::path::absolute(target)?,
            "settings": settings,
            "tags": TAGS,
            "libraries": self.shared_libraries()?,
            "exclude": self.excludes,
            "development": self.development,
            "paths": self.paths(sdk, python),
        });
        command
            .arg(script)
            .arg(job.to_string())
            .envs(&self.variables);
        let log = scratch.join("build.log");
        run(&mut command, &log)?;
        let text = fs_err::read_to_string(&log)?;
        let name = text
            .lines()
            .next_back()
            .context("a build ends with the name of its wheel")?;
        Ok(target.join(name))
    }

    /// This machine's folders that build systems know, and names that tell nothing of it. The longest come first.
    fn paths(&self, sdk: &Sdk, python: &BuildPython) -> Vec<(PathBuf, &'static str)> {
        let mut paths = vec![
            (self.source.clone(), "/source"),
            (python.program.clone(), "/usr/bin/python3"),
        ];
        paths.extend(sdk.folder.parent().map(|one| (one.to_owned(), "/stages")));
        paths.extend(cargo::home().map(|one| (one, cargo::HOME)));
        paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.as_os_str().len()));
        paths
    }

    /// Those that the extensions are linked with, which the wheel takes along.
    fn shared_libraries(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for library in &self.libraries {
            found.append(&mut hash::files_below(&library.join("lib"))?);
        }
        found.retain(|file| file.extension().is_some_and(|ending| ending == "so"));
        Ok(found)
    }

    /// Makes the build system compile for the guest, and returns the settings for its backend.
    fn configure(
        &self,
        sdk: &Sdk,
        python: &BuildPython,
        scratch: &Path,
        command: &mut Command,
    ) -> Result<Value> {
        if self.system == System::Meson {
            let cross = scratch.join("wasi.meson");
            fs_err::write(&cross, self.cross_file(python)?)?;
            let mut options = vec![format!("--cross-file={}", cross.display())];
            options.extend(self.options.iter().cloned());
            return Ok(json!({ "setup-args": options, "build-dir": scratch.join("meson") }));
        }
        self.flags_as_variables(command);
        if self.system.has_rust() {
            cargo::variables(sdk, scratch, &self.paths(sdk, python), command)?;
        }
        // setuptools, too, is used to call CMake.
        cmake::variables(sdk, python, scratch, command)?;
        Ok(match self.system {
            _ if self.options.is_empty() => json!({}),
            System::Maturin => json!({ "build-args": self.options.join(" ") }),
            System::ScikitBuild => json!({ "cmake.args": self.options.join(";") }),
            _ => self.named_options(),
        })
    }

    fn named_options(&self) -> Value {
        let options = self.options.iter().filter_map(|one| one.split_once('='));
        options.map(|(name, value)| (name, json!(value))).collect()
    }

    /// The flags for C, and those for C++.
    fn compiler_flags(&self) -> (Vec<String>, Vec<String>) {
        let c = flags::of_c(&self.flags, &self.libraries, &self.source);
        let cplusplus = [c.clone(), flags::of_cplusplus(self.exceptions)].concat();
        (c, cplusplus)
    }

    fn link_flags(&self) -> Vec<String> {
        let mut flags = vec!["-Wl,--strip-all".to_owned()];
        for library in &self.libraries {
            flags.push(format!("-L{}", library.join("lib").display()));
        }
        flags
    }

    fn flags_as_variables(&self, command: &mut Command) {
        let (c, cplusplus) = self.compiler_flags();
        command
            .env("CFLAGS", c.join(" "))
            .env("CXXFLAGS", cplusplus.join(" "))
            .env("LDFLAGS", self.link_flags().join(" "));
    }

    /// Programs such as `numpy-config`, which meson does not look for if it builds for another machine.
    fn config_tools(&self) -> Result<String> {
        let bin = self.requirements.join("bin");
        if !bin.exists() {
            return Ok(String::new());
        }
        let mut lines = String::new();
        for file in hash::files_below(&bin)? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            // pkg-config is named above.
            if name.ends_with("-config") && name != "pkg-config" {
                lines += &format!("{name} = '{}'\n", file.display());
            }
        }
        Ok(lines)
    }

    /// Code is not generated while linking, where the flags for exceptions would not be known.
    fn cross_file(&self, python: &BuildPython) -> Result<String> {
        let (c, cplusplus) = self.compiler_flags();
        let list = |flags: &[String]| {
            let quoted: Vec<String> = flags.iter().map(|flag| format!("'{flag}'")).collect();
            format!("[{}]", quoted.join(", "))
        };
        let link = list(&self.link_flags());
        Ok(format!(
            "[binaries]\nc = '{TARGET}-clang'\ncpp = '{TARGET}-clang++'\nar = '{TARGET}-ar'\nranlib = '{TARGET}-ranlib'\n\
             strip = '{TARGET}-strip'\npython = '{}'\ncython = 'cython'\npkg-config = 'pkgconf'\ncmake = 'false'\n{}\n\
             [host_machine]\nsystem = 'wasi'\ncpu_family = 'wasm32'\ncpu = 'wasm32'\nendian = 'little'\n\n\
             [properties]\nneeds_exe_wrapper = true\nskip_sanity_check = true\nlongdouble_format = 'IEEE_QUAD_LE'\n\n\
             [built-in options]\nb_pie = false\nb_lto = false\nc_args = {}\ncpp_args = {}\nc_link_args = {link}\ncpp_link_args = {link}\n",
            python.program.display(),
            self.config_tools()?,
            list(&c),
            list(&cplusplus),
        ))
    }
}

/// Copies everything but hidden files and the remains of earlier builds.
fn copy_project(from: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') || ["build", "dist", "target"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            copy_project(&path, &to.join(name))?;
        } else {
            fs_err::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
