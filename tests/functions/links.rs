//! The sandbox sees only the app's own files. Tries ways in which an app, or a stranger's checkout, may get a file of this
//! machine into the component, and checks the links that are followed.

mod machine;
mod refused;

use std::process::Command;

use fs_err as fs;

use machine::{CLASS, Machine, OPEN, SECRET, SITE_PACKAGES, THIEF, WIT};

#[test]
fn nothing_of_the_machine_gets_in() {
    let machine = Machine::new();
    let outside = machine.root.join("outside");
    machine.app(&format!("OUTSIDE = {outside:?}\n{THIEF}"));
    machine.write("app/pkg/__init__.py", "");
    machine.write("app/pkg/inside.txt", OPEN);
    machine.write("app/elsewhere/inside.txt", OPEN);
    machine.write("allowed/inside.txt", OPEN);
    let secret = outside.join("secret.txt");
    machine.link("app/pkg/absolute.txt", &secret);
    machine.link("app/pkg/relative.txt", "../../outside/secret.txt");
    machine.link("app/pkg/directory", &outside);
    machine.link("app/pkg/near", "../../outside");
    machine.link("app/pkg/chain.txt", "chain2.txt");
    machine.link("app/pkg/chain2.txt", &secret);
    machine.link("app/pkg/over/chain.txt", "../directory/secret.txt");
    machine.link("app/pkg/environ.txt", "/proc/self/environ");
    machine.link("app/pkg/cwd.txt", "/proc/self/cwd/../outside/secret.txt");
    machine.link("app/pkg/process", "/proc/self");
    machine.link("app/pkg/root", "/");
    machine.link("app/pkg/stdin.txt", "/dev/stdin");
    machine.link("app/pkg/stdin2.txt", "/proc/self/fd/0");
    machine.link("app/pkg/devices", "/dev");
    machine.link("app/pkg/system", "/sys");
    machine.link("app/pkg/loop", ".");
    machine.link("app/pkg/up", "..");
    machine.link("app/pkg/round.txt", "round.txt");
    // A way that leaves the allowed directories and comes back is not allowed either.
    machine.link("outside/back", machine.root.join("app/elsewhere"));
    machine.link("app/pkg/back.txt", outside.join("back/inside.txt"));
    machine.link(&format!("{SITE_PACKAGES}/lib/data.txt"), &secret);
    machine.link(&format!("{SITE_PACKAGES}/lib/all"), &outside);
    // An allowed directory may hold links of its own.
    machine.link("app/pkg/allowed", machine.root.join("allowed"));
    machine.link("allowed/secret.txt", &secret);
    machine.link("allowed/directory", &outside);
    let pipe = machine.root.join("app/pkg/pipe");
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.expect("mkfifo starts").success());
    let _socket =
        std::os::unix::net::UnixListener::bind(machine.root.join("app/pkg/socket")).expect("bound");

    let allowed = machine.root.join("allowed");
    let allowed = allowed.to_str().expect("it is Unicode");
    let message = machine.build(&["--follow-links", allowed]);
    assert!(message.contains("stolen: []\n"), "{message}");
    assert!(message.contains("tried: True\n"), "{message}");
    assert_eq!(machine.component_holds(), (false, true), "{message}");
    assert!(
        message.contains("`pkg/absolute.txt` is left out"),
        "{message}"
    );
}

/// An app that reads a file by its name while being imported is told why it is missing.
#[test]
fn an_app_that_asks_is_told() {
    let machine = Machine::new();
    let outside = machine.root.join("outside");
    machine.write("app/pkg/__init__.py", "");
    machine.link("app/pkg/env.txt", "/proc/self/environ");
    machine.link("app/pkg/late.py", outside.join("secret_module.py"));
    machine.link("app/stolen", &outside);
    machine.link("app/pkg/_native.so", outside.join("secret.txt"));
    machine.link("app/pkg/_other.abi3.so", "/dev/zero");
    let pipe = machine.root.join("app/pkg/pipe.txt");
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.expect("mkfifo starts").success());
    for (app, link, target) in [
        (
            "open(__file__.replace('app.py', 'pkg/env.txt')).read()",
            "pkg/env.txt",
            "/proc/self/environ",
        ),
        (
            "import importlib.resources\nimportlib.resources.files('pkg').joinpath('env.txt').read_text()",
            "pkg/env.txt",
            "/proc/self/environ",
        ),
        ("import pkg.late", "pkg/late.py", "secret_module.py"),
        ("from pkg import late", "pkg/late.py", "secret_module.py"),
        ("import stolen.secret_module", "stolen", "outside"),
        ("import pkg._native", "pkg/_native.so", "secret.txt"),
        ("from pkg import _other", "pkg/_other.abi3.so", "/dev/zero"),
        (
            "open(__file__.replace('app.py', 'pkg/pipe.txt')).read()",
            "pkg/pipe.txt",
            "a named pipe",
        ),
    ] {
        machine.app(&format!("{app}\n"));
        let message = machine.refused(&[]);
        let first = message.lines().find(|line| line.starts_with("error: "));
        let first = first.unwrap_or_else(|| panic!("{message}"));
        assert!(
            first.starts_with(&format!("error: `{link}` is ")),
            "{message}"
        );
        assert!(first.contains(target), "{message}");
    }
    // An app that does without it is built.
    machine.app("try:\n    import pkg.late\nexcept ImportError:\n    pass\n");
    let message = machine.build(&[]);
    let warning = "warning: `pkg/late.py` is left out: it is a link out of the search path, to `";
    assert!(message.contains(warning), "{message}");
    assert_eq!(machine.component_holds(), (false, false));
}

#[test]
fn the_app_may_not_be_a_link_either() {
    let machine = Machine::new();
    machine.link("app/app.py", machine.root.join("outside/secret.txt"));
    let message = machine.refused(&[]);
    assert!(message.contains("error: `app.py` is a link"), "{message}");
    fs::remove_file(machine.root.join("app/app.py")).expect("it is there");
    machine.write("outside/app/__init__.py", CLASS);
    machine.link("app/app", machine.root.join("outside/app"));
    let message = machine.refused(&[]);
    assert!(message.contains("error: `app` is a link"), "{message}");
    machine.build(&["--follow-links", "../outside"]);
}

/// Parsers show lines that they do not understand. None of them may come from secret files.
#[test]
fn wit_and_configurations_print_nothing_secret() {
    let machine = Machine::new();
    machine.app("");
    let secret = machine.root.join("outside/secret.txt");
    machine.link("app/wit/other.wit", &secret);
    let message = machine.refused(&[]);
    assert!(message.contains("wit/other.wit` is a link to"), "{message}");
    fs::remove_file(machine.root.join("app/wit/other.wit")).expect("it is there");
    machine.link("app/wit/deps/other/world.wit", "/proc/self/environ");
    let message = machine.refused(&[]);
    assert!(message.contains("world.wit` is "), "{message}");
    fs::remove_dir_all(machine.root.join("app/wit")).expect("it is there");
    machine.link("app/wit", &secret);
    let message = machine.refused(&[]);
    assert!(message.contains("error: `wit` is a link to"), "{message}");
    fs::remove_file(machine.root.join("app/wit")).expect("it is there");
    // The way in which repositories share WIT.
    machine.write("shared/wit/world.wit", WIT);
    machine.link("app/wit", "../shared/wit");
    machine.build(&[]);
    fs::remove_file(machine.root.join("out.wasm")).expect("it is there");

    machine.link("app/sdk/componentize-py.toml", &secret);
    let message = machine.refused(&["-m", "sdk=guest"]);
    assert!(
        message.contains("componentize-py.toml` is a link"),
        "{message}"
    );
    fs::remove_file(machine.root.join("app/sdk/componentize-py.toml")).expect("it is there");
    machine.link("app/sdk/wit", machine.root.join("outside"));
    for key in ["wit_directory", "bindings"] {
        machine.write("app/sdk/componentize-py.toml", &format!("{key} = 'wit'\n"));
        let message = machine.refused(&["-m", "sdk=guest"]);
        assert!(message.contains("lies outside the package"), "{message}");
    }
}

/// Nothing is searched behind links that lead out: neither packages nor their parts.
#[test]
fn links_out_are_not_searched() {
    let machine = Machine::new();
    machine.app("");
    machine.write("app/sdk/componentize-py.toml", "wit_directory = 'wit'\n");
    machine.write("app/sdk/wit/world.wit", &WIT.replace("a:b", "a:sdk"));
    machine.write("outside/deeper/componentize-py.toml", "");
    machine.link("app/sdk/all", machine.root.join("outside"));
    machine.build(&["-m", "sdk=guest"]);
    fs::remove_file(machine.root.join("out.wasm")).expect("it is there");
    // A path that is asked for by name is reported as a link.
    machine.link("app/other", machine.root.join("outside/deeper"));
    let message = machine.refused(&["-m", "other=guest"]);
    assert!(
        message.contains("other/componentize-py.toml` is a link"),
        "{message}"
    );
}

/// A checkout may hold an environment, too. Its links and `.pth` files lead nowhere else.
#[test]
fn an_environment_in_the_checkout_is_held_to_it() {
    let machine = Machine::new();
    machine.app(
        "import glob\nfound = [open(f).read() for i in range(5) for f in glob.glob(f'/{i}/secret*')]\nprint('found', len(found))\nX = found\n",
    );
    machine.write("app/.venv/pyvenv.cfg", "home = /usr\n");
    machine.link(
        "app/.venv/lib/python3.14/site-packages",
        machine.root.join("outside"),
    );
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env_remove("VIRTUAL_ENV"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 0\n"), "{message}");
    assert!(!machine.component_holds().0);
    assert!(message.contains("is skipped"), "{message}");
    // Another environment of this machine. It is used only if the user activates it.
    machine.write("other/pyvenv.cfg", "home = /usr\n");
    let module = "other/lib/python3.14/site-packages/secret.py";
    machine.write(module, &format!("TEXT = '{SECRET}'\n"));
    fs::remove_dir_all(machine.root.join("app/.venv")).expect("it is there");
    machine.link("app/.venv", "../other");
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env_remove("VIRTUAL_ENV"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 0\n"), "{message}");
    assert!(!machine.component_holds().0);
    let warning = "`.venv` is skipped: it is a link out of the current directory";
    assert!(message.contains(warning), "{message}");
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env("VIRTUAL_ENV", ".venv"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 1\n"), "{message}");
    // An environment of the checkout, under another name.
    machine.write("app/envs/own/pyvenv.cfg", "home = /usr\n");
    let module = "app/envs/own/lib/python3.14/site-packages/secret.py";
    machine.write(module, "TEXT = ''\n");
    fs::remove_file(machine.root.join("app/.venv")).expect("it is there");
    machine.link("app/.venv", "envs/own");
    let mut tool = machine.tool(&[]);
    let (output, message) = machine.run(tool.env_remove("VIRTUAL_ENV"));
    assert!(output.status.success(), "{message}");
    assert!(message.contains("found 1\n"), "{message}");
    assert!(!message.contains("is skipped"), "{message}");
}

/// Each rule of `project/links.rs`, and its reason.
#[test]
fn what_package_managers_link_to_is_followed() {
    let machine = Machine::new();
    machine.app("import linked\nimport linked.deeper.beside\nprint(linked.TEXT)\n");
    for (place, variable) in [
        ("home/.cache/uv/archive-v0/xyz", None),
        ("uv/archive-v0/xyz", Some(("UV_CACHE_DIR", "uv"))),
        ("xdg/uv/archive-v1/xyz", Some(("XDG_CACHE_HOME", "xdg"))),
        ("home/.cache/pdm/packages/xyz", None),
        ("home/.conda/pkgs/xyz", None),
        ("conda/xyz", Some(("CONDA_PKGS_DIRS", "conda"))),
        ("second/xyz", Some(("CONDA_PKGS_DIRS", "first,second"))),
        ("home/.cache/rattler/cache/pkgs/xyz", None),
        ("home/.cache/bazel/_bazel_me/xyz", None),
    ] {
        let package = format!("{place}/linked");
        machine.write(
            &format!("{package}/__init__.py"),
            &format!("TEXT = '{OPEN}'\n"),
        );
        machine.write(&format!("{package}/data.txt"), OPEN);
        machine.write(&format!("{package}/deeper/beside.py"), "");
        let link = format!("{SITE_PACKAGES}/linked");
        machine.link(&link, machine.root.join(&package));
        let mut tool = machine.tool(&[]);
        if let Some((name, value)) = variable {
            let places = value.split(',').map(|place| machine.root.join(place));
            let places = places.map(|place| place.display().to_string());
            tool.env(name, places.collect::<Vec<_>>().join(", "));
        }
        let (output, message) = machine.run(&mut tool);
        assert!(output.status.success(), "{place}: {message}");
        assert!(message.contains(OPEN), "{place}: {message}");
        assert_eq!(machine.component_holds(), (false, true), "{place}");
        assert!(!message.contains("is left out"), "{place}: {message}");
        fs::remove_file(machine.root.join(&link)).expect("it is there");
    }
    // The rest of a cache is not meant.
    let link = format!("{SITE_PACKAGES}/linked");
    machine.write("home/.cache/uv/other/linked/__init__.py", "TEXT = ''\n");
    machine.link(&link, machine.root.join("home/.cache/uv/other/linked"));
    fs::remove_file(machine.root.join("out.wasm")).expect("it is there");
    let message = machine.refused(&[]);
    assert!(
        message.contains("is a link out of the search path"),
        "{message}"
    );
}
