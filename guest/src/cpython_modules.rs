//! CPython's extension modules that few applications need: each becomes a separate library, which a component contains or
//! not. The table of built-in modules in libpython refers to them weakly.
//!
//! Comes in: CPython's configured build folder. Goes out: [`Module`]s, and a build that leaves them out of libpython.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// Modules that stay in libpython: the runtime imports them before any application, or they are too small for a separate
/// library.
const ALWAYS: [&str; 10] = [
    "_bisect",
    "_heapq",
    "_queue",
    "_random",
    "_statistics",
    "_struct",
    "binascii",
    "math",
    "select",
    "zlib",
];

/// Modules in the library of another: all use OpenSSL, which has state. `hashlib` does without `_hashlib`. The library adds them
/// to CPython's table (`modules/_sslrandom.c`).
const TOGETHER: [(&str, &str); 2] = [("_hashlib", "_ssl"), ("_sslrandom", "_ssl")];

const PREFIX: &str = "libpython3.14-";

/// One extension module.
#[derive(Debug, PartialEq, Eq)]
pub struct Module {
    pub name: String,
    /// The objects, relative to the build folder, with the Makefile's names.
    pub objects: Vec<String>,
    /// Other modules in the same library.
    others: Vec<String>,
}

impl Module {
    /// Finds the modules, and takes their objects out of libpython's.
    pub fn set_aside(build: &Path) -> Result<Vec<Module>> {
        let modules = read(&fs_err::read_to_string(build.join("Modules/Setup.stdlib"))?);
        let makefile = build.join("Makefile");
        let text = leave_out(&fs_err::read_to_string(&makefile)?, &modules)?;
        fs_err::write(&makefile, text)?;
        let table = build.join("Modules/config.c");
        let text = weaken(&fs_err::read_to_string(&table)?, &modules)?;
        fs_err::write(&table, text)?;
        Ok(modules)
    }

    pub fn library(&self) -> String {
        library_of(&self.name)
    }

    /// The name of the module in a library.
    pub fn of_library(path: &Path) -> Option<String> {
        let name = path.file_name()?.to_str()?;
        let name = name.strip_prefix(PREFIX)?.strip_suffix(".so")?;
        Some(name.to_owned())
    }
}

/// The name of a module's library.
pub fn library_of(module: &str) -> String {
    format!("{PREFIX}{module}.so")
}

/// The enabled modules in `Setup.stdlib`: one on each line, with a name and sources.
fn read(setup: &str) -> Vec<Module> {
    let mut modules = Vec::new();
    for line in setup.lines() {
        let line = line.split('#').next().unwrap_or_default();
        if line.trim() == "*shared*" {
            break; // CPython's own tests
        }
        let mut words = line.split_whitespace();
        let Some(name) = words.next().filter(|name| !name.starts_with('*')) else {
            continue;
        };
        if !ALWAYS.contains(&name) {
            let sources = words.filter_map(|word| word.strip_suffix(".c"));
            modules.push(Module {
                name: name.to_owned(),
                objects: sources.map(|stem| format!("Modules/{stem}.o")).collect(),
                others: Vec::new(),
            });
        }
    }
    join(modules)
}

/// One library for those that share one.
fn join(mut modules: Vec<Module>) -> Vec<Module> {
    for (name, host) in TOGETHER {
        let at = |wanted| move |module: &Module| module.name == wanted;
        let place = modules.iter().position(at(name));
        if let Some(place) = place.filter(|_| modules.iter().any(at(host))) {
            let joined = modules.remove(place);
            for module in modules.iter_mut().filter(|module| at(host)(module)) {
                module.objects.extend(joined.objects.iter().cloned());
                module.others.push(joined.name.clone());
            }
        }
    }
    modules
}

/// The Makefile without the modules' objects in libpython; the rules for making them remain.
fn leave_out(makefile: &str, modules: &[Module]) -> Result<String> {
    let line = makefile
        .lines()
        .find(|line| line.starts_with("MODOBJS="))
        .context("the Makefile does not list the modules' objects")?;
    let all = line.trim_start_matches("MODOBJS=").split_whitespace();
    let left_out = |object: &&str| {
        modules
            .iter()
            .any(|m| m.objects.iter().any(|o| o == object))
    };
    let (out, kept): (Vec<&str>, Vec<&str>) = all.partition(left_out);
    let expected: usize = modules.iter().map(|module| module.objects.len()).sum();
    ensure!(
        out.len() == expected,
        "the Makefile and Setup.stdlib disagree about the modules' objects"
    );
    let mut changed = String::new();
    for original in makefile.lines() {
        let target = original.split_once(':').map_or("", |(target, _)| target);
        if original == line {
            changed += &format!("MODOBJS={}", kept.join(" "));
        } else if out.contains(&target) {
            // They are compiled like shared modules, which use less of the interpreter's internals.
            changed += &original.replace("$(PY_BUILTIN_MODULE_CFLAGS)", "$(PY_STDMODULE_CFLAGS)");
        } else {
            changed += original;
        }
        changed.push('\n');
    }
    Ok(changed)
}

/// CPython's table of built-in modules, with null for those whose library is missing, and without those that share one.
fn weaken(table: &str, modules: &[Module]) -> Result<String> {
    let mut table = table.to_owned();
    for module in modules {
        if !module.others.is_empty() {
            table = leave_out_of_table(table, module)?;
            continue;
        }
        let declared = declaration(&module.name);
        ensure!(table.contains(&declared), "config.c lacks `{declared}`");
        let weak = declared.replace("extern", "extern __attribute__((weak))");
        table = table.replace(&declared, &weak);
    }
    Ok(table)
}

fn leave_out_of_table(mut table: String, module: &Module) -> Result<String> {
    for name in module.others.iter().chain([&module.name]) {
        for line in [declaration(name), format!("{{\"{name}\", PyInit_{name}}},")] {
            ensure!(table.contains(&line), "config.c lacks `{line}`");
            table = table.replace(&line, "");
        }
    }
    Ok(table)
}

/// The declaration of the function that makes a module.
fn declaration(name: &str) -> String {
    format!("extern PyObject* PyInit_{name}(void);")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite() -> Module {
        Module {
            name: "_sqlite3".to_owned(),
            objects: ["blob", "row"]
                .map(|stem| format!("Modules/_sqlite/{stem}.o"))
                .into(),
            others: Vec::new(),
        }
    }

    #[test]
    fn modules_that_are_switched_on() {
        let setup = "# text\n*static*\n_sqlite3 _sqlite/blob.c _sqlite/row.c # more\n#_tkinter _tkinter.c\n\n*shared*\n_test _test.c\n";
        assert_eq!(read(setup), [sqlite()]);
    }

    #[test]
    fn modules_that_share_a_library() {
        let [module] = read("_hashlib _hashopenssl.c\n_ssl _ssl.c\n")
            .try_into()
            .unwrap();
        assert_eq!(module.name, "_ssl");
        assert_eq!(module.objects, ["Modules/_ssl.o", "Modules/_hashopenssl.o"]);
        let table = "extern PyObject* PyInit__hashlib(void);\nextern PyObject* PyInit__ssl(void);\n\
                     {\"_hashlib\", PyInit__hashlib},\n{\"_ssl\", PyInit__ssl},\n";
        assert_eq!(weaken(table, &[module]).unwrap(), "\n\n\n\n");
    }

    #[test]
    fn objects_are_taken_from_libpython() {
        let makefile = "MODOBJS=  Modules/a.o  Modules/_sqlite/blob.o Modules/_sqlite/row.o\n\
                        Modules/a.o: a.c; cc $(PY_BUILTIN_MODULE_CFLAGS)\n\
                        Modules/_sqlite/row.o: row.c; cc $(PY_BUILTIN_MODULE_CFLAGS) -c\n";
        assert_eq!(
            leave_out(makefile, &[sqlite()]).unwrap(),
            "MODOBJS=Modules/a.o\n\
             Modules/a.o: a.c; cc $(PY_BUILTIN_MODULE_CFLAGS)\n\
             Modules/_sqlite/row.o: row.c; cc $(PY_STDMODULE_CFLAGS) -c\n"
        );
        leave_out("MODOBJS= Modules/_sqlite/row.o\n", &[sqlite()]).unwrap_err();
    }

    #[test]
    fn the_table_refers_weakly() {
        let table = "extern PyObject* PyInit_a(void);\nextern PyObject* PyInit__sqlite3(void);\n";
        assert_eq!(
            weaken(table, &[sqlite()]).unwrap(),
            "extern PyObject* PyInit_a(void);\nextern __attribute__((weak)) PyObject* PyInit__sqlite3(void);\n"
        );
        weaken("", &[sqlite()]).unwrap_err();
    }
}
