//! `componentize-py install`, with pip, uv and a local index of tiny wheels, and once with the real index.

#![cfg(unix)]

mod building;
mod locks;
mod project;

use fs_err as fs;

use project::{ELF, Project, WASM, Wheel};

/// The wheel for WASI, then that for Emscripten, then that for any system; and never one for the machine of the build.
#[test]
fn wheels_for_components_come_first() {
    let project = Project::new();
    let host = "cp314-cp314-manylinux2014_x86_64.manylinux_2_17_x86_64";
    let tags = [
        "py3-none-any",
        host,
        "cp314-cp314-pyemscripten_2026_0_wasm32",
        "cp39-abi3-wasi_0_2_wasm32",
        "cp314-cp314-wasi_0_2_wasm32",
    ];
    for (count, name) in [(2, "pure"), (3, "half"), (4, "stable"), (5, "best")] {
        for tag in &tags[..count] {
            let module = format!("_{name}.so");
            let code = if *tag == host { ELF } else { WASM };
            let files = [(module.as_str(), code)];
            let files = if *tag == tags[0] { &[][..] } else { &files };
            project.wheel(&Wheel {
                name,
                tag,
                files,
                ..Wheel::default()
            });
        }
    }
    project.write("requirements.txt", "pure\nhalf\nstable\nbest\n");
    assert_eq!(project.installs(&[]), "4 packages installed into `deps`\n");
    let chosen = ["pure", "half", "stable", "best"].map(|name| project.tag(name));
    assert_eq!(chosen, [tags[0], tags[2], tags[3], tags[4]]);
    // No scripts, which name the Python of this machine, and no bytecode of its version.
    assert_eq!(
        project.deps(),
        [
            "_best.so",
            "_half.so",
            "_stable.so",
            "best.py",
            "half.py",
            "pure.py",
            "stable.py"
        ]
    );
}

/// Each marker has the value that Python has in a component.
#[test]
fn markers_are_those_of_a_component() {
    let project = Project::new();
    project.write(
        "wit/world.wit",
        "package a:b;\nworld w { export run: func(); }\n",
    );
    project.write(
        "app.py",
        "import os, platform, sys\n\
         markers = dict(\n\
         \x20   implementation_name=sys.implementation.name,\n\
         \x20   implementation_version='.'.join(map(str, sys.implementation.version[:3])),\n\
         \x20   os_name=os.name,\n\
         \x20   platform_machine=platform.machine(),\n\
         \x20   platform_python_implementation=platform.python_implementation(),\n\
         \x20   platform_release=platform.release(),\n\
         \x20   platform_system=platform.system(),\n\
         \x20   platform_version=platform.version(),\n\
         \x20   python_full_version=platform.python_version(),\n\
         \x20   python_version='.'.join(platform.python_version_tuple()[:2]),\n\
         \x20   sys_platform=sys.platform,\n\
         )\n\
         raise Exception('; ' + ' and '.join(f'{name} == \"{value}\"' for name, value in markers.items()) + ' #')\n",
    );
    let output = project.tool().args(["componentize", "app"]).output();
    let message = String::from_utf8(output.expect("the tool starts").stderr).expect("it is text");
    let (_, markers) = message.split_once("Exception: ; ").expect(&message);
    let (markers, _) = markers.split_once(" #").expect(&message);
    assert_eq!(markers.matches(" and ").count(), 10, "{markers}");
    for (name, requires) in [("mine", markers), ("theirs", "sys_platform == 'linux'")] {
        project.wheel(&Wheel {
            name,
            ..Wheel::default()
        });
        let requires = format!("{name}; {requires}");
        project.wheel(&Wheel {
            name: &format!("needs_{name}"),
            requires: &[&requires],
            ..Wheel::default()
        });
    }
    project.write("requirements.txt", "needs-mine\nneeds-theirs\n");
    project.installs(&[]);
    assert_eq!(
        project.deps(),
        ["mine.py", "needs_mine.py", "needs_theirs.py"]
    );
}

#[test]
fn a_wheel_of_this_machine_is_refused_by_name() {
    let project = Project::new();
    for tag in ["cp314-cp314-manylinux2014_x86_64", "cp314-cp314-win_amd64"] {
        project.wheel(&Wheel {
            name: "greenlet",
            tag,
            ..Wheel::default()
        });
    }
    // Older versions that do without it are not tried: pip would settle on one from years ago.
    for (version, requires) in [("2.0", &["greenlet"][..]), ("1.0", &[])] {
        project.wheel(&Wheel {
            name: "web",
            version,
            requires,
            ..Wheel::default()
        });
    }
    project.write("requirements.txt", "web\n");
    assert_eq!(
        project.refuses(&[]),
        "error: package `greenlet` has no wheel for components, only for Linux, Windows\n\n\
         hint: ask for a version that has a wheel for any system, WASI or Emscripten, try `componentize-py wheel`, or do without it\n"
    );
    assert!(!project.at("app/deps").exists());
    project.write("requirements.txt", "greenlett\n");
    assert_eq!(
        project.refuses(&[]),
        "error: package `greenlett` has no wheel for components: no index has a version of it that fits\n\n\
         hint: check its name, and whether pip asks the right index\n"
    );
    project.write("requirements.txt", "web=>3\n");
    let message = project.refuses(&[]);
    assert!(
        message.starts_with("error: a requirement cannot be read\n")
            && message.contains("web=>3")
            && message.ends_with("hint: write it as `NAME`, `NAME==VERSION` or `NAME>=VERSION`\n"),
        "{message}"
    );
    project.write("requirements.txt", "web==3\n");
    let message = project.refuses(&[]);
    assert!(
        message.starts_with("error: no versions of the packages fit together\n")
            && message.contains("web==3"),
        "{message}"
    );
}

#[test]
fn a_second_run_does_nothing_and_a_failed_one_neither() {
    let project = Project::new();
    for name in ["one", "two"] {
        project.wheel(&Wheel {
            name,
            ..Wheel::default()
        });
    }
    project.write("requirements.txt", "-r more.txt\ntwo\n");
    project.write("more.txt", "one\n");
    assert_eq!(project.installs(&[]), "2 packages installed into `deps`\n");
    // Nothing is asked: there is neither pip nor uv.
    let mut tool = project.tool();
    tool.arg("install").env("PATH", "/nonexistent");
    let output = tool.output().expect("the tool starts");
    assert_eq!(project.succeeded(&output), "`deps` is up to date\n");
    let mut tool = project.tool();
    tool.args(["install", "--upgrade"])
        .env("PATH", "/nonexistent");
    let output = tool.output().expect("the tool starts");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: there is neither a Python with pip nor uv\n\nhint: install Python with pip, or uv\n"
    );
    // A package that is not named any more goes; a change in an included file counts.
    project.write("more.txt", "# nothing\n");
    assert_eq!(project.installs(&[]), "1 package installed into `deps`\n");
    assert_eq!(project.deps(), ["two.py"]);
    project.write("more.txt", "three\n");
    project.refuses(&[]);
    assert_eq!(project.deps(), ["two.py"]);
    // What somebody has deleted is installed again.
    project.write("more.txt", "# nothing\n");
    fs::remove_file(project.at("app/deps/two.py")).expect("it is there");
    assert_eq!(project.installs(&[]), "1 package installed into `deps`\n");
    assert_eq!(project.deps(), ["two.py"]);
}

#[test]
fn nothing_of_the_users_is_replaced() {
    let project = Project::new();
    project.write("requirements.txt", "");
    project.write("deps/own.py", "");
    let refused = "error: `deps` has content that was not installed by `componentize-py`\n\n\
                   hint: it would be replaced: move it away, or name another directory with `-t/--target`\n";
    assert_eq!(project.refuses(&[]), refused);
    assert_eq!(project.deps(), ["own.py"]);
    fs::remove_dir_all(project.at("app/deps")).expect("it is there");
    fs::create_dir(project.at("elsewhere")).expect("can be made");
    std::os::unix::fs::symlink(project.at("elsewhere"), project.at("app/deps"))
        .expect("can be linked");
    assert_eq!(project.refuses(&[]), refused);
    assert_eq!(
        project.installs(&["-t", "a/b"]),
        "0 packages installed into `a/b`\n"
    );
}

#[test]
fn tables_of_a_project() {
    let project = Project::new();
    for name in ["base", "web", "db", "test"] {
        project.wheel(&Wheel {
            name,
            ..Wheel::default()
        });
    }
    project.write(
        "pyproject.toml",
        "[project]\nname = 'own'\ndependencies = ['base']\n\
         [project.optional-dependencies]\nweb = ['web']\nall = ['own[web]', 'db']\n\
         [dependency-groups]\ntest = ['test']\nmore = [{ include-group = 'test' }]\n",
    );
    project.installs(&[]);
    assert_eq!(project.deps(), ["base.py"]);
    project.installs(&["--extra", "all", "--group", "more"]);
    assert_eq!(project.deps(), ["base.py", "db.py", "test.py", "web.py"]);
    assert_eq!(
        project.refuses(&["--extra", "al"]),
        "error: `pyproject.toml` has no extra `al`\n\nhint: there are: `all`, `web`\n"
    );
    let there = project.at("app");
    let mut tool = project.tool();
    tool.current_dir("/").arg("install").arg(&there);
    let output = tool.output().expect("the tool starts");
    let printed = project.succeeded(&output);
    assert!(
        printed.starts_with("1 package installed into `/"),
        "{printed}"
    );
}
