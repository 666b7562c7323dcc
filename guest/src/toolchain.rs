//! The compiler of the guest: clang, wasm-ld and ar of the `ziglang` wheel, with cmake and ninja, in a separate environment.
//!
//! Comes in: the tools of sources.toml. Goes out: programs named `wasm32-wasip2-*`. Their output contains nothing but these
//! names. The variable [`FLAGS_VARIABLE`] carries flags with paths, which must not get into the output.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::Build;
use crate::fetch::{Places, SOURCES_VARIABLE};
use crate::hash::Key;
use crate::recipe::recipe;
use crate::run::{command, run};
use crate::sources::Tool;
use crate::stage;

pub const TARGET: &str = "wasm32-wasip2";

/// Split at blanks and put before the other arguments of clang.
pub const FLAGS_VARIABLE: &str = "GUEST_FLAGS";

/// The place in clang's resource folder where it looks for compiler-rt.
pub const BUILTINS: &str = "lib/wasm32-unknown-wasip2/libclang_rt.builtins.a";

pub struct Toolchain {
    folder: PathBuf,
    /// `bin` of the environment with cmake and ninja.
    pub tools: PathBuf,
    pub key: String,
}

impl Toolchain {
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(format!("{TARGET}-{name}"))
    }

    pub fn builtins(&self) -> PathBuf {
        self.folder.join("resource").join(BUILTINS)
    }

    /// A command that finds the toolchain, cmake and ninja by name.
    pub fn command(&self, program: &str) -> Result<Command> {
        let found = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder.join("bin"), self.tools.clone()]
            .into_iter()
            .chain(std::env::split_paths(&found));
        let mut command = command(program);
        command.env("PATH", std::env::join_paths(folders)?);
        Ok(command)
    }

    /// clang with a sysroot.
    pub fn clang(&self, flags: &str) -> Command {
        let mut command = command(self.program("clang"));
        command.env(FLAGS_VARIABLE, flags);
        command
    }
}

pub fn key(build: &Build) -> Result<String> {
    let tools = format!("{:?}", build.sources.tools);
    Ok(Key::new("toolchain")
        .text("tools", &tools)
        .text("recipe", &recipe(&[include_str!("toolchain.rs")])?)
        .finish())
}

pub fn build(build: &Build) -> Result<Toolchain> {
    let key = key(build)?;
    let folder = build.cache.stage("toolchain", &key);
    let environment = folder.join("tools");
    stage::build(&folder, |folder| {
        build
            .progress
            .step("installing clang, cmake and ninja with pip");
        let pins = requirements(&build.sources.tools);
        install_tools(&pins, &build.places, folder, &environment)?;
        build.progress.step("building compiler-rt");
        let zig = zig(&environment)?;
        write_programs(&zig, folder)?;
        build_builtins(&zig, folder)
    })?;
    Ok(Toolchain {
        tools: environment.join("bin"),
        folder,
        key,
    })
}

/// The lines by which pip accepts only wheels with these hashes.
pub fn requirements(tools: &[Tool]) -> String {
    let mut requirements = String::new();
    for tool in tools {
        requirements += &format!("{}=={}", tool.name, tool.version);
        for wheel in &tool.wheels {
            requirements += &format!(" --hash=sha256:{}", wheel.sha256);
        }
        requirements += "\n";
    }
    requirements
}

/// Makes an environment with the tools that the requirements name.
pub fn install_tools(
    requirements: &str,
    places: &Places,
    folder: &Path,
    environment: &Path,
) -> Result<()> {
    let list = folder.join("requirements.txt");
    fs_err::write(&list, requirements)?;
    let log = folder.join("pip.log");
    run(
        command("python3").args(["-m", "venv"]).arg(environment),
        &log,
    )?;
    let mut pip = command(environment.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
    ])
    .args(["--require-hashes", "-r"])
    .arg(&list);
    if let Some(supplied) = &places.supplied {
        pip.arg("--find-links").arg(supplied);
    }
    run(&mut pip, &log).with_context(|| {
        format!("pip could not install the compiler; wheels are also taken from the folder in `{SOURCES_VARIABLE}`")
    })
}

/// The one program that is clang, wasm-ld and ar; beside it is `lib/`.
pub fn zig(environment: &Path) -> Result<PathBuf> {
    let script = "import os, ziglang; print(os.path.dirname(ziglang.__file__))";
    let output = command(environment.join("bin/python"))
        .args(["-c", script])
        .output()
        .context("failed to run the tools' Python")?;
    let folder = String::from_utf8(output.stdout)?;
    Ok(Path::new(folder.trim()).join("zig"))
}

fn write_programs(zig: &Path, folder: &Path) -> Result<()> {
    let bin = folder.join("bin");
    let resource = folder.join("resource");
    fs_err::create_dir_all(&bin)?;
    fs_err::create_dir_all(&resource)?;
    fs_err::os::unix::fs::symlink(
        zig.with_file_name("lib").join("include"),
        resource.join("include"),
    )?;
    let zig = zig.display();
    // For wasip2, clang would link with a program that makes components. Named explicitly, wasm-ld makes the core modules
    // that we want.
    let clang = format!(
        "exec '{zig}' clang --target={TARGET} --start-no-unused-arguments -fuse-ld=lld \
         --end-no-unused-arguments -resource-dir '{}' -B '{}' ${FLAGS_VARIABLE} \"$@\"",
        resource.display(),
        bin.display()
    );
    // wasi-libc adds a component's type to the start of command programs, of which there are none here.
    let embed = "cp \"$4\" \"$8\"".to_owned();
    for (name, script) in [
        (format!("{TARGET}-clang"), clang),
        (format!("{TARGET}-ar"), format!("exec '{zig}' ar \"$@\"")),
        (
            format!("{TARGET}-ranlib"),
            format!("exec '{zig}' ranlib \"$@\""),
        ),
        (format!("{TARGET}-embed"), embed),
        ("wasm-ld".to_owned(), format!("exec '{zig}' wasm-ld \"$@\"")),
    ] {
        let path = bin.join(name);
        fs_err::write(&path, format!("#!/bin/sh\n{script}\n"))?;
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(&path, executable)?;
    }
    Ok(())
}

fn build_builtins(zig: &Path, folder: &Path) -> Result<()> {
    let target = folder.join("resource").join(BUILTINS);
    if let Some(parent) = target.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let scratch = folder.join("scratch");
    let library = zig.with_file_name("lib");
    let mut emit = std::ffi::OsString::from("-femit-bin=");
    emit.push(&target);
    run(
        command(zig)
            .args(["build-lib", "compiler_rt.zig", "-target", "wasm32-wasi"])
            .args(["-fPIC", "-O", "ReleaseFast", "-fstrip", "--cache-dir"])
            .arg(&scratch)
            .arg("--global-cache-dir")
            .arg(&scratch)
            .arg(emit)
            .current_dir(library),
        &folder.join("builtins.log"),
    )?;
    Ok(fs_err::remove_dir_all(scratch)?)
}
