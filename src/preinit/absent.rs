//! Modules of Python's standard library that components do not have, and those that Python no longer has.
//!
//! Nobody can install these, so the hint about a missing one must be another: [`Absent`] says why it is missing and what does its
//! work. `tests/runtime/standard-library-imports` shows which there are.

use derive_more::Display;

/// A module that is missing for good.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq)]
pub enum Absent {
    /// Components lack it: "they have no display".
    #[display("of Python's standard library is not in components: {reason}")]
    Here {
        reason: &'static str,
        instead: &'static str,
    },
    /// Python has removed it: "3.12".
    #[display("is no longer in Python's standard library: version {version} removed it")]
    Removed {
        version: &'static str,
        instead: &'static str,
    },
}

impl Absent {
    /// What is known about a module, or about the package that it is in.
    pub fn of(module: &str) -> Option<Absent> {
        let top = module.split('.').next().unwrap_or_default();
        let here = HERE.iter().find(|(names, ..)| names.contains(&top));
        let here = here.map(|(_, reason, instead)| Absent::Here { reason, instead });
        let removed = || {
            let (_, version, instead) = REMOVED.iter().find(|(name, ..)| *name == top)?;
            Some(Absent::Removed { version, instead })
        };
        here.or_else(removed)
    }

    /// Whether a module is one of those that Python has without a file.
    pub fn is_builtin(module: &str) -> bool {
        [
            "time",
            "sys",
            "math",
            "posix",
            "errno",
            "gc",
            "itertools",
            "builtins",
            "select",
            "_socket",
            "_signal",
            "_thread",
        ]
        .contains(&module)
    }

    pub fn hint(self) -> &'static str {
        match self {
            Absent::Here { instead, .. } | Absent::Removed { instead, .. } => instead,
        }
    }
}

const NO_SCREEN: &str = "take text and bytes as parameters and return them; the host shows them";
const DO_WITHOUT: &str =
    "import it where it is used, inside `try` and `except ImportError`, and do without it";

/// Names, the reason, and what to do instead.
const HERE: &[(&[&str], &str, &str)] = &[
    (
        &["tkinter", "_tkinter", "turtle", "turtledemo", "idlelib"],
        "they have no display",
        NO_SCREEN,
    ),
    (
        &["curses", "_curses", "_curses_panel", "readline"],
        "they have no terminal",
        NO_SCREEN,
    ),
    (
        &["_dbm", "_gdbm"],
        "they lack the C libraries of these databases",
        "use `dbm.sqlite3`, `dbm.dumb` or `sqlite3`",
    ),
    (
        &["_interpreters", "_interpchannels", "_interpqueues"],
        "they have one interpreter",
        "call functions directly, or with `concurrent.futures`, which runs them at once",
    ),
    (
        &["_remote_debugging"],
        "they cannot look into other processes",
        DO_WITHOUT,
    ),
    (
        &["_posixsubprocess"],
        "they cannot start processes",
        "let the host do what the other program would do",
    ),
    (
        &["ensurepip", "venv"],
        "they cannot start processes, which it needs",
        "install packages into the virtual environment before building; what the app imports becomes part of the component",
    ),
    (
        &[
            "test",
            "_ctypes_test",
            "_testcapi",
            "_testinternalcapi",
            "_testlimitedcapi",
            "_testclinic",
            "_testclinic_limited",
            "_testbuffer",
            "_testimportmultiple",
            "_testmultiphase",
            "_testsinglephase",
            "_testexternalinspection",
            "_xxtestfuzz",
            "xxlimited",
            "xxlimited_35",
            "xxsubtype",
        ],
        "CPython's own tests are left out",
        "keep tests out of what the app imports, and helpers for them in a package of your own",
    ),
    (
        &["_hashlib"],
        "OpenSSL is only in those that import `ssl` in a world with `wasi:sockets`",
        "use `hashlib` and `hmac`, which have their algorithms without it",
    ),
    (
        &["_uuid"],
        "they lack the C library `uuid`",
        "use `uuid`, which does without it",
    ),
    (
        &[
            "_scproxy",
            "_wmi",
            "_winapi",
            "_overlapped",
            "msvcrt",
            "nt",
            "winreg",
            "winsound",
            "_android_support",
            "_apple_support",
            "_ios_support",
            "_msi",
        ],
        "it is for another operating system",
        DO_WITHOUT,
    ),
    (
        &["pydoc_data"],
        "the text of the interactive help is left out",
        DO_WITHOUT,
    ),
];

/// The module, the version of Python that removed it, and what to do instead.
const REMOVED: &[(&str, &str, &str)] = &[
    ("aifc", "3.13", "install `standard-aifc`, which has it"),
    (
        "asynchat",
        "3.12",
        "use `asyncio`, or install `pyasynchat`, which has it",
    ),
    (
        "asyncore",
        "3.12",
        "use `asyncio`, or install `pyasyncore`, which has it",
    ),
    (
        "audioop",
        "3.13",
        "install a package that does this in pure Python; `audioop-lts` is native code, of which there is no build for WASI",
    ),
    ("binhex", "3.11", "use `binascii`"),
    (
        "cgi",
        "3.13",
        "install `legacy-cgi`, which has it, or use `urllib.parse` and `email`",
    ),
    (
        "cgitb",
        "3.13",
        "install `legacy-cgi`, which has it, or use `traceback`",
    ),
    ("chunk", "3.13", "install `standard-chunk`, which has it"),
    (
        "crypt",
        "3.13",
        "use `hashlib.scrypt` or `hashlib.pbkdf2_hmac`, or install `passlib`",
    ),
    (
        "distutils",
        "3.12",
        "install `setuptools`, whose `setuptools._distutils` has it, or use `packaging`, `shutil` and `sysconfig`",
    ),
    ("formatter", "3.10", DO_WITHOUT),
    (
        "imghdr",
        "3.13",
        "install `standard-imghdr`, which has it, or `filetype`",
    ),
    (
        "imp",
        "3.12",
        "use `importlib`: `importlib.util.find_spec`, `importlib.reload`, `types.ModuleType`",
    ),
    ("lib2to3", "3.13", "install `fissix` or `libcst`"),
    (
        "mailcap",
        "3.13",
        "install `standard-mailcap`, which has it, or use `mimetypes`",
    ),
    ("msilib", "3.13", DO_WITHOUT),
    ("nis", "3.13", DO_WITHOUT),
    (
        "nntplib",
        "3.13",
        "install `standard-nntplib`, which has it",
    ),
    ("ossaudiodev", "3.13", DO_WITHOUT),
    ("parser", "3.10", "use `ast`"),
    (
        "pipes",
        "3.13",
        "use `shlex.quote` in place of `pipes.quote`; components cannot start processes",
    ),
    ("smtpd", "3.12", "install `aiosmtpd`"),
    (
        "sndhdr",
        "3.13",
        "install `standard-sndhdr`, which has it, or `filetype`",
    ),
    ("spwd", "3.13", DO_WITHOUT),
    ("sunau", "3.13", "install `standard-sunau`, which has it"),
    ("symbol", "3.10", "use `ast`"),
    (
        "telnetlib",
        "3.13",
        "install `standard-telnetlib`, which has it, or `telnetlib3`",
    ),
    (
        "uu",
        "3.13",
        "use `binascii.b2a_uu` and `base64`, or install `standard-uu`, which has it",
    ),
    (
        "xdrlib",
        "3.13",
        "install `standard-xdrlib`, which has it, or use `struct`",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_counts_as_its_package() {
        assert_eq!(Absent::of("tkinter.ttk"), Absent::of("tkinter"));
        assert!(Absent::of("distutils.core").is_some());
        assert_eq!(Absent::of("requests"), None);
    }
}
