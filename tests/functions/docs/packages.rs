//! The page of packages, from `tests/wheels/table.tsv` and `matrix.tsv`. `BLESS=1` writes it.
//!
//! `matrix.tsv` is written by hand: popular packages, those that fail with the version and the reason, and the directories of cases
//! beside those that `table.tsv` has.

use std::fmt::Write as _;

use super::generated::compare;
use super::root;

/// The cells of a tab-separated table below `tests/wheels`, without its head.
fn rows<const COLUMNS: usize>(name: &str) -> Vec<[String; COLUMNS]> {
    let text = fs_err::read_to_string(root().join("tests/wheels").join(name));
    let text = text.expect("the table is part of the repository");
    let cells = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        <[String; COLUMNS]>::try_from(cells)
            .unwrap_or_else(|_| panic!("`{name}` has the line `{line}`"))
    };
    text.lines().skip(1).map(cells).collect()
}

/// A row of `matrix.tsv`. `-` is nothing.
struct Popular {
    name: String,
    /// The version that was tried, if the package does not work.
    fails: Option<String>,
    tests: Vec<String>,
    /// A remark, or the reason.
    note: String,
}

fn matrix() -> Vec<Popular> {
    let given = |cell: String| Some(cell).filter(|cell| cell != "-");
    let row = |[name, fails, tests, note]: [String; 4]| Popular {
        name,
        fails: given(fails),
        tests: given(tests)
            .map_or_else(Vec::new, |all| all.split(", ").map(str::to_owned).collect()),
        note: given(note).unwrap_or_default(),
    };
    rows("matrix.tsv").into_iter().map(row).collect()
}

/// The form of a name by which PyPI finds a package.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// The kinds of wheels of a package that cases of the suite `wheels` test.
fn wheels(package: &str) -> Vec<String> {
    let table = rows::<8>("table.tsv").into_iter();
    let of_package = table.filter(|row| plain(&row[0]) == plain(package));
    of_package.map(|row| row[1].clone()).collect()
}

#[test]
fn the_native_packages_are_those_of_the_table() {
    let mut page = String::from(
        "# Native packages\n\n\
         Packages that are tested in components, among them many with native code, and the [way to get them](../tutorials/native-packages.md).\n\
         The wheel is built by a recipe of ours (`componentize-py wheel`), or was published for Emscripten, or is the one that\n\
         `componentize-py install` gets from PyPI, with the packages that it needs. Checks are functions of ours that use the package; the\n\
         other numbers are of the package's own tests, as far as the recipe names them.\n\
         Each test that is left out has its reason in [`wheels/NAME/recipe.toml`](../../wheels); tests are skipped by themselves.\n\n\
         Generated from `tests/wheels/table.tsv` and `matrix.tsv` by `BLESS=1 cargo xtask test docs`; `cargo xtask wheel-tests --bless`\n\
         measures.\n",
    );
    write_matrix(&mut page);
    page += "\n## Measured\n\n\
             | package | version | wheel | checks | own tests passed | failed | skipped | left out |\n\
             |---|---|---|---|---|---|---|---|\n";
    let table = rows::<8>("table.tsv");
    assert!(table.len() > 15, "only {} packages", table.len());
    for [package, source, version, numbers @ ..] in &table {
        let numbers = numbers.join(" | ");
        writeln!(page, "| `{package}` | {version} | {source} | {numbers} |").expect("a text");
    }
    compare(
        "docs/reference/native-packages.md",
        &page,
        "the_native_packages_are_those_of_the_table",
    );
}

fn write_matrix(page: &mut String) {
    let (failing, working): (Vec<_>, Vec<_>) =
        matrix().into_iter().partition(|one| one.fails.is_some());
    write!(
        page,
        "\n## Popular packages\n\n\
         Some hundred packages that people ask for first, tried on 28 November 2026: {} work, {} do not.\n\n\
         | package | works: tested as | note |\n\
         |---|---|---|\n",
        working.len(),
        failing.len(),
    )
    .expect("a text");
    for one in working {
        let suites = one.tests.iter().map(|test| format!("`{test}`"));
        let tested: Vec<String> = wheels(&one.name).into_iter().chain(suites).collect();
        let tested = tested.join(", ");
        writeln!(page, "| `{}` | {tested} | {} |", one.name, one.note).expect("a text");
    }
    *page += "\n| package | version | does not work: reason |\n|---|---|---|\n";
    for one in failing {
        let version = one.fails.unwrap_or_default();
        writeln!(page, "| `{}` | {version} | {} |", one.name, one.note).expect("a text");
    }
}

/// A package works if a test says so; those that do not have a reason and no test.
#[test]
fn popular_packages_are_tested_or_have_a_reason() {
    let matrix = matrix();
    assert!(matrix.len() > 100, "only {} packages", matrix.len());
    for one in &matrix {
        for test in &one.tests {
            let case = root().join("tests").join(test);
            assert!(case.is_dir(), "{}: no case `{test}`", one.name);
        }
        let is_tested = !one.tests.is_empty() || !wheels(&one.name).is_empty();
        if one.fails.is_some() {
            assert!(!is_tested, "`{}` fails, but is tested", one.name);
            assert!(!one.note.is_empty(), "`{}` fails for no reason", one.name);
        } else {
            assert!(is_tested, "`{}` works, but is not tested", one.name);
        }
    }
    let names: Vec<String> = matrix.iter().map(|one| one.name.to_lowercase()).collect();
    assert!(names.is_sorted(), "`matrix.tsv` is not sorted by names");
}
