//! Wheels for the guest: each recipe in `wheels/` is built, installed by the command in the README, and tried in a
//! component.
//!
//! A case is a recipe: its `check.py` runs in the guest. For recipes that name the package's own tests, `NAME_tests` runs
//! them by pytest (`own_tests.rs`); the recipe names the excluded ones. Wheels are built once and kept in the user's cache.
//! The ordinary suite has the recipes that are not `long` and the samples below; `cargo xtask wheel-tests [NAME]...`, told by
//! `WHEEL_TESTS`, has everything. The results are compared with `tests/wheels/table.tsv`, which `BLESS=1` writes.
//!
//! `foreign_NAME` has packages from PyPI that pip installs on Linux, with native code for Linux: `tests/wheels/foreign/`.
//! `emscripten_NAME` has packages from PyPI with native code for Emscripten (PEP 783): `tests/wheels/emscripten/`, whose
//! `recipes.txt` names those that have no such wheel.
//! `pypi_NAME` has a package as `componentize-py install` gets it: `tests/wheels/pypi/`, whose `recipes.txt` names those that are
//! built by recipes. Only `cargo xtask wheel-tests` runs them.

mod own_tests;
mod table;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use guest::Silent;
use guest::wheels::{Recipe, recipes, wheel, wheel_of_folder};
use libtest_mimic::Trial;

use crate::support::command::{succeeds, text};
use crate::support::components::tool;
use crate::support::files_below;
use crate::support::golden::Case;
use crate::support::suite::Suite;
use crate::support::wheels::{EMSCRIPTEN, install, pip};

const WORLD: &str = "wasi:cli/command@0.2.12";

/// pip's options for wheels with native code that is not for the guest.
const LINUX: [&str; 4] = [
    "--platform",
    "manylinux2014_x86_64",
    "--python-version",
    "3.13",
];

/// Emscripten's wheels in the ordinary suite: by mypyc, C, C++ and Rust, with jumps, exceptions of both kinds, the stable ABI, and
/// numbers of clocks.
const EMSCRIPTEN_SAMPLE: [&str; 6] = [
    "charset-normalizer",
    "css-inline",
    "jiter",
    "luau-wasm",
    "msgspec",
    "uuid-utils",
];
/// Recipes whose packages' own tests are in the ordinary suite.
const OWN_TESTS_SAMPLE: [&str; 1] = ["MarkupSafe"];

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("wheels");
    let wanted = env::var("WHEEL_TESTS").unwrap_or_default();
    let names: Vec<&str> = wanted.split(',').collect();
    // `""` is the ordinary suite.
    let is_wanted = |name: &str, sample: bool| match wanted.as_str() {
        "" => sample,
        "all" => true,
        _ => names.contains(&name),
    };
    if ["", "all"].contains(&&*wanted) {
        suite.test("tags", tags);
        suite.test("project_setuptools", || project("c", "spam"));
        suite.test("project_maturin", || project("rust", "eggs"));
        for name in ["pyjwt", "rtls"] {
            suite.test(format!("foreign_{name}"), move || foreign(name));
        }
        suite.test("foreign_pydantic", foreign_pydantic);
        suite.test("table", table::check);
    }
    if is_wanted("cryptography", false) {
        suite.test("cryptography_keys", keys_of_instances);
    }
    for case in Case::all("wheels/emscripten") {
        let name = case.name();
        if is_wanted(&name, EMSCRIPTEN_SAMPLE.contains(&&*name)) {
            suite.test(format!("emscripten_{name}"), move || of_emscripten(&name));
        }
    }
    for case in Case::all("wheels/pypi") {
        let name = case.name();
        if is_wanted(&name, false) {
            suite.test(format!("pypi_{name}"), move || of_pypi(&name));
        }
    }
    for recipe in recipes(root()).expect("recipes parse") {
        if !is_wanted(&recipe.name, !recipe.check.long) {
            continue;
        }
        let recipe = Arc::new(recipe);
        let checked = recipe.clone();
        suite.test(&recipe.name, move || check(&checked));
        let in_sample = OWN_TESTS_SAMPLE.contains(&&*recipe.name);
        if !recipe.check.tests.is_empty() && is_wanted(&recipe.name, in_sample) {
            let name = format!("{}_tests", recipe.name);
            suite.test(name, move || own_tests::check(&recipe));
        }
    }
    suite.trials()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `check.py` passes in the guest.
fn check(recipe: &Recipe) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let deps = folder.path().join("deps");
    install(&deps, &[wheel(root(), &recipe.name, &Silent)?])?;
    names_no_path_of_this_machine(&deps)?;
    install_others(&deps, &recipe.check.requires)?;
    fs_err::copy(
        root().join("tests/wheels/app.py"),
        folder.path().join("app.py"),
    )?;
    fs_err::copy(
        recipe.folder.join("check.py"),
        folder.path().join("check.py"),
    )?;
    let checks = run_checks(folder.path())?;
    let version = &recipe.releases[0].version;
    table::compare(&recipe.name, version, "recipe", &[("checks", checks)])
}

/// Two instances of a component draw different keys, and others than their build drew.
fn keys_of_instances() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let requires = ["cryptography", "cffi", "pycparser"].map(str::to_owned);
    install_others(&folder.path().join("deps"), &requires)?;
    fs_err::copy(
        root().join("tests/wheels/keys/app.py"),
        folder.path().join("app.py"),
    )?;
    let component = componentize(folder.path())?;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let said = output(tool().arg("run").arg(&component))?;
        keys.extend(said.lines().map(str::to_owned));
    }
    // Each prints those of the build, and as many of its own.
    ensure!(
        keys.len() == 12 && keys[..3] == keys[6..9],
        "the keys of the build differ: {keys:?}"
    );
    keys.sort();
    keys.dedup();
    ensure!(keys.len() == 9, "keys of two instances agree: {keys:?}");
    Ok(())
}

/// Returns the number of checks that have passed.
fn run_checks(folder: &Path) -> Result<usize> {
    let component = componentize(folder)?;
    let said = output(tool().arg("run").arg(component))?;
    let last = said.lines().next_back().unwrap_or_default();
    let passed = last.strip_suffix(" checks passed");
    let passed: usize = passed.with_context(|| said.clone())?.parse()?;
    ensure!(passed > 0, "{said}");
    Ok(passed)
}

/// The wheel has the right tags, and pip accepts it by its name alone and for that platform.
fn tags() -> Result<()> {
    let wheel = wheel(root(), "MarkupSafe", &Silent)?;
    let name = wheel
        .file_name()
        .context("a wheel has a name")?
        .to_string_lossy()
        .into_owned();
    ensure!(
        name.contains("cp314") && name.contains("wasi_0_2_wasm32"),
        "{name}"
    );
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("platform");
    let find = wheel.parent().context("a wheel lies in a folder")?;
    let mut pip = pip(&target);
    pip.args(["--platform", "wasi_0_2_wasm32"])
        .args(["--python-version", "3.14", "--only-binary=:all:"])
        .args(["--no-index", "MarkupSafe", "--find-links"])
        .arg(find);
    succeeds(&mut pip)?;
    let extension = target.join("markupsafe/_speedups.cpython-314-wasm32-wasi.so");
    ensure!(
        fs_err::read(extension)?.starts_with(b"\0asm"),
        "not WebAssembly"
    );
    Ok(())
}

/// `cargo xtask wheel --path`: a project of the user's own.
fn project(name: &str, package: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let source = root().join("tests/wheels").join(name);
    let built = wheel_of_folder(root(), &source, &folder.path().join("wheels"), &Silent)?;
    ensure!(
        built
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(package)),
        "{}",
        built.display()
    );
    let deps = folder.path().join("deps");
    install(&deps, &[built])?;
    names_no_path_of_this_machine(&deps)?;
    fs_err::copy(
        root().join("tests/wheels/app.py"),
        folder.path().join("app.py"),
    )?;
    fs_err::copy(source.join("check.py"), folder.path().join("check.py"))?;
    run_checks(folder.path()).map(drop)
}

/// No file contains the folder of the caches, or that of cargo, but for pip's own notes.
fn names_no_path_of_this_machine(folder: &Path) -> Result<()> {
    let paths = [Some(user_folders::cache()?), guest::wheels::cargo_home()];
    for file in files_below(folder)? {
        if file.ends_with("direct_url.json") {
            continue;
        }
        let content = fs_err::read(&file)?;
        for path in paths.iter().flatten() {
            let path = path.as_os_str().as_encoded_bytes();
            let found = content.windows(path.len()).position(|part| part == path);
            ensure!(
                found.is_none(),
                "{} contains {}",
                file.display(),
                String::from_utf8_lossy(path)
            );
        }
    }
    Ok(())
}

/// Wheels for Linux: a package that can do without its native code, or contains some for the guest, works.
fn foreign(name: &str) -> Result<()> {
    check_case("foreign", name, &LINUX).map(drop)
}

/// Wheels for Emscripten, unchanged.
fn of_emscripten(name: &str) -> Result<()> {
    let (version, checks) = check_case("emscripten", name, &EMSCRIPTEN)?;
    table::compare(name, &version, "Emscripten", &[("checks", checks)])
}

/// A package and what it needs, installed by the tool.
fn of_pypi(name: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let case = root().join("tests/wheels/pypi").join(name);
    let mut install = tool();
    install.args(["install", "--build", "-r"]);
    install.arg(case.join("packages.txt"));
    install.arg("-t").arg(folder.path().join("deps"));
    for recipe in recipes_of(&case)?.lines() {
        let wheel = wheel(root(), recipe, &Silent)?;
        install.arg("--find-links").arg(wheel);
    }
    succeeds(&mut install)?;
    let (version, checks) = check_installed(&case, folder.path())?;
    table::compare(name, &version, "PyPI", &[("checks", checks)])
}

/// Returns the version of the package, and the number of its checks that have passed.
fn check_case(group: &str, name: &str, platform: &[&str]) -> Result<(String, usize)> {
    let folder = tempfile::tempdir()?;
    let case = root().join("tests/wheels").join(group).join(name);
    let packages = fs_err::read_to_string(case.join("packages.txt"))?;
    install_for(platform, folder.path(), packages.lines())?;
    for recipe in recipes_of(&case)?.lines() {
        let wheel = wheel(root(), recipe, &Silent)?;
        install(&folder.path().join("deps"), &[wheel])?;
    }
    check_installed(&case, folder.path())
}

/// The packages of a case that are built by recipes, one in each line.
fn recipes_of(case: &Path) -> Result<String> {
    let list = case.join("recipes.txt");
    if list.exists() {
        Ok(fs_err::read_to_string(list)?)
    } else {
        Ok(String::new())
    }
}

/// The same for packages that are installed in `deps`.
fn check_installed(case: &Path, folder: &Path) -> Result<(String, usize)> {
    for (from, name) in [
        (root().join("tests/wheels/app.py"), "app.py"),
        (case.join("check.py"), "check.py"),
    ] {
        fs_err::copy(from, folder.join(name))?;
    }
    let packages = fs_err::read_to_string(case.join("packages.txt"))?;
    let first = packages.lines().next().unwrap_or_default();
    let (_, version) = first
        .split_once("==")
        .context("the package has a version")?;
    Ok((version.to_owned(), run_checks(folder)?))
}

/// pydantic cannot do without it. The error names the file, though a directory of stubs lies beside it.
fn foreign_pydantic() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let packages = [
        "pydantic==2.14.4",
        "pydantic-core==2.50.5",
        "typing-extensions",
        "typing-inspection",
        "annotated-types",
    ];
    install_for(&LINUX, folder.path(), packages.into_iter())?;
    let app = "import pydantic\nfrom wit_world import exports\n\n\nclass Run(exports.Run):\n    def run(self) -> None:\n        pass\n";
    fs_err::write(folder.path().join("app.py"), app)?;
    let output = builds(folder.path()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(1), "{}\n{said}", output.status);
    for words in [
        "error: module `pydantic_core._pydantic_core` not found",
        "_pydantic_core.cpython-313-x86_64-linux-gnu.so` is built for CPython 3.13 on Linux",
    ] {
        ensure!(said.contains(words), "no `{words}` in:\n{said}");
    }
    Ok(())
}

fn install_for<'a>(
    platform: &[&str],
    folder: &Path,
    packages: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let mut pip = pip(&folder.join("deps"));
    pip.arg("--only-binary=:all:").args(platform);
    succeeds(pip.args(packages)).map(drop)
}

fn componentize(folder: &Path) -> Result<PathBuf> {
    succeeds(&mut builds(folder))?;
    Ok(folder.join("app.wasm"))
}

fn builds(folder: &Path) -> Command {
    let mut tool = tool();
    tool.arg("-d")
        .arg(root().join("wit/wasi-0.2"))
        .args(["-w", WORLD, "componentize", "app", "-p"])
        .arg(folder)
        .arg("-p")
        .arg(folder.join("deps"))
        .arg("-o")
        .arg(folder.join("app.wasm"));
    tool
}

/// Packages of PyPI in pure Python, and other recipes' wheels.
fn install_others(target: &Path, packages: &[String]) -> Result<()> {
    let recipes = recipes(root())?;
    for package in packages {
        let name = package.split("==").next().unwrap_or(package);
        if recipes.iter().any(|recipe| recipe.name == name) {
            install(target, &[wheel(root(), package, &Silent)?])?;
        } else {
            install(target, &[package])?;
        }
    }
    Ok(())
}

fn output(command: &mut Command) -> Result<String> {
    Ok(text(&succeeds(command)?.stdout))
}
