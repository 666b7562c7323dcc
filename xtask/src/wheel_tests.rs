//! `cargo xtask wheel-tests [NAME]... [--bless]`: packages with native code in the guest, with their own tests.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{cargo, names_to_bless, run};

/// Builds and tests the named packages, or all: by recipes, and with wheels for Emscripten.
pub fn run_tests(
    root: &Path,
    guest: impl FnOnce(&Path) -> Result<()>,
    arguments: &[String],
) -> Result<()> {
    let (names, blesses) = names_to_bless(arguments)?;
    let recipes = guest::wheels::recipes(root)?;
    for name in &names {
        let is_case = |group: &str| root.join("tests/wheels").join(group).join(name).is_dir();
        let is_recipe = recipes.iter().any(|recipe| recipe.name == *name);
        if !is_recipe && !is_case("emscripten") && !is_case("pypi") {
            bail!(
                "there is nothing to test for `{name}`, neither in `wheels` nor in `tests/wheels`"
            );
        }
    }
    guest(root)?;
    let mut tests = cargo(root);
    tests.args(["test", "--release", "--workspace", "--test", "cases", "--"]);
    tests.arg("wheels/");
    tests.env(
        "WHEEL_TESTS",
        if names.is_empty() {
            "all".to_owned()
        } else {
            names.join(",")
        },
    );
    if blesses {
        tests.env("BLESS", "1");
    }
    run(&mut tests)
}
