//! Runs one release of pyright on many bindings and applications at once.

use anyhow::Result;

use super::pyright::{self, Report, Root};
use super::{
    GUEST_PYTHON, PYTHON, WHEEL_PYTHON, copy_app, copy_wheel, kind, write_bindings, write_web,
};
use crate::support::golden::Case;

pub const WHEEL: &str = "wheel";
pub const WEB: &str = "web";

/// The extent of the run.
pub struct Scope {
    /// Bodies that call, or not.
    pub bodies: &'static [bool],
    /// Applications of `tests/typing` must pass strict checks as well.
    pub strict_apps: bool,
}

pub struct Everything {
    /// Exists while its files may be needed.
    directory: tempfile::TempDir,
    report: Report,
}

impl Everything {
    /// The bindings of these cases, all of `tests/typing`, the wheel, and the adapters of web applications.
    pub fn check(
        release: &'static str,
        printed: impl Iterator<Item = Case>,
        scope: &Scope,
    ) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let path = fs_err::canonicalize(directory.path())?;
        let mut roots = Vec::new();
        for case in printed {
            for &calls in scope.bodies {
                let root = format!("{}/{}", kind(calls), case.name());
                write_bindings(&case, calls, &path.join(&root))?;
                copy_app(&case, &path.join(&root))?;
                roots.push(Root {
                    path: root,
                    // Only this version lets strict checkers know the payload in `except Err as error`.
                    python: if calls { PYTHON } else { GUEST_PYTHON },
                    strict: !calls,
                    incomplete: calls,
                });
            }
        }
        for case in Case::all("typing") {
            for (app, strict) in [("app.py", false), ("fixed.py", scope.strict_apps)] {
                let root = format!("{app}/{}", case.name());
                write_bindings(&case, false, &path.join(&root))?;
                let copy = path.join(&root).join("app.py");
                fs_err::copy(case.path(app), copy)?;
                roots.push(Root {
                    path: root,
                    python: GUEST_PYTHON,
                    strict,
                    incomplete: false,
                });
            }
        }
        copy_wheel(&path.join(WHEEL))?;
        roots.push(Root {
            path: WHEEL.to_owned(),
            python: WHEEL_PYTHON,
            strict: true,
            incomplete: true,
        });
        write_web(&path.join(WEB))?;
        roots.push(Root {
            path: WEB.to_owned(),
            python: GUEST_PYTHON,
            strict: true,
            incomplete: true,
        });
        let report = pyright::check(release, &path, &roots)?;
        Ok(Self { directory, report })
    }

    /// The messages about one root.
    pub fn said(&self, root: &str) -> Result<String> {
        let directory = fs_err::canonicalize(self.directory.path())?;
        Ok(self.report.of(&directory, root))
    }
}
