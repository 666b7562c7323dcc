//! Files of wheels for Emscripten (PEP 783).
//!
//! Comes in: a directory in which pip has installed wheels. Goes out: the names of the files of those that are tagged for
//! Emscripten. Not all such files say so by their own names: `_x.abi3.so`, `libx.so`.

use std::collections::BTreeSet;
use std::path::Path;

use ground::files;

use super::{Grounds, Root};

/// The suffix of extensions for CPython on Emscripten, behind the module's name.
pub const SUFFIX: &str = ".cpython-314-wasm32-emscripten.so";
/// A part of the platform tags of such wheels: `pyemscripten_2026_0_wasm32`.
const PLATFORM: &str = "emscripten_";

/// The end of the names of directories that describe what is installed.
pub const DIST_INFO: &str = ".dist-info";

/// Paths below a directory of the root, with `/` between their parts.
pub fn recorded(directory: &Path, root: &Root, grounds: &Grounds) -> BTreeSet<String> {
    let mut recorded = BTreeSet::new();
    for (name, _) in files::entries(directory) {
        if !name.ends_with(DIST_INFO) {
            continue;
        }
        let read = |file: &str| grounds.read_text(root, &directory.join(&name).join(file));
        if read("WHEEL").is_ok_and(|wheel| is_for_emscripten(&wheel))
            && let Ok(record) = read("RECORD")
        {
            recorded.extend(libraries(&record).map(str::to_owned));
        }
    }
    recorded
}

/// Returns `true` if a tag of the wheel names Emscripten: `Tag: cp314-cp314-pyemscripten_2026_0_wasm32`.
fn is_for_emscripten(wheel: &str) -> bool {
    let mut tags = wheel.lines().filter_map(|line| line.strip_prefix("Tag:"));
    tags.any(|tag| tag.contains(PLATFORM))
}

/// The libraries in a `RECORD`, whose lines are paths, hashes and sizes.
fn libraries(record: &str) -> impl Iterator<Item = &str> {
    let paths = record.lines().filter_map(|line| line.split(',').next());
    paths.filter(|path| path.ends_with(".so"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_wheels() {
        let wheel = |tag: &str| format!("Wheel-Version: 1.0\nTag: {tag}\nBuild: emscripten_1\n");
        assert!(is_for_emscripten(&wheel(
            "cp311-abi3-pyemscripten_2026_0_wasm32"
        )));
        assert!(is_for_emscripten(&wheel(
            "cp314-cp314-emscripten_5_0_3_wasm32"
        )));
        assert!(!is_for_emscripten(&wheel("cp314-cp314-wasi_0_2_wasm32")));
        assert!(!is_for_emscripten(&wheel("py3-none-any")));
    }

    #[test]
    fn libraries_of_records() {
        let record = "x/__init__.py,sha256=a,1\nx/_x.abi3.so,sha256=b,2\nx.libs/libx.so,,\n";
        assert_eq!(
            Vec::from_iter(libraries(record)),
            ["x/_x.abi3.so", "x.libs/libx.so"]
        );
    }
}
