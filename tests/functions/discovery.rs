//! The places where packages are found, and users' paths: links, spaces, letters beyond ASCII, nested roots.
//!
//! A package is found if the build with its world succeeds: the world lies in the package, and the app imports it.

#![cfg(unix)]

mod archives;
mod editable;

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fs_err as fs;

const SITE_PACKAGES: &str = "lib/python3.14/site-packages";
const APP: &str = "import sdk\nfrom sdk import helper\n\n\nclass SdkGen:\n    def run(self) -> str:\n        return helper.NAME\n";

/// A project in a directory whose name has a space and letters beyond ASCII.
struct Project {
    temporary: tempfile::TempDir,
    root: PathBuf,
}

impl Project {
    fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let root = temporary.path().join("Ürün klasörü");
        let project = Self { temporary, root };
        project.write("app.py", APP);
        project
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("can be made");
        fs::write(&path, text).expect("can be written");
        path
    }

    /// The package `sdk`, with WIT of its own.
    fn sdk(&self, directory: &str) {
        let file = |name: &str| format!("{directory}/sdk/{name}");
        self.write(&file("__init__.py"), "");
        self.write(&file("helper.py"), "NAME = 'sdk'\n");
        self.write(&file("gen/__init__.py"), "");
        self.write(
            &file("componentize-py.toml"),
            "wit_directory = \"the wit\"\nbindings = \"gen\"\n",
        );
        self.write(
            &file("the wit/world.wit"),
            "package a:sdk;\nworld guest { export run: func() -> string; }\n",
        );
    }

    /// A program that prints a line, in a directory for `PATH`.
    fn program(&self, name: &str, prints: &str) -> PathBuf {
        let path = self.write(
            &format!("bin/{name}"),
            &format!("#!/bin/sh\necho '{prints}'\n"),
        );
        fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
            .expect("can be made executable");
        self.root.join("bin")
    }

    fn build(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Output {
        self.build_with(&[], arguments, environment)
    }

    fn build_verbosely(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Output {
        self.build_with(&["-v"], arguments, environment)
    }

    fn build_with(
        &self,
        shared: &[&str],
        arguments: &[&str],
        environment: &[(&str, &Path)],
    ) -> Output {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_componentize-py"));
        tool.args(shared);
        tool.args(["-w", "guest", "componentize", "app", "-o", "out.wasm"])
            .args(arguments)
            .current_dir(&self.root)
            .env_remove("VIRTUAL_ENV")
            .env("PATH", "/nonexistent");
        for (name, value) in environment {
            tool.env(name, value);
        }
        tool.output().expect("the tool starts")
    }

    fn assert_builds(&self, arguments: &[&str], environment: &[(&str, &Path)]) {
        let output = self.build(arguments, environment);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{message}");
        assert!(self.root.join("out.wasm").exists());
    }
}

#[test]
fn in_the_virtual_environment() {
    let project = Project::new();
    project.sdk(&format!("my env/{SITE_PACKAGES}"));
    let environment = project.root.join("my env");
    project.assert_builds(&[], &[("VIRTUAL_ENV", &environment)]);
}

#[test]
fn in_the_environment_of_pipenv() {
    let project = Project::new();
    project.sdk(&format!("env/{SITE_PACKAGES}"));
    let bin = project.program("pipenv", &project.root.join("env").display().to_string());
    project.assert_builds(&[], &[("PATH", &bin)]);
}

#[test]
fn in_the_environment_of_uv() {
    let project = Project::new();
    project.sdk(&format!(".venv/{SITE_PACKAGES}"));
    project.write(".venv/pyvenv.cfg", "home = /usr\n");
    project.assert_builds(&[], &[]);
}

#[test]
fn in_the_environment_of_python3() {
    let project = Project::new();
    let environment = project.root.join("real");
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&environment)
        .status();
    assert!(made.expect("python3 starts").success());
    let lib = fs::read_dir(environment.join("lib"))
        .expect("it has a library")
        .next();
    let version = lib.expect("of one version").expect("readable").file_name();
    project.sdk(&format!(
        "real/lib/{}/site-packages",
        version.to_string_lossy()
    ));
    // Its `python3` comes first, but it is not the active environment.
    project.assert_builds(&[], &[("PATH", &environment.join("bin"))]);
}

/// Not even a warning, whatever lies there.
#[test]
fn what_the_system_has_is_left_alone() {
    let project = Project::new();
    // Not below the project, where its WIT would be found.
    project.sdk("../system");
    let foreign = project.write("../system/cryptography.abi3.so", "\x7fELF");
    let system = project.temporary.path().join("system");
    let bin = project.program("python3", &system.display().to_string());
    let alone: [(&str, &Path); 1] = [("PATH", &bin)];
    project.write("app.py", "try:\n    import cryptography\nexcept ImportError:\n    pass\nclass WitWorld:\n    def run(self) -> str:\n        return ''\n");
    project.write(
        "wit/world.wit",
        "package a:b;\nworld guest { export run: func() -> string; }\n",
    );
    let output = project.build(&[], &alone);
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    // It is there, as the option shows.
    let output = project.build(&["--system-packages"], &alone);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("cryptography"), "{message}");
    fs::remove_file(foreign).expect("it is there");

    project.write("app.py", "import sdk\n");
    let output = project.build(&[], &alone);
    let message = String::from_utf8_lossy(&output.stderr);
    let hint = format!(
        "hint: the system's `python3` has it, in `{}`, where nothing is searched unless `--system-packages` asks for it;",
        system.display()
    );
    assert!(message.contains(&hint), "{message}");
    fs::remove_dir_all(project.root.join("wit")).expect("it is there");
    project.write("app.py", APP);
    let output = project.build(&[], &alone);
    let message = String::from_utf8_lossy(&output.stderr);
    let hint = "; `--system-packages` also searches those of the system's `python3`\n";
    assert!(message.ends_with(hint), "{message}");
    project.assert_builds(&["--system-packages"], &alone);
}

#[test]
fn nowhere() {
    let project = Project::new();
    let output = project.build(&[], &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        message.starts_with("error: no WIT was given, so there is no world `guest`\n"),
        "{message}"
    );
}

#[test]
fn through_a_link_that_leaves_the_search_path() {
    let project = Project::new();
    project.sdk("elsewhere");
    fs::create_dir_all(project.root.join("deps")).expect("can be made");
    symlink("../elsewhere/sdk", project.root.join("deps/sdk")).expect("can be linked");
    // And one that leads back up, which no walk may follow for ever.
    symlink("..", project.root.join("deps/loop")).expect("can be linked");
    // Directories that lead to each other, as in trees of pnpm: each is walked once.
    let tangle: Vec<PathBuf> = (0..12)
        .map(|n| project.root.join(format!("tangle/t{n}")))
        .collect();
    for one in &tangle {
        fs::create_dir_all(one).expect("can be made");
        symlink(
            one,
            project
                .root
                .join("deps")
                .join(one.file_name().expect("named")),
        )
        .expect("can be linked");
        for other in &tangle {
            symlink(other, one.join(other.file_name().expect("named"))).expect("can be linked");
        }
    }
    project.assert_builds(&["-p", ".", "-p", "deps"], &[]);
}

/// Links that build systems and `uv pip install --link-mode symlink` make: every file is a link, and so may the app be.
#[test]
fn through_links_to_files() {
    let project = Project::new();
    project.sdk("cache");
    project.write("cache/sdk/deeper/__init__.py", "from . import beside\n");
    project.write("cache/sdk/deeper/beside.py", "");
    let linked = project.root.join(format!("env/{SITE_PACKAGES}/sdk"));
    let cache = project.root.join("cache/sdk");
    for file in [
        "__init__.py",
        "helper.py",
        "gen/__init__.py",
        "componentize-py.toml",
        "the wit/world.wit",
    ] {
        let link = linked.join(file);
        fs::create_dir_all(link.parent().expect("below the root")).expect("can be made");
        symlink(cache.join(file), link).expect("can be linked");
    }
    symlink(cache.join("deeper"), linked.join("deeper")).expect("can be linked");
    project.write("shared/app.py", &format!("import sdk.deeper\n{APP}"));
    fs::create_dir_all(project.root.join("linked")).expect("can be made");
    symlink("../shared/app.py", project.root.join("linked/app.py")).expect("can be linked");
    let environment = project.root.join("env");
    // Both lie outside the places of package managers.
    let refused = project.build(&["-p", "linked"], &[("VIRTUAL_ENV", &environment)]);
    assert_eq!(refused.status.code(), Some(1));
    let follow = ["--follow-links", "shared", "--follow-links", "cache"];
    let arguments = [&["-p", "linked"][..], &follow].concat();
    project.assert_builds(&arguments, &[("VIRTUAL_ENV", &environment)]);
}

#[test]
fn below_the_directory_of_the_app() {
    let project = Project::new();
    // The outer root would take `vendor` for the package: the deeper one knows better.
    project.sdk("vendor/packages");
    project.assert_builds(&["-p", ".", "-p", "vendor/packages"], &[]);
}

/// A `-p` directory that an installer has filled replaces the packages of the first `python3`, which is never started.
#[test]
fn installed_beside_the_app() {
    let project = Project::new();
    project.sdk("deps");
    project.write("env/pyvenv.cfg", "");
    project.write(&format!("env/{SITE_PACKAGES}/other.py"), "");
    let python = project.write("env/bin/python3", "#!/bin/sh\ntouch was-asked\n");
    fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755))
        .expect("can be made executable");
    let bin = python.with_file_name("");
    let path = path_with(&bin);
    let build = || {
        let output = project.build_verbosely(&["-p", ".", "-p", "deps"], &[("PATH", &path)]);
        String::from_utf8(output.stderr).expect("messages are text")
    };
    assert!(build().contains(SITE_PACKAGES));
    project.write("deps/sdk-1.0.dist-info/METADATA", "");
    assert!(!build().contains(SITE_PACKAGES));
    assert!(project.root.join("out.wasm").exists());
    assert!(!project.root.join("was-asked").exists());
}

#[test]
fn which_directory_is_searched_is_said_on_request() {
    let project = Project::new();
    project.sdk(&format!("env/{SITE_PACKAGES}"));
    let environment = project.root.join("env");
    let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
        .args(["-v", "-w", "guest", "componentize", "app", "-o", "out.wasm"])
        .current_dir(&project.root)
        .env("VIRTUAL_ENV", &environment)
        .output()
        .expect("the tool starts");
    let message = String::from_utf8_lossy(&output.stderr);
    let line = format!("packages: {}/{SITE_PACKAGES}\n", environment.display());
    assert!(message.contains(&line), "{message}");
}

/// A program that never answers is ended, and named.
#[test]
fn pipenv_hangs() {
    let project = Project::new();
    project.sdk("deps");
    let bin = project.program("pipenv", "");
    project.write("bin/pipenv", "#!/bin/sh\nexec sleep 3600\n");
    let started = std::time::Instant::now();
    let output = project.build(&["-p", ".", "-p", "deps"], &[("PATH", &path_with(&bin))]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
    assert!(
        message.contains("warning: `pipenv` is not waited for"),
        "{message}"
    );
    assert!(started.elapsed().as_secs() < 600);
}

/// The programs of the system, without any Python, after our own.
fn path_with(bin: &Path) -> PathBuf {
    let system = bin.with_file_name("system");
    fs::create_dir_all(&system).expect("can be made");
    for name in ["sleep", "touch"] {
        let found = ["/usr/bin", "/bin"]
            .iter()
            .map(|directory| Path::new(directory).join(name))
            .find(|program| program.exists());
        // Another call may have made it.
        let _ = symlink(found.expect("the system has it"), system.join(name));
    }
    PathBuf::from(format!("{}:{}", bin.display(), system.display()))
}
