//! Random and mutated WIT through world -> plan -> glue -> bindings: nothing panics, every refusal is a user's error, and
//! the printed Python can be imported and passes `mypy --strict`.
//!
//! `FUZZ_WORLDS` and `FUZZ_SEED` (a number, or `random`) make a longer or another run; `fuzz/` has the same as a target of
//! cargo-fuzz. A failing text is kept in the test's temporary directory, which the message names.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use anyhow::{Result, bail, ensure};
use bindings::bindgen::{self, Bodies, PyTree};
use bindings::plan::{Naming, PlanError, plan};
use bindings::world::{WorldRequest, resolve};
use glue::Glue;
use ground::UserError;
use libtest_mimic::Trial;

use crate::random::generate::{Features, package};
use crate::random::mutate::mutate;
use crate::random::rng::{Rng, mix};
use crate::support::command::succeeds;
use crate::support::copy_all;
use crate::support::golden::{tests, write};
use crate::support::python_venv;
use crate::support::suite::Suite;

/// Fixed, so that a change is tested with the same inputs as before.
const SEED: u64 = 0x5eed_0003;
const WORLDS: u64 = 2000;
/// The number of printed packages that a type checker reads.
const CHECKED: usize = 150;

const ALL: Features = Features {
    maps: true,
    fixed_lists: true,
    resources: true,
    asynchronous: true,
    streams: true,
    plain_streams: false,
};
const PLAIN: Features = Features {
    maps: false,
    fixed_lists: false,
    resources: true,
    asynchronous: false,
    streams: false,
    plain_streams: false,
};

thread_local! {
    /// The place and the message of this thread's last panic, while it reads a text.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

pub fn trials() -> Vec<Trial> {
    let seed = match std::env::var("FUZZ_SEED").ok().as_deref() {
        Some("random") => std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |time| time.as_nanos() as u64),
        Some(text) => text.parse().expect("FUZZ_SEED is a number or `random`"),
        None => SEED,
    };
    let worlds = std::env::var("FUZZ_WORLDS").map_or(WORLDS, |text| {
        text.parse().expect("FUZZ_WORLDS is a number")
    });
    let mut suite = Suite::new("fuzz_bindings");
    suite.test("random", move || {
        eprintln!("FUZZ_SEED={seed} FUZZ_WORLDS={worlds}");
        random_worlds(seed, worlds)
    });
    suite.test("mutated", move || mutated_texts(mix(seed, 1), 2 * worlds));
    suite.test("printed", move || printed_python(mix(seed, 2)));
    suite.trials()
}

/// Keeps the message of a panic while a text is read, and passes all other panics on.
fn keep_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let kept = PANIC.with_borrow_mut(|panic| match panic {
                Some(text) => {
                    *text = info.to_string();
                    true
                }
                None => false,
            });
            if !kept {
                others(info);
            }
        }));
    });
}

/// A directory of texts that are read one after the other.
struct Reader {
    directory: tempfile::TempDir,
}

/// The result of a text.
enum Fate {
    Printed(PyTree),
    Refused(anyhow::Error),
}

impl Reader {
    fn new() -> Result<Self> {
        Ok(Self {
            directory: tempfile::tempdir()?,
        })
    }

    /// Does everything with WIT that comes before the linking of libraries; a panic is an error.
    fn read(&self, text: &str, module: &str) -> Result<Fate> {
        let path = self.directory.path().join("world.wit");
        fs_err::write(&path, text)?;
        keep_panics();
        PANIC.set(Some(String::new()));
        let result = catch_unwind(AssertUnwindSafe(|| steps(&path, module)));
        let panic = PANIC.take().unwrap_or_default();
        match result {
            Ok(Ok(tree)) => Ok(Fate::Printed(tree)),
            Ok(Err(error)) if error.is::<UserError>() => Ok(Fate::Refused(error)),
            Ok(Err(error)) => bail!("not a user's error: {error:?}\n{}", keep(text)?),
            Err(_) => bail!("panicked: {panic}\n{}", keep(text)?),
        }
    }
}

fn steps(path: &Path, module: &str) -> Result<PyTree> {
    let world = resolve(&WorldRequest {
        wit_paths: &[path.to_owned()],
        all_features: true,
        ..WorldRequest::default()
    })?;
    let naming = Naming {
        world_module: module.to_owned(),
        ..Naming::default()
    };
    let plan = plan(&world, &[naming])?;
    let stubs = bindgen::print(&plan, Bodies::Stubs);
    let glue = Glue::new(&world, plan.needs_async())?;
    let calls = bindgen::print(&plan, Bodies::Calls(&glue));
    ensure!(
        calls.files.keys().eq(stubs.files.keys()),
        "stubs and real bindings have different files"
    );
    Ok(stubs)
}

fn keep(text: &str) -> Result<String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz-bindings.wit");
    fs_err::write(&path, text)?;
    Ok(format!("the text is in {}", path.display()))
}

fn random_worlds(seed: u64, worlds: u64) -> Result<()> {
    let reader = Reader::new()?;
    let (mut printed, mut refused) = (0, 0);
    for number in 0..worlds {
        // Half of them without features that may be refused, so that no refusal hides most of the rest.
        let features = if number % 2 == 0 { PLAIN } else { ALL };
        let mut rng = Rng::new(mix(seed, number));
        let text = package(&mut rng, "test:fuzz", "fuzz", features).text();
        match reader.read(&text, "wit_world")? {
            Fate::Printed(_) => printed += 1,
            Fate::Refused(error) => {
                ensure!(
                    number % 2 == 1 && refused_on_purpose(&error),
                    "the generator makes valid WIT, but: {error:?} {:?}\n{}",
                    error
                        .downcast_ref::<UserError>()
                        .and_then(UserError::detail),
                    keep(&text)?
                );
                refused += 1;
            }
        }
    }
    eprintln!("random worlds: {printed} printed, {refused} refused as not supported");
    ensure!(
        2 * printed >= worlds,
        "too many are refused to say anything"
    );
    Ok(())
}

fn mutated_texts(seed: u64, count: u64) -> Result<()> {
    let reader = Reader::new()?;
    let texts = texts_of_tests()?;
    let mut rng = Rng::new(seed);
    let (mut printed, mut refused) = (0, 0);
    for _ in 0..count {
        let base = if rng.percent(50) {
            let seed = rng.bits();
            package(&mut Rng::new(seed), "test:fuzz", "fuzz", ALL).text()
        } else {
            rng.pick(&texts).clone()
        };
        match reader.read(&mutate(&mut rng, &base, &texts), "wit_world")? {
            Fate::Printed(_) => printed += 1,
            Fate::Refused(_) => refused += 1,
        }
    }
    eprintln!("mutated texts: {printed} printed, {refused} refused");
    ensure!(
        printed > 0 && refused > 0,
        "mutations are too tame or too wild"
    );
    Ok(())
}

fn texts_of_tests() -> Result<Vec<String>> {
    let mut texts = Vec::new();
    let mut directories = vec![tests()];
    while let Some(directory) = directories.pop() {
        let mut entries: Vec<PathBuf> = fs_err::read_dir(directory)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        entries.sort();
        for path in entries {
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "wit") {
                texts.push(fs_err::read_to_string(path)?);
            }
        }
    }
    Ok(texts)
}

/// Imports every package in one process, and checks them in one run of the type checker.
fn printed_python(seed: u64) -> Result<()> {
    let python = python_venv(&["mypy==2.4.1"]);
    let directory = tempfile::tempdir()?;
    write(
        &bindgen::support(&PyTree::default(), false).files,
        directory.path(),
    )?;
    let reader = Reader::new()?;
    let mut modules = Vec::new();
    for number in 0.. {
        if modules.len() == CHECKED {
            break;
        }
        let module = format!("world{number:03}");
        let features = if number % 2 == 0 { PLAIN } else { ALL };
        let mut rng = Rng::new(mix(seed, number));
        let text = package(&mut rng, "test:fuzz", "fuzz", features).text();
        if let Fate::Printed(tree) = reader.read(&text, &module)? {
            write(&tree.files, directory.path())?;
            fs_err::write(directory.path().join(&module).join("world.wit"), &text)?;
            modules.push(module);
        }
    }
    let imports = "import pkgutil, sys\nfor name in sys.argv[1:]:\n    package = __import__(name)\n    for found in \
                   pkgutil.walk_packages(package.__path__, name + '.'):\n        __import__(found.name)";
    // The module that exists only inside a component, where the type checker does not see it.
    let inside = tempfile::tempdir()?;
    fs_err::write(
        inside.path().join("componentize_py_runtime.py"),
        "def __getattr__(name):\n    return None\n",
    )?;
    let mut command = Command::new(&python);
    command
        .args(["-B", "-W", "error", "-c", imports])
        .args(&modules);
    command
        .current_dir(directory.path())
        .env("PYTHONPATH", inside.path());
    passes(&mut command, directory.path())?;
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("mypy")
        .join("random");
    let mut command = Command::new(&python);
    command
        .args([
            "-m",
            "mypy",
            "--strict",
            "--python-version",
            "3.11",
            "--cache-dir",
        ])
        .arg(cache);
    command
        .args(modules.iter().flat_map(|module| ["-p", module]))
        .current_dir(directory.path());
    passes(command.env_remove("MYPYPATH"), directory.path())
}

/// On failure the packages are kept, with the WIT of each beside it.
fn passes(command: &mut Command, directory: &Path) -> Result<()> {
    let Err(error) = succeeds(command) else {
        return Ok(());
    };
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz-bindings");
    if kept.exists() {
        fs_err::remove_dir_all(&kept)?;
    }
    copy_all(directory, &kept)?;
    Err(error.context(format!("the packages are in {}", kept.display())))
}

fn refused_on_purpose(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref().and_then(UserError::get),
        Some(PlanError::WitNotSupportedYet { .. })
    )
}
