//! Editable installs, each made by the real tool.

use std::path::Path;
use std::process::Command;

use super::{Project, fs};
use crate::support;

/// The tools that make them.
const TOOLS: [&str; 5] = [
    "setuptools==80.9.0",
    "wheel==0.45.1",
    "hatchling==1.27.0",
    "editables==0.5",
    "uv==0.9.5",
];

const SETUPTOOLS: &str =
    "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n
[project]\nname = 'the-sdk'\nversion = '1.0'\n
[tool.setuptools.package-data]\nsdk = ['**/*']\n";
const HATCHLING: &str =
    "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n
[project]\nname = 'the-sdk'\nversion = '1.0'\n
[tool.hatch.build.targets.wheel]\n";

struct Install<'a> {
    manifest: &'a str,
    /// Where the package lies in its project.
    source: &'a str,
    with_uv: bool,
    settings: &'a [&'a str],
}

/// Installs `sdk` from a directory beside the app, and builds the app with the environment that it is installed in.
fn check(install: &Install<'_>) {
    let tools = support::python_venv(&TOOLS);
    let project = Project::new();
    project.write("their sdk/pyproject.toml", install.manifest);
    project.sdk(&format!("their sdk{}", install.source));
    let environment = project.root.join("env");
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&environment)
        .status();
    assert!(made.expect("python3 starts").success());
    let python = environment.join("bin/python");
    let sdk = project.root.join("their sdk");
    let mut command = match install.with_uv {
        true => {
            let mut uv = Command::new(tools.with_file_name("uv"));
            uv.args([
                "pip",
                "install",
                "--offline",
                "--no-cache",
                "--no-index",
                "--python",
            ])
            .arg(&python);
            uv
        }
        false => {
            let mut pip = Command::new(&tools);
            pip.args(["-m", "pip", "--disable-pip-version-check", "--python"])
                .arg(&python);
            pip.args(["install", "--no-index"]);
            pip
        }
    };
    command
        .args(["--no-build-isolation", "--no-deps"])
        .args(install.settings)
        .arg("-e")
        .arg(&sdk);
    // The environment has nothing else in it, so the build finds its tools here.
    command.env(
        "PYTHONPATH",
        site_packages(
            tools
                .parent()
                .and_then(Path::parent)
                .expect("it is in `bin`"),
        ),
    );
    command.env_remove("VIRTUAL_ENV");
    let output = command.output().expect("it starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !site_packages(&environment).join("sdk").exists(),
        "it is no editable install"
    );
    project.assert_builds(&[], &[("VIRTUAL_ENV", &environment)]);
    // The source matters, and not its state at the time of the installation.
    fs::remove_file(project.root.join("out.wasm")).expect("it was built");
    project.write(
        "app.py",
        &format!("{}assert helper.NAME == 'new'\n", super::APP),
    );
    let early = project.build(&[], &[("VIRTUAL_ENV", &environment)]);
    assert_eq!(early.status.code(), Some(1));
    project.write(
        &format!("their sdk{}/sdk/helper.py", install.source),
        "NAME = 'new'\n",
    );
    project.assert_builds(&[], &[("VIRTUAL_ENV", &environment)]);
}

/// The packages of an environment, whatever its Python's version.
fn site_packages(environment: &Path) -> std::path::PathBuf {
    let mut versions = fs::read_dir(environment.join("lib")).expect("it has a library");
    let version = versions.next().expect("of one version").expect("readable");
    version.path().join("site-packages")
}

const PLAIN: Install<'_> = Install {
    manifest: SETUPTOOLS,
    source: "",
    with_uv: false,
    settings: &[],
};

/// A flat layout has a finder.
#[test]
fn by_setuptools() {
    check(&Install {
        manifest: &format!("{SETUPTOOLS}\n[tool.setuptools]\npackages = ['sdk', 'sdk.gen']\n"),
        ..PLAIN
    });
}

/// A directory of links.
#[test]
fn by_setuptools_strictly() {
    let settings = &["--config-settings", "editable_mode=strict"];
    check(&Install {
        source: "/src",
        settings,
        ..PLAIN
    });
}

/// A path.
#[test]
fn by_setuptools_with_src() {
    check(&Install {
        source: "/src",
        ..PLAIN
    });
}

#[test]
fn by_hatchling() {
    check(&Install {
        manifest: &format!("{HATCHLING}packages = ['src/sdk']\n"),
        source: "/src",
        ..PLAIN
    });
}

/// A finder of the package `editables`.
#[test]
fn by_hatchling_under_another_name() {
    let manifest = HATCHLING.replace(
        "[tool.hatch.build.targets.wheel]",
        "[tool.hatch.build]\ndev-mode-exact = true\npackages = ['lib/sdk']",
    );
    check(&Install {
        manifest: &manifest,
        source: "/lib",
        ..PLAIN
    });
}

#[test]
fn by_uv() {
    check(&Install {
        source: "/src",
        with_uv: true,
        ..PLAIN
    });
    let manifest = format!("{HATCHLING}packages = ['sdk']\n");
    check(&Install {
        manifest: &manifest,
        with_uv: true,
        ..PLAIN
    });
}
