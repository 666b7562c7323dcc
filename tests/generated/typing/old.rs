//! The oldest supported type checkers, about two years old. They check only a sample, since most of the time of this suite
//! goes into type checkers. It consists of stubs, as `bindings` writes them: bodies that call exist in components only.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Result, anyhow, bail, ensure};

use super::everything::{Everything, Scope, WHEEL};
use super::mypy::Mypy;
use super::{bindgen, checked, copy_app, generated, kind, printable, wheel_passes};
use crate::bindings::case::{generate, world_module};
use crate::support::command::succeeds;
use crate::support::golden::Case;
use crate::support::suite::Suite;

/// The version with which componentize-py 0.25.1 is developed.
pub const MYPY: &str = "mypy==1.13.0";
const PYRIGHT: &str = "pyright[nodejs]==1.1.389";

/// Cases of `tests/bindings` that together have each kind of type and each kind of file; see `every_kind_of_file`.
pub const SAMPLE: [&str; 18] = [
    "async",
    "docs",
    "dotted-module",
    "empty",
    "error-contexts",
    "full-names",
    "futures",
    "imported-and-exported",
    "keywords",
    "lists",
    "maps",
    "options",
    "resources",
    "results",
    "streams",
    "variants",
    "wasi-http",
    "world-items",
];

const SCOPE: Scope = Scope {
    bodies: &[false],
    // Strict pyright of that time requires no `case _: assert_never(...)` after the last case.
    strict_apps: false,
};

static EVERYTHING: LazyLock<Result<Everything, String>> = LazyLock::new(|| {
    Everything::check(PYRIGHT, sample(), &SCOPE).map_err(|error| format!("{error:#}"))
});

fn sample() -> impl Iterator<Item = Case> {
    printable().filter(|case| SAMPLE.contains(&case.name().as_str()))
}

static OLDEST: LazyLock<Mypy> = LazyLock::new(|| Mypy::install(MYPY));

pub fn add(suite: &mut Suite) {
    for case in sample() {
        let root = format!("{}/{}", kind(false), case.name());
        let name = format!("old/pyright/{}", case.name());
        suite.test(name, move || expect_nothing(&root));
        let name = format!("old/{}", case.name());
        suite.test(name, move || passes(&case, &OLDEST));
    }
    for case in Case::all("typing") {
        let name = case.name();
        suite.test(format!("old/pyright/{name}"), move || {
            expect_something(&format!("app.py/{name}"))?;
            expect_nothing(&format!("fixed.py/{name}"))
        });
        let name = format!("old/{}", case.name());
        suite.test(name, move || fails_until_fixed(&case, &OLDEST));
    }
    suite.test("old/wheel", || wheel_passes(&OLDEST));
    suite.test("old/pyright/wheel", || expect_nothing(WHEEL));
    suite.test("old/every-kind-of-file", every_kind_of_file);
}

fn passes(case: &Case, mypy: &Mypy) -> Result<()> {
    let directory = generated(case, false)?;
    copy_app(case, directory.path())?;
    checked(case, false, mypy, directory.path())
}

/// The messages are those of that time, so only their existence is checked.
fn fails_until_fixed(case: &Case, mypy: &Mypy) -> Result<()> {
    let directory = generated(case, false)?;
    let check = |source: &str| -> Result<_> {
        let app = directory.path().join("app.py");
        fs_err::copy(case.path(source), app)?;
        let mut command = mypy.strict(directory.path(), "stubs")?;
        command.arg("app.py");
        Ok(command)
    };
    let refused = check("app.py")?.output()?;
    ensure!(
        refused.status.code() == Some(1),
        "`app.py` was not refused: {refused:?}"
    );
    succeeds(&mut check("fixed.py")?).map(drop)
}

fn said(root: &str) -> Result<String> {
    let everything = EVERYTHING.as_ref();
    everything.map_err(|error| anyhow!("{error}"))?.said(root)
}

fn expect_nothing(root: &str) -> Result<()> {
    match said(root)? {
        text if text.is_empty() => Ok(()),
        text => bail!(text),
    }
}

fn expect_something(root: &str) -> Result<()> {
    ensure!(!said(root)?.is_empty(), "nothing was said about `{root}`");
    Ok(())
}

/// The sample has all kinds of files of the other cases.
fn every_kind_of_file() -> Result<()> {
    let all = kinds_of_files(printable())?;
    let sampled = kinds_of_files(sample())?;
    let missing: Vec<_> = all.difference(&sampled).collect();
    ensure!(missing.is_empty(), "no case of the sample has {missing:?}");
    ensure!(
        SAMPLE.len() == sample().count(),
        "a case of the sample is not there"
    );
    Ok(())
}

/// Paths without the names that come from WIT.
fn kinds_of_files(cases: impl Iterator<Item = Case>) -> Result<BTreeSet<String>> {
    let mut kinds = BTreeSet::new();
    for case in cases {
        let package = world_module(&case).replace('.', "/");
        let world = generate(&case, false)?;
        for path in world.files.keys() {
            let within = path.strip_prefix(&package).unwrap_or(path);
            let kind = match Path::new(within).file_name() {
                Some(name) if name != "__init__.py" && within.contains("ports/") => {
                    within.replace(&*name.to_string_lossy(), "INTERFACE.py")
                }
                _ => within.to_owned(),
            };
            kinds.insert(kind);
        }
        for (path, text) in bindgen::support(&world, false).files {
            // A file that cannot be used in this world is not checked.
            let unchecked = text.starts_with("# type: ignore");
            kinds.insert(format!("{path}{}", if unchecked { " ignored" } else { "" }));
        }
    }
    Ok(kinds)
}
