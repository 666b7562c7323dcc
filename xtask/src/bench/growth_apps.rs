//! The applications of `bench growth`: a world with a number of functions, or a greeting that needs a number of Python
//! modules or native extensions. All export `hello`, which uses everything in the application.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use guest::{Extension, Silent};

#[derive(Clone, Copy)]
pub enum Kind {
    Functions,
    Modules,
    Extensions,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Functions, Self::Modules, Self::Extensions];

    pub fn counts(self) -> &'static [usize] {
        match self {
            Self::Functions => &[1, 10, 100, 1_000, 2_000],
            Self::Modules => &[1, 10, 100, 500],
            Self::Extensions => &[1, 5, 20],
        }
    }

    pub fn label(self, count: usize) -> String {
        let what = match self {
            Self::Functions => "function",
            Self::Modules => "module",
            Self::Extensions => "extension",
        };
        match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        }
    }
}

/// Writes the application into a folder that it clears first.
pub fn write(root: &Path, folder: &Path, kind: Kind, count: usize) -> Result<()> {
    if folder.exists() {
        fs_err::remove_dir_all(folder)?;
    }
    fs_err::create_dir_all(folder.join("wit"))?;
    let functions = match kind {
        Kind::Functions => count,
        Kind::Modules | Kind::Extensions => 1,
    };
    fs_err::write(folder.join("wit/world.wit"), world(functions))?;
    match kind {
        Kind::Functions => fs_err::write(folder.join("app.py"), app_of_functions(count))?,
        Kind::Modules => {
            fs_err::write(folder.join("app.py"), app_of_modules("part", count))?;
            for number in 0..count {
                let path = folder.join(format!("part_{number}.py"));
                fs_err::write(path, module(number))?;
            }
        }
        Kind::Extensions => {
            fs_err::write(folder.join("app.py"), app_of_modules("native", count))?;
            for number in 0..count {
                write_extension(root, folder, number)
                    .with_context(|| format!("failed to build extension {number}"))?;
            }
        }
    }
    Ok(())
}

/// A world with these functions, including `hello`.
fn world(functions: usize) -> String {
    let mut text = "package bench:growth;\n\nworld hello {\n".to_owned();
    text += "  export hello: func(name: string) -> string;\n";
    for number in 1..functions {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  export number-{number}: func(first: u32, second: string) -> u32;"
        );
    }
    text + "}\n"
}

fn app_of_functions(count: usize) -> String {
    let mut text = "import wit_world\n\n\nclass WitWorld(wit_world.WitWorld):\n".to_owned();
    text += "    def hello(self, name: str) -> str:\n        return f\"Hello, {name}!\"\n";
    for number in 1..count {
        let _ = write!(
            text,
            "\n    def number_{number}(self, first: int, second: str) -> int:\n        return first + len(second)\n"
        );
    }
    text
}

/// Modules named `PREFIX_0` and so on, which add a number to another.
fn app_of_modules(prefix: &str, count: usize) -> String {
    let names: Vec<String> = (0..count)
        .map(|number| format!("{prefix}_{number}"))
        .collect();
    let mut text = String::new();
    for name in &names {
        let _ = writeln!(text, "import {name}");
    }
    let _ = write!(
        text,
        "import wit_world

PARTS = [{}]


class WitWorld(wit_world.WitWorld):
    def hello(self, name: str) -> str:
        total = 0
        for part in PARTS:
            total = part.add(total, 1)
        if total != len(PARTS):
            raise ValueError(total)
        return f\"Hello, {{name}}!\"
",
        names.join(", ")
    );
    text
}

/// A module of a typical small size.
fn module(number: usize) -> String {
    format!(
        "\"\"\"Part {number}.\"\"\"

from dataclasses import dataclass

NAMES = {{f\"name {{index}}\": index for index in range({number}, {number} + 20)}}


@dataclass
class Entry{number}:
    name: str
    count: int = {number}

    def label(self) -> str:
        return f\"{{self.name}}: {{self.count}}\"


def entries(prefix: str) -> list[Entry{number}]:
    return [Entry{number}(name, count) for name, count in NAMES.items() if name.startswith(prefix)]


def add(first: int, second: int) -> int:
    return first + second
"
    )
}

fn write_extension(root: &Path, folder: &Path, number: usize) -> Result<()> {
    let source: PathBuf = folder.join(format!("native_{number}.c"));
    fs_err::write(&source, extension(number))?;
    let name = format!("native_{number}.cpython-314-wasm32-wasi.so");
    let built = guest::extension(
        root,
        &Extension {
            name: &name,
            sources: &[source],
            ..Extension::default()
        },
        &Silent,
    )?;
    fs_err::copy(built, folder.join(name))?;
    Ok(())
}

fn extension(number: usize) -> String {
    format!(
        r#"#include <Python.h>

static PyObject *add(PyObject *self, PyObject *args) {{
  (void)self;
  long first, second;
  if (!PyArg_ParseTuple(args, "ll", &first, &second)) {{
    return NULL;
  }}
  return PyLong_FromLong(first + second);
}}

static PyMethodDef methods[] = {{{{"add", add, METH_VARARGS, NULL}}, {{0}}}};
static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "native_{number}", NULL, -1, methods}};

PyMODINIT_FUNC PyInit_native_{number}(void) {{ return PyModule_Create(&module); }}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_english() {
        assert_eq!(Kind::Functions.label(1), "1 function");
        assert_eq!(Kind::Extensions.label(20), "20 extensions");
    }

    #[test]
    fn worlds_have_as_many_functions_as_they_say() {
        for count in [1, 10] {
            assert_eq!(world(count).matches("export ").count(), count);
            assert_eq!(app_of_functions(count).matches("def ").count(), count);
        }
    }

    #[test]
    fn applications_import_and_use_all_modules() {
        let app = app_of_modules("part", 3);
        assert!(app.starts_with("import part_0\nimport part_1\nimport part_2\nimport wit_world\n"));
        assert!(app.contains("PARTS = [part_0, part_1, part_2]\n"));
        assert!(extension(7).contains("PyInit_native_7(void) { return"));
        assert!(module(7).contains("class Entry7:"));
    }
}
