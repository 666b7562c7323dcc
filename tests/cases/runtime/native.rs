//! Native extensions of a case, compiled with the guest's own compiler.
//!
//! A file `native` has a line for each: the file to make, a colon, and C or C++ files, flags for the compiler, libraries made
//! by lines before it (`.so`), and `exceptions` where C++ is to catch them. All paths are those in the case.
//!
//! A file `wheels` has the names of recipes, whose wheels are installed into `deps`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use guest::{Extension, Silent};

use crate::support::copy_all;
use crate::support::golden::Case;
use crate::support::wheels;

/// Returns `true` if the case has any.
pub fn has_extensions(case: &Case) -> bool {
    case.has("native") || case.has("wheels")
}

/// Copies the case and puts its extensions in place.
pub fn with_extensions(case: &Case, copy: &Path) -> Result<()> {
    copy_all(&case.directory, copy)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for recipe in case.lines("wheels") {
        wheels::install(&copy.join("deps"), &[wheels::wheel(&recipe)?])?;
    }
    for line in case.lines("native") {
        let (target, words) = line
            .split_once(':')
            .context("`native`: a line has no `:`")?;
        let target = Path::new(target);
        let (mut sources, mut libraries, mut flags) = (Vec::new(), Vec::new(), Vec::new());
        let mut exceptions = false;
        for word in words.split_whitespace() {
            match Path::new(word).extension().and_then(|end| end.to_str()) {
                Some("c" | "cpp") => sources.push(copy.join(word)),
                Some("so") => libraries.push(copy.join(word)),
                _ if word == "exceptions" => exceptions = true,
                _ => flags.push(word),
            }
        }
        let extension = Extension {
            name: &target
                .file_name()
                .context("`native`: no file name")?
                .to_string_lossy(),
            sources: &sources,
            flags: &flags,
            libraries: &libraries,
            exceptions,
        };
        let built: PathBuf = guest::extension(root, &extension, &Silent)?;
        fs_err::copy(built, copy.join(target))?;
    }
    Ok(())
}
