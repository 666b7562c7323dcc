//! Hashes and lock files.

use std::process::Command;

use fs_err as fs;

use super::project::{ELF, Project, WASM, Wheel};
use crate::support;

#[test]
fn hashes_are_checked() {
    let project = Project::new();
    let hash = project.wheel(&Wheel {
        name: "one",
        ..Wheel::default()
    });
    let requirements = |hash: &str| {
        project.write(
            "requirements.txt",
            &format!("one==1.0 --hash=sha256:{hash}\n"),
        );
    };
    requirements(&hash);
    project.installs(&[]);
    requirements(&hash.chars().rev().collect::<String>());
    let message = project.refuses(&[]);
    assert!(
        message.starts_with("error: the packages do not have the hashes that are required\n"),
        "{message}"
    );
    assert_eq!(project.deps(), ["one.py"]);
}

/// The wheel in a lock file is chosen by the tags of the guest, and its marker decides.
#[test]
fn lock_files_choose_for_components() {
    let project = Project::new();
    let host = "cp314-cp314-manylinux2014_x86_64";
    let guest = "cp314-cp314-wasi_0_2_wasm32";
    let wheel = |name: &str, tag: &str, code: &str| {
        let hash = project.wheel(&Wheel {
            name,
            tag,
            files: &[("code.so", code)],
            ..Wheel::default()
        });
        format!("{{ path = '../index/{name}-1.0-{tag}.whl', hashes = {{ sha256 = '{hash}' }} }}")
    };
    let package = |name: &str, marker: &str, wheels: &[String]| {
        format!(
            "[[packages]]\nname = '{name}'\nversion = '1.0'\nmarker = {marker:?}\nwheels = [{}]\n",
            wheels.join(", ")
        )
    };
    let head = "lock-version = '1.0'\nrequires-python = '>=3.12'\ndefault-groups = []\n";
    let both = [wheel("both", host, ELF), wheel("both", guest, WASM)];
    let alone = [wheel("alone", host, ELF)];
    let text = [
        head.to_owned(),
        package("both", "sys_platform == 'wasi'", &both),
        package("alone", "sys_platform == 'linux'", &alone),
    ]
    .concat();
    project.write("pylock.toml", &text);
    assert_eq!(project.installs(&[]), "1 package installed into `deps`\n");
    assert_eq!(project.tag("both"), guest);
    // The places of wheels on this machine are not kept.
    let origin = project.at("app/deps/both-1.0.dist-info/direct_url.json");
    assert!(!origin.exists());

    let hash_of_another = text.replace("sha256 = '", "sha256 = '00");
    for (text, message) in [
        (
            text.replace("'linux'", "'wasi'"),
            "error: package `alone 1.0` has no wheel for components, only for Linux\n",
        ),
        (
            text.replace(">=3.12", "<3.14"),
            "error: the lock file `pylock.toml` is for Python <3.14, and components have 3.14.7\n",
        ),
        (
            text.replace("lock-version = '1.0'", "lock-version = '2.0'"),
            "error: the lock file `pylock.toml` has no `lock-version` that begins with `1.`\n",
        ),
        (
            hash_of_another,
            "error: the packages do not have the hashes that are required\n",
        ),
        ("lock".to_owned(), "error: cannot parse `pylock.toml`\n"),
    ] {
        project.write("pylock.toml", &text);
        let found = project.refuses(&[]);
        assert!(found.starts_with(message), "{found}");
    }
    assert_eq!(project.tag("both"), guest);
}

/// `uv.lock`, and what `[tool.uv.sources]` names: uv reads these, and the choice is the same.
#[test]
fn projects_of_uv() {
    let tools = support::python_venv(&["uv==0.9.5", "pip==26.1"]);
    let bin = tools.parent().expect("it is in `bin`");
    let project = Project::new();
    for tag in [
        "cp314-cp314-manylinux2014_x86_64",
        "cp314-cp314-pyemscripten_2026_0_wasm32",
    ] {
        project.wheel(&Wheel {
            name: "native",
            tag,
            ..Wheel::default()
        });
    }
    for name in ["pure", "theirs"] {
        project.wheel(&Wheel {
            name,
            ..Wheel::default()
        });
    }
    project.backend(&project.at("app/lib"), "beside", "beside.py", "");
    project.write(
        "pyproject.toml",
        "[project]\nname = 'own'\nversion = '1.0'\nrequires-python = '>=3.11'\n\
         dependencies = ['native', 'beside', \"theirs; sys_platform == 'linux'\"]\n\
         [dependency-groups]\ndev = ['pure']\n\
         [tool.uv.sources]\nbeside = { path = 'lib' }\n",
    );
    let refused = project.refuses(&["--installer", "pip"]);
    assert!(
        refused.starts_with("error: `beside` in `[tool.uv.sources]` needs uv\n"),
        "{refused}"
    );
    let path = std::env::var("PATH").expect("it is set");
    let path = format!("{}:{path}", bin.display());
    let install = |options: &[&str]| {
        let mut tool = project.tool();
        tool.env("PATH", &path).arg("install").args(options);
        tool.output().expect("the tool starts")
    };
    // uv has resolved it without a look at sources, but there may be some.
    let manifest = fs::read_to_string(project.at("app/pyproject.toml")).expect("it is text");
    let alone = "[project]\nname = 'own'\nversion = '1.0'\ndependencies = ['host']\n[tool.uv]\n";
    project.write("pyproject.toml", alone);
    project.wheel(&Wheel {
        name: "host",
        tag: "cp314-cp314-manylinux2014_x86_64",
        ..Wheel::default()
    });
    let message = String::from_utf8(install(&[]).stderr).expect("it is text");
    assert!(
        message.starts_with(
            "error: package `host 1.0` has no wheel for components, only for Linux\n\nhint: `--build` builds it"
        ),
        "{message}"
    );
    project.write("pyproject.toml", &manifest);
    project.succeeded(&install(&["--build"]));
    assert_eq!(project.deps(), ["beside.py", "native.py"]);
    assert_eq!(
        project.tag("native"),
        "cp314-cp314-pyemscripten_2026_0_wasm32"
    );

    let lock = |project: &Project| {
        let mut uv = Command::new(bin.join("uv"));
        let own = project.tool();
        uv.args(["lock", "--no-python-downloads"])
            .current_dir(project.at("app"));
        for (name, value) in own.get_envs() {
            if let Some(value) = value {
                uv.env(name, value);
            }
        }
        let output = uv.output().expect("uv starts");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{message}");
    };
    lock(&project);
    project.succeeded(&install(&["--build", "--group", "dev"]));
    assert_eq!(project.deps(), ["beside.py", "native.py", "pure.py"]);
    project.write("pyproject.toml", &manifest.replace("'native', ", ""));
    let output = install(&["--build"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        message,
        "error: `uv.lock` does not fit the project any more\n\nhint: write it again with `uv lock`\n"
    );
}
