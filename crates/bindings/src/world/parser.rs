//! Runs the parser of WIT on a separate thread, which may panic, and whose stack is large enough for its input: the
//! parser calls itself for each interface that uses another.
//!
//! Comes in: a path and the work to do there. Goes out: the result, or an error.

use std::cell::Cell;
use std::panic;
use std::path::Path;
use std::sync::Once;
use std::thread;

use super::inputs;
use ground::files;

/// The most uses of interfaces, counting each mention; all of WASI has about 100.
const MAX_USES: usize = 100_000;
/// The most stack that a step from an interface to the next takes.
const STACK_PER_USE: usize = 4 << 10;
/// The stack for everything else, and for the interfaces that were read before.
const STACK: usize = 8 << 20;

/// Refuses a path for which the parser would need too large a stack.
pub fn check(path: &Path) -> Result<(), String> {
    if uses(path) > MAX_USES {
        return Err(format!("it uses interfaces more than {MAX_USES} times"));
    }
    Ok(())
}

/// Runs `work`, which parses this path. It panics for some binary packages that contradict themselves.
pub fn run<T: Send>(
    path: &Path,
    work: impl FnOnce() -> anyhow::Result<T> + Send,
) -> anyhow::Result<T> {
    let stack = STACK + uses(path).min(MAX_USES) * STACK_PER_USE;
    thread::scope(|scope| {
        let parser = thread::Builder::new()
            .stack_size(stack)
            .spawn_scoped(scope, || quietly(work))?;
        parser
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the package contradicts itself")))
    })
}

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` on a thread that ends with it and prints nothing if it panics; other threads do.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| panic::set_hook(but_for_parsers(panic::take_hook())));
    IS_QUIET.set(true);
    work()
}

type Hook = Box<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync>;

fn but_for_parsers(hook: Hook) -> Hook {
    Box::new(move |panic| {
        if !IS_QUIET.get() {
            hook(panic);
        }
    })
}

/// The most steps from an interface to the last one that it needs; may include names and comments.
fn uses(path: &Path) -> usize {
    let files = inputs::files(path);
    files.iter().map(|file| uses_of(file)).sum()
}

fn uses_of(file: &Path) -> usize {
    let limit = match file.extension() {
        Some(extension) if extension != "wit" => files::BINARY,
        _ => files::TEXT,
    };
    let Ok(bytes) = files::read(file, limit) else {
        return 0; // the parser says so better
    };
    if wasmparser::Parser::is_component(&bytes) {
        // The byte that begins the type of an instance, the form of interfaces; its end and its name take two more.
        let instances = bytes.iter().filter(|byte| **byte == 0x42).count();
        return instances.min(bytes.len() / 3);
    }
    let word: &[u8] = match file.extension() {
        Some(extension) if extension == "wat" => b"instance",
        _ => b"use",
    };
    let places = bytes.windows(word.len());
    places.filter(|there| *there == word).count()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use wit_parser::Resolve;

    use super::*;

    fn parsed(text: &str) -> anyhow::Result<Resolve> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("world.wit");
        std::fs::write(&path, text).unwrap();
        check(&path).map_err(anyhow::Error::msg)?;
        run(&path, || {
            let mut resolve = Resolve::default();
            resolve.push_path(&path)?;
            Ok(resolve)
        })
    }

    fn chain(length: usize, item: &str) -> String {
        let mut text = String::from("package a:b; interface i0 { type t = u8; }");
        for at in 1..=length {
            text += &format!(
                "interface i{at} {{use i{}.{{t as s}}; type t = u8;}}",
                at - 1
            );
        }
        text + &format!("world w {{ {item} i{length}; }}")
    }

    #[test]
    fn interfaces_without_end() {
        for item in ["import", "export"] {
            let length = 30_000;
            let resolve = parsed(&chain(length, item)).unwrap();
            assert_eq!(resolve.interfaces.len(), length + 1);
        }
        let refused = parsed(&chain(MAX_USES + 1, "import")).unwrap_err();
        assert!(refused.to_string().contains("100000 times"), "{refused}");
    }

    #[test]
    fn only_parsers_panic_silently() {
        static HEARD: Mutex<Vec<&str>> = Mutex::new(Vec::new());
        let nowhere = Path::new("/nowhere");
        run(nowhere, || Ok(())).unwrap();
        let hook = panic::take_hook();
        panic::set_hook(but_for_parsers(Box::new(move |panic| {
            match panic.payload().downcast_ref() {
                Some(said @ (&"loud" | &"silent")) => HEARD.lock().unwrap().push(said),
                _ => hook(panic),
            }
        })));
        let done = run::<()>(nowhere, || {
            assert!(thread::spawn(|| panic!("loud")).join().is_err());
            panic!("silent");
        });
        assert_eq!(
            done.unwrap_err().to_string(),
            "the package contradicts itself"
        );
        assert_eq!(*HEARD.lock().unwrap(), ["loud"]);
    }
}
