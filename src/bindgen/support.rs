//! The typed package files that every guest and every output of `bindings` gets.

use super::PyTree;

const FILES: [(&str, &str); 7] = [
    (
        "componentize_py_types.py",
        include_str!("../../python-stdlib/support/componentize_py_types.py"),
    ),
    (
        "componentize_py_runtime.pyi",
        include_str!("../../python-stdlib/support/componentize_py_runtime.pyi"),
    ),
    (
        "componentize_py_async_support/__init__.py",
        include_str!("../../python-stdlib/support/componentize_py_async_support/__init__.py"),
    ),
    (
        "componentize_py_async_support/_ends.py",
        include_str!("../../python-stdlib/support/componentize_py_async_support/_ends.py"),
    ),
    (
        "componentize_py_async_support/streams.py",
        include_str!("../../python-stdlib/support/componentize_py_async_support/streams.py"),
    ),
    (
        "componentize_py_async_support/futures.py",
        include_str!("../../python-stdlib/support/componentize_py_async_support/futures.py"),
    ),
    (
        "poll_loop.py",
        include_str!("../../python-stdlib/support/poll_loop.py"),
    ),
];

/// What lies beside the world's package.
pub fn support() -> PyTree {
    let files = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    PyTree { files }
}
