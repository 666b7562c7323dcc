//! The oldest type checkers that bindings are held to, about two years old: they run on a sample, since most of the time
//! of this suite goes into type checkers. It is of stubs, as `bindings` writes them: bodies that call exist in components only.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use libtest_mimic::{Failed, Trial};

use super::everything::{Everything, Scope, WHEEL};
use super::mypy::Mypy;
use super::support::case::Case;
use super::{
    bindgen, checked, copy_app, expect_success, generated, kind, printable, tests, wheel_passes,
};

/// What componentize-py 0.25.1 is developed with.
pub const MYPY: &str = "mypy==1.13.0";
const PYRIGHT: &str = "pyright[nodejs]==1.1.389";

/// Cases of `tests/bindings` that together have each kind of type and each kind of file; see `every_kind_of_file`.
const SAMPLE: [&str; 18] = [
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
    // That pyright, strict, has no `case _: assert_never(...)` after the last case.
    strict_apps: false,
};

static EVERYTHING: LazyLock<Result<Everything, String>> = LazyLock::new(|| {
    Everything::check(PYRIGHT, sample(), &SCOPE).map_err(|error| format!("{error:#}"))
});

fn sample() -> impl Iterator<Item = Case> {
    printable().filter(|case| SAMPLE.contains(&case.name().as_str()))
}

pub fn trials(mypy: &Mypy) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: String, test: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
        trials.push(Trial::test(format!("old/{name}"), test));
    };
    for case in sample() {
        let root = format!("{}/{}", kind(false), case.name());
        let name = format!("pyright/{}", case.name());
        add(name, Box::new(move || expect_nothing(&root)));
        let mypy = mypy.clone();
        add(case.name(), Box::new(move || passes(&case, &mypy)));
    }
    for case in Case::all(&tests().join("typing")) {
        let name = case.name();
        add(
            format!("pyright/{name}"),
            Box::new(move || {
                expect_something(&format!("app.py/{name}"))?;
                expect_nothing(&format!("fixed.py/{name}"))
            }),
        );
        let mypy = mypy.clone();
        let name = case.name();
        add(name, Box::new(move || fails_until_fixed(&case, &mypy)));
    }
    let mypy = mypy.clone();
    add("wheel".to_owned(), Box::new(move || wheel_passes(&mypy)));
    add(
        "pyright/wheel".to_owned(),
        Box::new(|| expect_nothing(WHEEL)),
    );
    add(
        "every-kind-of-file".to_owned(),
        Box::new(every_kind_of_file),
    );
    trials
}

fn passes(case: &Case, mypy: &Mypy) -> Result<(), Failed> {
    let directory = generated(case, false)?;
    copy_app(case, directory.path())?;
    checked(case, false, mypy, directory.path())
}

/// The words are those of that time, so only whether there are any is looked at.
fn fails_until_fixed(case: &Case, mypy: &Mypy) -> Result<(), Failed> {
    let directory = generated(case, false)?;
    let check = |source: &str| -> Result<_, Failed> {
        let app = directory.path().join("app.py");
        fs_err::copy(case.directory.join(source), app)?;
        let mut command = mypy.strict(directory.path(), "stubs")?;
        Ok(command.arg("app.py").output()?)
    };
    let refused = check("app.py")?;
    if refused.status.code() != Some(1) {
        return Err(format!("`app.py` was not refused: {refused:?}").into());
    }
    expect_success(&check("fixed.py")?)
}

fn said(root: &str) -> Result<String, Failed> {
    EVERYTHING.as_ref()?.said(root)
}

fn expect_nothing(root: &str) -> Result<(), Failed> {
    match said(root)? {
        text if text.is_empty() => Ok(()),
        text => Err(text.into()),
    }
}

fn expect_something(root: &str) -> Result<(), Failed> {
    if said(root)?.is_empty() {
        return Err(format!("nothing was said about `{root}`").into());
    }
    Ok(())
}

/// The sample lacks none of the files that the other cases have.
fn every_kind_of_file() -> Result<(), Failed> {
    let all = kinds_of_files(printable())?;
    let sampled = kinds_of_files(sample())?;
    let missing: Vec<_> = all.difference(&sampled).collect();
    if !missing.is_empty() {
        return Err(format!("no case of the sample has {missing:?}").into());
    }
    if SAMPLE.len() != sample().count() {
        return Err("a case of the sample is not there".into());
    }
    Ok(())
}

/// Paths without the names that come from WIT.
fn kinds_of_files(cases: impl Iterator<Item = Case>) -> Result<BTreeSet<String>, Failed> {
    let mut kinds = BTreeSet::new();
    for case in cases {
        let package = case.world_module().replace('.', "/");
        let world = case.generate(false)?;
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
        for (path, text) in bindgen::support(&world).files {
            // One that cannot be used in this world is not looked at.
            let unchecked = text.starts_with("# type: ignore");
            kinds.insert(format!("{path}{}", if unchecked { " ignored" } else { "" }));
        }
    }
    Ok(kinds)
}
