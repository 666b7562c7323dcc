//! `guest::extension`: the imports of the libraries that it links, the libraries that they name as needed, and refusals.

use std::path::{Path, PathBuf};

use anyhow::Result;
use guest::{Extension, Lines, audit};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn build(name: &str, text: &str, rest: Extension) -> Result<audit::Library> {
    let folder = tempfile::tempdir()?;
    let source = folder.path().join(name);
    fs_err::write(&source, text)?;
    let name = format!("{}.so", Path::new(name).file_stem().unwrap().display());
    let extension = Extension {
        name: &name,
        sources: &[source],
        ..rest
    };
    audit::library(&fs_err::read(guest::extension(
        &root(),
        &extension,
        &Lines,
    )?)?)
}

const C: &str = r#"
#include <Python.h>

static PyObject *add(PyObject *self, PyObject *args) {
  long a, b;
  return PyArg_ParseTuple(args, "ll", &a, &b) ? PyLong_FromLong(a + b) : NULL;
}

static PyMethodDef methods[] = {{"add", add, METH_VARARGS, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "plain", NULL, -1, methods};

PyMODINIT_FUNC PyInit_plain(void) { return PyModule_Create(&module); }
"#;

const CPLUSPLUS: &str = r#"
#include <stdexcept>
#include <string>

extern "C" __attribute__((visibility("default"))) int PyInit_thrower(int n) {
  std::string text(n, 'x');
  try {
    if (n > 3) throw std::runtime_error(text);
  } catch (const std::exception &error) {
    return error.what()[0];
  }
  return 0;
}
"#;

#[test]
fn an_extension_in_c_needs_only_libc_and_exports_its_module() -> Result<()> {
    let library = build("plain.c", C, Extension::default())?;
    assert_eq!(library.needed, ["libc.so"]);
    assert!(library.exports.contains("PyInit_plain"));
    assert!(library.imports.contains("PyArg_ParseTuple"));
    assert!(
        library.host_imports.is_empty(),
        "{:?}",
        library.host_imports
    );
    Ok(())
}

#[test]
fn exceptions_are_a_tag_only_where_they_are_asked_for() -> Result<()> {
    for exceptions in [false, true] {
        let library = build(
            "thrower.cpp",
            CPLUSPLUS,
            Extension {
                exceptions,
                ..Extension::default()
            },
        )?;
        assert_eq!(library.needed, ["libc++.so", "libc++abi.so", "libc.so"]);
        assert_eq!(library.tags.contains("__cpp_exception"), exceptions);
        assert!(library.imports.contains("__cxa_throw"));
    }
    Ok(())
}

#[test]
fn a_symbol_that_nothing_defines_is_an_error_that_names_it() {
    let text = "int nowhere(void); __attribute__((visibility(\"default\"))) int f(void) { return nowhere(); }";
    let error = build("missing.c", text, Extension::default()).unwrap_err();
    assert!(
        format!("{error:#}").contains("undefined symbol: nowhere"),
        "{error:#}"
    );
}
