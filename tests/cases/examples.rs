//! Checks that the examples do what their READMEs say: every command in a README runs, and prints the output below it.
//!
//! The commands run in a copy of the example, with this `componentize-py` on the `PATH`. A server gets a free port in place
//! of the one in the README. Then follow checks that a README has no room for (`examples/`), and `mypy --strict`.

mod http;
mod programs;
mod readme;
mod session;
mod wasi;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use libtest_mimic::Trial;
use session::Session;

use crate::support;
use crate::support::command::succeeds;
use crate::support::suite::Suite;

const MYPY: &str = "mypy==2.4.1";
/// The version of Python in components.
const PYTHON: &str = "3.14";

struct Example {
    name: &'static str,
    /// The packages that its README installs by `pip`.
    packages: &'static [&'static str],
    /// The recipes whose wheels its README builds.
    wheels: &'static [&'static str],
    /// The check that runs while its servers run.
    check: fn(&Session) -> Result<()>,
}

const EXAMPLES: &[Example] = &[
    Example {
        name: "agent",
        packages: &[
            "openai==3.57.0",
            "anyio==4.16.0",
            "httpx2==2.16.2",
            "jiter==0.19.0",
            "pydantic==2.14.4",
            "sniffio==1.3.1",
            "truststore==0.10.5",
        ],
        wheels: &[],
        check: nothing_more,
    },
    Example {
        name: "cli",
        packages: &[],
        wheels: &[],
        check: nothing_more,
    },
    Example {
        name: "cli-p3",
        packages: &[],
        wheels: &[],
        check: programs::copies_while_it_arrives,
    },
    Example {
        name: "django",
        packages: &[
            "asgiref==3.13.0",
            "django==5.2.19",
            "sqlparse==0.6.1",
            "tzdata==2026.6",
            "whitenoise==6.12.0",
            // Types, for mypy only.
            "django-stubs==6.1.2",
        ],
        wheels: &[],
        check: nothing_more,
    },
    Example {
        name: "fastapi",
        packages: &[
            "annotated-doc==0.0.7",
            "annotated-types==0.8.0",
            "anyio==4.16.0",
            "fastapi==0.165.0",
            "idna==3.20",
            "opentelemetry-api==1.45.2",
            "pydantic==2.14.4",
            "starlette==1.10.0",
            "typing-inspection==0.4.5",
            "typing_extensions==4.16.0",
        ],
        wheels: &[],
        check: nothing_more,
    },
    Example {
        name: "flask",
        packages: &[
            "blinker==1.9.0",
            "click==8.5.1",
            "flask==3.1.3",
            "itsdangerous==2.2.0",
            "jinja2==3.1.6",
            "markupsafe==3.0.4",
            "werkzeug==3.1.9",
        ],
        wheels: &[],
        check: nothing_more,
    },
    Example {
        name: "http",
        packages: &[],
        wheels: &[],
        check: check_http,
    },
    Example {
        name: "http-p3",
        packages: &[],
        wheels: &[],
        check: check_http,
    },
    Example {
        name: "matrices-http",
        packages: &["numpy==2.4.6"],
        wheels: &["numpy"],
        check: nothing_more,
    },
    Example {
        name: "matrix-math",
        packages: &["numpy==2.4.6"],
        wheels: &["numpy"],
        check: nothing_more,
    },
    Example {
        name: "packages",
        packages: &[
            "attrs==26.1.0",
            "charset-normalizer==3.5.3",
            "idna==3.20",
            "jinja2==3.1.6",
            "msgpack==1.2.4",
            "numpy==2.4.6",
            "pydantic==2.14.4",
        ],
        wheels: &[
            "charset-normalizer",
            "markupsafe",
            "msgpack",
            "numpy",
            "pyyaml",
            "regex",
        ],
        check: nothing_more,
    },
    Example {
        name: "pydantic-http",
        packages: &["pydantic==2.14.4"],
        wheels: &[],
        check: nothing_more,
    },
    Example {
        name: "requests",
        packages: &["requests==2.34.2", "urllib3==2.8.0"],
        wheels: &[],
        check: nothing_more,
    },
    Example {
        name: "sandbox",
        packages: &["wasmtime==50.0.1"],
        wheels: &[],
        check: programs::keeps_everything_in,
    },
    Example {
        name: "tcp",
        packages: &[],
        wheels: &[],
        check: programs::exchanges_much,
    },
    Example {
        name: "tcp-p3",
        packages: &[],
        wheels: &[],
        check: programs::exchanges_much,
    },
];

/// Examples that mypy checks in the ordinary suite: those for WASI, and one with packages that have types.
const TYPES_SAMPLE: [&str; 5] = ["cli", "cli-p3", "flask", "http", "http-p3"];

fn nothing_more(_: &Session) -> Result<()> {
    Ok(())
}

fn check_http(session: &Session) -> Result<()> {
    http::check(session.address("127.0.0.1:8080")?)
}

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("examples");
    suite.test("wit", wasi::check);
    for example in EXAMPLES {
        suite.test(format!("{}/readme", example.name), || play(example));
        let types = format!("{}/types", example.name);
        suite.sampled(TYPES_SAMPLE.contains(&example.name), types, || {
            check_types(example)
        });
    }
    suite.trials()
}

fn tool() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_componentize-py"))
}

fn directory(example: &Example) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(example.name)
}

/// The Python with the packages of the example's README, and the type checker.
fn python(example: &Example) -> PathBuf {
    let mut packages = vec![MYPY];
    packages.extend(example.packages);
    support::python_venv(&packages)
}

fn play(example: &Example) -> Result<()> {
    let python = python(example);
    let mut tools = vec![tool().parent().context("the tool lies in a folder")?];
    if !example.packages.is_empty() {
        tools.push(python.parent().context("Python lies in a folder")?);
    }
    let stand_in = tempfile::tempdir()?;
    if !example.wheels.is_empty() {
        support::wheels::stand_in(stand_in.path(), example.wheels)?;
        tools.push(stand_in.path());
    }
    let mut session = Session::new(example.name, &tools)?;
    for step in readme::steps(&directory(example))? {
        session.play(&step)?;
    }
    (example.check)(&session)?;
    session.close()
}

/// All Python of the example, beside the bindings of the world that its README builds.
fn check_types(example: &Example) -> Result<()> {
    let steps = readme::steps(&directory(example))?;
    let build = steps
        .iter()
        .find_map(|step| step.command.split_once(" componentize "));
    let (tool_and_options, _) = build.context("the README builds nothing")?;
    let session = Session::new(
        example.name,
        &[tool().parent().context("the tool lies in a folder")?],
    )?;
    // A web application needs no bindings: its command line names no world.
    if tool_and_options.contains(' ') {
        session.run(&format!("{tool_and_options} bindings ."))?;
    }

    let mut command = Command::new(python(example));
    command.args([
        "-m",
        "mypy",
        "--strict",
        "--python-version",
        PYTHON,
        "--cache-dir",
    ]);
    command.arg(
        Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("mypy/examples")
            .join(example.name),
    );
    for entry in fs_err::read_dir(directory(example))? {
        let path = entry?.path();
        let is_package = path.join("__init__.py").exists();
        if is_package || path.extension().is_some_and(|extension| extension == "py") {
            command.arg(path.file_name().context("a file has a name")?);
        }
    }
    let app = fs_err::read_to_string(directory(example).join("app.py"));
    if app.is_ok_and(|app| app.contains("poll_loop")) {
        command.arg("poll_loop.py");
    }
    command
        .current_dir(session.directory())
        .env_remove("MYPYPATH");
    succeeds(&mut command).map(drop)
}
