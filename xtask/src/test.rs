//! `cargo xtask test [SUITE[/TEXT]]...`: the whole test suite, or the tests of one suite whose names have this text.
//! Everything is built in the one profile. Before the whole suite come the checks of `cargo xtask lint`: those that take seconds
//! first, then clippy, beside the guest, which the tool's build script needs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::lint;
use crate::process::{cargo, run, run_beside};

/// Programs of several suites, in `tests/PROGRAM`, whose tests are named `SUITE/CASE`.
const OF_CASES: [&str; 2] = ["cases", "generated"];
/// The program whose tests are functions: `SUITE::FUNCTION`.
const OF_FUNCTIONS: &str = "functions";

pub fn test(
    root: &Path,
    guest: impl FnOnce(&Path) -> Result<()>,
    arguments: &[String],
) -> Result<()> {
    let named = arguments
        .first()
        .is_some_and(|argument| !argument.starts_with('-'));
    let programs = if named { programs(root)? } else { Vec::new() };
    if arguments.is_empty() {
        lint::quick(root)?;
        run_beside(&mut lint::clippy(root), || guest(root))?;
    } else {
        guest(root)?;
    }
    if !named {
        return run(cargo_test(root).args(arguments));
    }
    for argument in arguments {
        let (suite, text) = argument.split_once('/').unwrap_or((argument, ""));
        let program = programs.iter().find(|program| program.suite == suite);
        let program = program.with_context(|| {
            let suites: Vec<&str> = programs.iter().map(|program| &*program.suite).collect();
            format!("there is no suite `{suite}`: {}", suites.join(", "))
        })?;
        let names = names(root, program, text)?;
        ensure!(
            !names.is_empty(),
            "no test of `{suite}` has `{text}` in its name"
        );
        let mut command = cargo_test(root);
        command.args(["--test", &program.name, "--"]);
        if program.has_cases() {
            command.arg(format!("{suite}/{text}"));
        } else {
            command.arg("--exact").args(names);
        }
        run(&mut command)?;
    }
    Ok(())
}

/// Components run once here, so that compiling them fast counts (`docs/reference/environment.md`).
fn cargo_test(root: &Path) -> Command {
    const COMPILER: &str = "COMPONENTIZE_PY_COMPILER";
    let mut cargo = cargo(root);
    if env::var_os(COMPILER).is_none() {
        cargo.env(COMPILER, "winch");
    }
    cargo.args(["test", "--release", "--workspace", "--no-fail-fast"]);
    cargo
}

/// A suite, and Cargo's name for the program of its tests.
struct Program {
    suite: String,
    name: String,
}

impl Program {
    fn has_cases(&self) -> bool {
        OF_CASES.contains(&&*self.name)
    }
}

/// All suites: the files in `tests/PROGRAM`, and in `tests` of the other packages.
fn programs(root: &Path) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for name in OF_CASES.into_iter().chain([OF_FUNCTIONS]) {
        for suite in sources(&root.join("tests").join(name))? {
            programs.push(Program {
                suite,
                name: name.to_owned(),
            });
        }
    }
    let mut packages = vec![root.join("guest"), root.join("spin-host")];
    for entry in fs::read_dir(root.join("crates"))? {
        packages.push(entry?.path());
    }
    for package in packages {
        for suite in sources(&package.join("tests"))? {
            programs.push(Program {
                name: suite.clone(),
                suite,
            });
        }
    }
    programs.sort_by(|one, other| one.suite.cmp(&other.suite));
    Ok(programs)
}

/// The Rust files in a directory, without their suffix, except the one that only contains the others.
fn sources(directory: &Path) -> Result<Vec<String>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let paths = paths.collect::<Result<Vec<PathBuf>>>()?;
    let rust = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let names = rust.filter_map(|path| path.file_stem()?.to_str());
    Ok(names
        .filter(|name| *name != "main")
        .map(str::to_owned)
        .collect())
}

/// The tests of a suite that have this text in their names, as the program lists them.
fn names(root: &Path, program: &Program, text: &str) -> Result<Vec<String>> {
    let mut list = cargo_test(root);
    list.args(["--test", &program.name, "--", "--list"]);
    let output = list
        .stderr(Stdio::inherit())
        .output()
        .context("failed to start cargo")?;
    if !output.status.success() {
        bail!("cargo failed: {}", output.status);
    }
    let output = String::from_utf8(output.stdout)?;
    let all = output
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let of_suite = |name: &&str| {
        let name = name.replace("::", "/");
        let case = if program.name == program.suite {
            Some(&*name)
        } else {
            let rest = name.strip_prefix(&program.suite);
            rest.and_then(|rest| rest.strip_prefix('/'))
        };
        case.is_some_and(|case| case.contains(text))
    };
    Ok(all.filter(of_suite).map(str::to_owned).collect())
}
