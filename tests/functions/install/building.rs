//! Packages without a wheel, and what a build finds of those that are installed.

use fs_err as fs;

use super::project::{ELF, Project, Wheel};
use crate::support::command::succeeds;
use crate::support::server::Server;

const WIT: &str = "package a:b;\nworld w { export run: func() -> string; }\n";

#[test]
fn sources_are_built_only_if_asked() {
    let project = Project::new();
    project.source("pure", "pure.py", "BUILT = True\n");
    project.source("native", "native.so", ELF);
    project.write("requirements.txt", "pure\n");
    assert_eq!(
        project.refuses(&[]),
        "error: package `pure` has no wheel for components, only its source\n\n\
         hint: `--build` builds it on this machine, which works if it is pure Python or can do without its compiled parts; \
         else do without it\n"
    );
    project.installs(&["--build"]);
    assert_eq!(project.deps(), ["pure.py"]);
    project.write("requirements.txt", "native\n");
    assert_eq!(
        project.refuses(&["--build"]),
        "error: package `native` has compiled code for this machine, `native.so`\n\n\
         hint: it is not pure Python; ask for a version that has a wheel for any system, WASI or Emscripten, try \
         `componentize-py wheel`, or do without it\n"
    );
    assert_eq!(project.deps(), ["pure.py"]);
    // One that we have a recipe for.
    project.source("regex", "regex.so", ELF);
    project.write("requirements.txt", "regex\n");
    let message = project.refuses(&[]);
    assert!(
        message.contains("`componentize-py wheel regex` does so once for all"),
        "{message}"
    );
}

/// On a terminal, `install` asks. Python's `pty` gives it one, and the answer.
#[test]
fn a_question_before_sources_are_built() {
    let project = Project::new();
    project.source("pure", "pure.py", "BUILT = True\n");
    project.write("requirements.txt", "pure\n");
    let terminal = "import os, pty, sys\n\
        def read(descriptor):\n\
        \x20   data = os.read(descriptor, 4096)\n\
        \x20   if b'[y/N]' in data: os.write(descriptor, sys.argv[1].encode() + b'\\n')\n\
        \x20   return data\n\
        sys.exit(pty.spawn(sys.argv[2:], read) >> 8)";
    let answer = |word: &str| {
        let tool = project.tool();
        let mut python = project.in_environment_of(&tool, "python3");
        python.args(["-c", terminal, word]);
        python.arg(tool.get_program()).arg("install");
        let output = python.output().expect("Python starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let question =
            "`pure` has no wheel for components. Build such packages on this machine? [y/N]";
        assert!(said.contains(question), "{said}");
        (output.status.code(), said)
    };
    for refusal in ["", "n", "what"] {
        let (code, said) = answer(refusal);
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains("`--build` builds it on this machine"),
            "{said}"
        );
        assert!(!project.at("app/deps").exists(), "{said}");
    }
    let (code, said) = answer("Yes");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(project.deps(), ["pure.py"]);
}

/// The hint names the command, and after it the same build succeeds: `deps` is searched by itself.
#[test]
fn a_build_names_what_is_missing_and_finds_it() {
    let project = Project::new();
    project.wheel(&Wheel {
        name: "greeting",
        files: &[("greeting_words.py", "HELLO = 'Hello'\n")],
        ..Wheel::default()
    });
    project.write("wit/world.wit", WIT);
    project.write(
        "app.py",
        "import greeting_words\n\nclass WitWorld:\n    def run(self) -> str:\n        return greeting_words.HELLO\n",
    );
    project.write("requirements.txt", "# ours\nGreeting>=1\n");
    let build = |arguments: &[&str]| {
        let mut tool = project.tool();
        tool.args(["componentize", "app"]).args(arguments);
        let output = tool.output().expect("the tool starts");
        (
            output.status.success(),
            String::from_utf8(output.stderr).expect("it is text"),
        )
    };
    let (built, message) = build(&[]);
    assert!(!built);
    assert!(
        message.ends_with(
            "hint: `componentize-py install` installs the dependencies in `requirements.txt`; not found here: `Greeting`\n"
        ),
        "{message}"
    );
    project.installs(&[]);
    assert_eq!(build(&[]), (true, String::new()));
    // A directory of that name that `install` has not made is the user's own business, as in 0.25.1.
    let stamp = project.at("app/deps/.componentize-py-installed");
    fs::rename(&stamp, project.at("stamp")).expect("it is there");
    assert!(!build(&[]).0);
    assert!(build(&["-p", ".", "-p", "deps"]).0);
    fs::rename(project.at("stamp"), &stamp).expect("it is there");
    // Nor is a link, which would lead anywhere.
    fs::rename(project.at("app/deps"), project.at("elsewhere")).expect("it is there");
    std::os::unix::fs::symlink("../elsewhere", project.at("app/deps")).expect("can be linked");
    assert!(!build(&[]).0);
    // Everything is there, so the module is of another package.
    fs::remove_file(project.at("app/deps")).expect("it is there");
    fs::rename(project.at("elsewhere"), project.at("app/deps")).expect("it is there");
    project.write("app.py", "import farewell\n");
    let (_, message) = build(&[]);
    assert!(
        message.ends_with(
            "hint: name its package in `requirements.txt`, and install it with `componentize-py install`; or name its directory \
             with `-p/--python-path`\n"
        ),
        "{message}"
    );
}

/// Flask and others from the real index: MarkupSafe has wheels only for other systems, and is built without its
/// compiled part.
#[tokio::test]
async fn a_web_application_from_the_index() {
    let project = Project::new();
    project.write(
        "requirements.txt",
        "flask==3.1.3\nwerkzeug==3.1.9\nmarkupsafe==3.0.4\nmarshmallow==4.1.0\ncolorama==0.4.6; sys_platform == 'win32'\n",
    );
    project.write(
        "main.py",
        "import flask\nfrom marshmallow import Schema, fields\n\napp = flask.Flask(__name__)\n\n\n\
         class Item(Schema):\n    count = fields.Integer()\n\n\n\
         @app.get('/')\ndef hello():\n    return Item().load({'count': '3'})\n",
    );
    let tool = || {
        let mut tool = crate::support::components::tool();
        tool.current_dir(project.at("app"));
        tool
    };
    if let Err(error) = succeeds(tool().args(["install", "--build"])) {
        panic!("{error:?}");
    }
    assert!(!project.deps().contains(&"colorama".to_owned()));
    if let Err(error) = succeeds(tool().args(["componentize", "main:app", "-o", "app.wasm"])) {
        panic!("{error:?}");
    }
    let server = Server::start(&project.at("app/app.wasm"), &[]);
    let (status, body) = server.connect().await.get("/").await;
    assert_eq!((status.as_u16(), body.as_str()), (200, "{\"count\":3}\n"));
}
