//! Compiled code that is kept between runs.

use std::path::Path;

use super::{ended, tiny_program};
use crate::support::components::{tiny, tool};

#[test]
fn compiled_code_is_kept() {
    let cache = tempfile::tempdir().unwrap();
    let component = tiny(
        "kept",
        &tiny_program("(func (export \"run\") (result i32) i32.const 0)"),
    );
    let compiles = || {
        let mut tool = tool();
        tool.env("COMPONENTIZE_PY_CACHE", cache.path())
            .args(["-v", "run"])
            .arg(&component);
        let ended = ended(tool.output().unwrap());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stderr.contains("ms  compiling\n")
    };
    assert!(compiles(), "nothing is kept yet");
    assert!(!compiles(), "it was kept");

    let entry = || {
        let mut entries = std::fs::read_dir(cache.path().join("componentize-py/compiled")).unwrap();
        let entry = entries.next().expect("it was kept").unwrap().path();
        assert!(entries.next().is_none(), "one entry, and nothing left over");
        entry
    };
    let whole = std::fs::read(entry()).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    for (what, bytes) in [
        ("damaged", &damaged[..]),
        ("cut off", &whole[..whole.len() / 2]),
        ("empty", &[]),
    ] {
        std::fs::write(entry(), bytes).unwrap();
        assert!(compiles(), "the entry was {what}");
        assert!(!compiles(), "and has been replaced");
        assert!(
            std::fs::read(entry()).unwrap() == whole,
            "by the same as before"
        );
    }
}

/// Winch's code is kept beside Cranelift's, and a component that Winch cannot compile runs all the same.
#[test]
fn each_compiler_has_its_own_code() {
    let cache = tempfile::tempdir().unwrap();
    let plain = tiny(
        "compilers",
        &tiny_program("(func (export \"run\") (result i32) i32.const 0)"),
    );
    let throws = tiny(
        "compilers-throw",
        &tiny_program(
            "(tag $thrown)
             (func (export \"run\") (result i32)
                 (block $caught (try_table (catch $thrown $caught) (throw $thrown)) unreachable)
                 i32.const 0)",
        ),
    );
    let compilations = |component: &Path, option: &[&str], variable: &str| {
        let mut tool = tool();
        tool.env("COMPONENTIZE_PY_CACHE", cache.path())
            .env("COMPONENTIZE_PY_COMPILER", variable)
            .args(["-v", "run"])
            .args(option)
            .arg(component);
        let ended = ended(tool.output().unwrap());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stderr.matches("ms  compiling\n").count()
    };
    assert_eq!(compilations(&plain, &[], "winch"), 1);
    assert_eq!(compilations(&plain, &[], "cranelift"), 1);
    let winch = ["--compiler", "winch"];
    assert_eq!(compilations(&plain, &winch, "cranelift"), 0);
    // One of them fails.
    assert_eq!(compilations(&throws, &winch, "cranelift"), 2);
    assert_eq!(compilations(&throws, &[], "cranelift"), 0);
}

#[test]
fn compiled_code_is_not_taken_from_where_others_write() {
    use std::os::unix::fs::PermissionsExt as _;
    let cache = tempfile::tempdir().unwrap();
    let component = tiny(
        "private",
        &tiny_program("(func (export \"run\") (result i32) i32.const 0)"),
    );
    let compiles = || {
        let mut tool = tool();
        tool.env("COMPONENTIZE_PY_CACHE", cache.path())
            .args(["-v", "run"])
            .arg(&component);
        ended(tool.output().unwrap())
            .stderr
            .contains("ms  compiling\n")
    };
    assert!(compiles() && !compiles());
    let directory = cache.path().join("componentize-py/compiled");
    let mode = || std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o700);
    for open in [0o770, 0o702] {
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(open)).unwrap();
        assert!(compiles(), "{open:o}");
    }
}

/// A place that the user has chosen is worth a warning; faults of the system's default show with `-v`. Both are reported
/// once, and the component runs.
#[test]
fn a_cache_that_cannot_be_used_is_no_error() {
    use std::os::unix::fs::PermissionsExt as _;
    let component = tiny(
        "uncached",
        &tiny_program("(func (export \"run\") (result i32) i32.const 0)"),
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    let open = tempfile::tempdir().unwrap();
    std::fs::set_permissions(open.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    for (place, reason) in [
        (file.path(), "is not a directory"),
        (open.path(), "others than its owner may write to"),
    ] {
        let run = |variable: &str, options: &[&str]| {
            let mut tool = tool();
            tool.env_remove("COMPONENTIZE_PY_CACHE")
                .env(variable, place)
                .args(options)
                .arg("run")
                .arg(&component);
            let ended = ended(tool.output().unwrap());
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            ended.stderr
        };
        let chosen = run("COMPONENTIZE_PY_CACHE", &[]);
        let warning = "warning: compiled code is not kept, which makes every start slow: ";
        assert!(chosen.starts_with(warning), "{chosen}");
        assert!(chosen.contains(reason), "{chosen}");
        assert!(
            chosen.contains(&place.display().to_string()) && chosen.lines().count() == 1,
            "{chosen}"
        );
        assert_eq!(run("COMPONENTIZE_PY_CACHE", &["-q"]), "");
        assert_eq!(run("XDG_CACHE_HOME", &[]), "");
        let verbose = run("XDG_CACHE_HOME", &["-v"]);
        assert_eq!(verbose.matches(reason).count(), 1, "{verbose}");
    }
}
