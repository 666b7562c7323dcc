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

/// The package for web applications.
const WEB: [(&str, &str); 15] = [
    (
        "componentize_py_web/__init__.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/__init__.py"),
    ),
    (
        "componentize_py_web/_asgi.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_asgi.py"),
    ),
    (
        "componentize_py_web/_asgi2.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_asgi2.py"),
    ),
    (
        "componentize_py_web/_asgi3.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_asgi3.py"),
    ),
    (
        "componentize_py_web/_environ.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_environ.py"),
    ),
    (
        "componentize_py_web/_errors.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_errors.py"),
    ),
    (
        "componentize_py_web/_headers.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_headers.py"),
    ),
    (
        "componentize_py_web/_interface.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_interface.py"),
    ),
    (
        "componentize_py_web/_lifespan.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_lifespan.py"),
    ),
    (
        "componentize_py_web/_warm.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_warm.py"),
    ),
    (
        "componentize_py_web/_warm_asgi.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_warm_asgi.py"),
    ),
    (
        "componentize_py_web/_world.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_world.py"),
    ),
    (
        "componentize_py_web/_wsgi.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_wsgi.py"),
    ),
    (
        "componentize_py_web/_wsgi3.py",
        include_str!("../../../../python-stdlib/web/componentize_py_web/_wsgi3.py"),
    ),
    ("componentize_py_web/py.typed", ""),
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

/// The files beside the world's package; `world` has that package's files. A world that serves HTTP may have a web application.
pub fn support(world: &PyTree, serves_http: bool) -> PyTree {
    let web = if serves_http { &WEB[..] } else { &[] };
    let mut files: BTreeMap<String, String> = FILES
        .iter()
        .chain(web)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_whole_web_package_is_there() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../python-stdlib/web/componentize_py_web");
        let there: BTreeSet<String> = fs_err::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "__pycache__")
            .map(|name| format!("componentize_py_web/{name}"))
            .collect();
        let listed: BTreeSet<String> = WEB.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(listed, there);
    }
}
