//! `setjmp` and `longjmp` for extensions: a static library, since components contain no shared one.
//!
//! They work on WebAssembly's exceptions, in code that is compiled with `-fsetjmp` (`sdk/drive.sh`). Each extension has an exception
//! of its own for its jumps, so none leads from one extension to another.
//!
//! Comes in: wasi-libc's part of it. Goes out: an archive that also defines the exception's tag.

use std::path::Path;

use anyhow::Result;

use crate::copy;
use crate::libc::Libc;
use crate::run::run;
use crate::toolchain::Toolchain;

/// The archive.
const NAME: &str = "libsetjmp.a";
/// wasi-libc's library, which is here under another name.
pub const SHARED: &str = "libsetjmp.so";

/// In position-independent code, clang leaves the definition to whoever loads it.
const TAG: &str =
    "\t.tagtype __c_longjmp i32\n\t.globl __c_longjmp\n\t.hidden __c_longjmp\n__c_longjmp:\n";

/// Puts the archive into `target`.
pub fn build(toolchain: &Toolchain, libc: &Libc, target: &Path) -> Result<()> {
    let archive = target.join(NAME);
    copy::file(&libc.library(NAME), &archive)?;
    let scratch = tempfile::tempdir()?;
    let place = |name: &str| scratch.path().join(name);
    let log = place("log");
    fs_err::write(place("tag.s"), TAG)?;
    run(
        toolchain
            .clang("-mexception-handling")
            .current_dir(&scratch)
            .args(["-c", "tag.s", "-o", "tag.o"]),
        &log,
    )?;
    run(
        toolchain
            .command(&toolchain.program("ar").to_string_lossy())?
            .arg("rD")
            .arg(&archive)
            .arg(place("tag.o")),
        &log,
    )
}
