//! The typed package files that every guest and every output of `bindings` gets.

use std::collections::BTreeMap;

use super::PyTree;

const FILES: [(&str, &str); 7] = [
    (
        "componentize_py_types.py",
        include_str!("../../../../python-stdlib/support/componentize_py_types.py"),
    ),
    (
        "componentize_py_runtime.pyi",
        include_str!("../../../../python-stdlib/support/componentize_py_runtime.pyi"),
    ),
    (
        "componentize_py_async_support/__init__.py",
        include_str!("../../../../python-stdlib/support/componentize_py_async_support/__init__.py"),
    ),
    (
        "componentize_py_async_support/_ends.py",
        include_str!("../../../../python-stdlib/support/componentize_py_async_support/_ends.py"),
    ),
    (
        "componentize_py_async_support/streams.py",
        include_str!("../../../../python-stdlib/support/componentize_py_async_support/streams.py"),
    ),
    (
        "componentize_py_async_support/futures.py",
        include_str!("../../../../python-stdlib/support/componentize_py_async_support/futures.py"),
    ),
    // PEP 561 defines this for packages only. Single modules lie where a checker reads the source anyway.
    ("componentize_py_async_support/py.typed", ""),
];

const ERROR_CONTEXT: &str = "componentize_py_error_context";
const ERROR_CONTEXT_TEXT: &str =
    include_str!("../../../../python-stdlib/support/componentize_py_error_context.py");

const POLL_LOOP: &str = "poll_loop.py";
const POLL_LOOP_TEXT: &str = include_str!("../../../../python-stdlib/support/poll_loop.py");
/// The modules of the world that `poll_loop` imports.
const POLL_LOOP_NEEDS: [&str; 5] = [
    "monotonic_clock",
    "outgoing_handler",
    "poll",
    "streams",
    "types",
];
/// As the first line, it excludes the whole file from checks by mypy and pyright.
const UNCHECKED: &str =
    "# type: ignore  # this world lacks imports of wasi:http@0.2 that this module needs\n";

/// The files beside the world's package; `world` has that package's files.
pub fn support(world: &PyTree) -> PyTree {
    let mut files: BTreeMap<String, String> = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let usable = POLL_LOOP_NEEDS.iter().all(|module| {
        let file = format!("wit_world/imports/{module}.py");
        world.files.contains_key(&file)
    });
    let first_line = if usable { "" } else { UNCHECKED };
    files.insert(
        POLL_LOOP.to_owned(),
        format!("{first_line}{POLL_LOOP_TEXT}"),
    );
    if world
        .files
        .values()
        .any(|text| text.contains(ERROR_CONTEXT))
    {
        files.insert(format!("{ERROR_CONTEXT}.py"), ERROR_CONTEXT_TEXT.to_owned());
    }
    PyTree { files }
}
