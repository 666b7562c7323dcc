//! Golden tests of the command line: one directory below `tests/cli/` or `tests/errors/` is one test.
//!
//! `cmd` holds the arguments. Every other file, except the goldens, is there when the program runs, in a
//! directory of its own; `NAME.wat` is the module `NAME` in WebAssembly's text format. Goldens: `stdout`, `stderr`, `exit-code` and `changes` (the files that the run adds
//! `+`, changes `~` or removes `-`); one that is missing stands for nothing, or for exit code 0.
//!
//! Nothing is normalised but the path of that directory, which reads `$DIR`. `BLESS=1 cargo test --release
//! --test cli` rewrites the goldens; read the difference before you commit it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

const GOLDENS: [&str; 4] = ["stdout", "stderr", "exit-code", "changes"];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A build keeps two cores busy by itself.
    arguments.test_threads.get_or_insert(2);
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let trials = ["cli", "errors"]
        .iter()
        .flat_map(|group| {
            cases(&tests.join(group))
                .into_iter()
                .map(move |case| (group, case))
        })
        .map(|(group, case)| {
            let name = case
                .file_name()
                .expect("read from a directory")
                .to_string_lossy();
            Trial::test(format!("{group}/{name}"), move || run(&case))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn cases(group: &Path) -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(group)
        .expect("the directory of tests is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.join("cmd").is_file())
        .collect();
    cases.sort();
    cases
}

fn run(case: &Path) -> Result<(), Failed> {
    let temporary = tempfile::tempdir()?;
    let root = fs::canonicalize(temporary.path())?;
    let directory = root.join("case");
    copy_inputs(case, &directory)?;
    // An empty virtual environment keeps what this machine has installed out of the test.
    let environment = root.join("venv");
    fs::create_dir_all(environment.join("lib/python3.14/site-packages"))?;

    let before = contents(&directory)?;
    let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
        .args(fs::read_to_string(case.join("cmd"))?.split_whitespace())
        .current_dir(&directory)
        .env("VIRTUAL_ENV", &environment)
        .env_remove("COLUMNS")
        .output()?;
    let after = contents(&directory)?;

    let show = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.replace(directory.to_string_lossy().as_ref(), "$DIR")
            .replace(environment.to_string_lossy().as_ref(), "$VENV")
    };
    let code = match output.status.code() {
        Some(0) => String::new(),
        Some(code) => format!("{code}\n"),
        None => "killed\n".to_owned(),
    };
    let found = [
        show(&output.stdout),
        show(&output.stderr),
        code,
        changes(&before, &after),
    ];
    let mut differences = String::new();
    for (golden, found) in GOLDENS.iter().zip(found) {
        compare(&case.join(golden), &found, &mut differences)?;
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("{differences}\nBLESS=1 takes over what was found").into())
    }
}

fn compare(golden: &Path, found: &str, differences: &mut String) -> Result<(), Failed> {
    let expected = if golden.exists() {
        fs::read_to_string(golden)?
    } else {
        String::new()
    };
    if expected == found {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        if found.is_empty() {
            fs::remove_file(golden)?;
        } else {
            fs::write(golden, found)?;
        }
        return Ok(());
    }
    let name = golden
        .file_name()
        .expect("a golden has a name")
        .to_string_lossy();
    let diff = similar::TextDiff::from_lines(expected.as_str(), found);
    let diff = diff
        .unified_diff()
        .header(&format!("{name}, expected"), &format!("{name}, found"))
        .to_string();
    writeln!(differences, "\n{diff}")?;
    Ok(())
}

fn copy_inputs(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().expect("read from a directory");
        if path.is_dir() {
            copy_inputs(&path, &to.join(name))?;
        } else if let Some(name) = name.to_string_lossy().strip_suffix(".wat") {
            let wasm = wat::parse_file(&path).map_err(std::io::Error::other)?;
            fs::write(to.join(name), wasm)?;
        } else if name != "cmd" && GOLDENS.iter().all(|golden| name != *golden) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

type Contents = BTreeMap<String, Vec<u8>>;

/// Every file below a directory, by its path with `/`.
fn contents(directory: &Path) -> std::io::Result<Contents> {
    fn collect(root: &Path, directory: &Path, files: &mut Contents) -> std::io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                collect(root, &path, files)?;
            } else {
                let name = path.strip_prefix(root).expect("found below it");
                files.insert(name.to_string_lossy().replace('\\', "/"), fs::read(&path)?);
            }
        }
        Ok(())
    }
    let mut files = Contents::new();
    collect(directory, directory, &mut files)?;
    Ok(files)
}

fn changes(before: &Contents, after: &Contents) -> String {
    let mut changes = BTreeMap::new();
    for (name, bytes) in after {
        match before.get(name) {
            None => drop(changes.insert(name, '+')),
            Some(old) if old != bytes => drop(changes.insert(name, '~')),
            Some(_) => {}
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        changes.insert(name, '-');
    }
    changes
        .iter()
        .map(|(name, mark)| format!("{mark} {name}\n"))
        .collect()
}
