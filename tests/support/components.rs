//! Components for the tests of `run` and `serve`, and the program that runs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::command::succeeds;

/// The program under test, with the cache of this user: compiling a component takes longer than everything else.
pub fn tool() -> Command {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_componentize-py"));
    tool.env_remove("VIRTUAL_ENV");
    tool
}

/// Builds `tests/<app>/app.py` and gives the component's path.
pub fn build(app: &str, wit: &str, world: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = directory().join(format!("{}.wasm", app.replace('/', "-")));
    let mut tool = tool();
    tool.arg("-d")
        .arg(root.join(wit))
        .args(["-w", world, "componentize", "app", "-p"])
        .arg(root.join("tests").join(app))
        .arg("-o")
        .arg(&output);
    if let Err(error) = succeeds(&mut tool) {
        panic!("{error:?}");
    }
    output
}

/// A component written by hand, under a name that no other test uses.
pub fn tiny(name: &str, text: &str) -> PathBuf {
    let path = directory().join(format!("tiny-{name}.wasm"));
    fs_err::write(
        &path,
        wat::parse_str(text).expect("the text is WebAssembly"),
    )
    .expect("it can be written");
    path
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}
