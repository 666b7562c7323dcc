//! The compiler's flags for all code of a wheel: its extensions, and the libraries that are linked in.

use std::path::Path;

use crate::libcxx;

/// A recipe may add more.
const DEFAULT: [&str; 3] = ["-O3", "-g0", "-DNDEBUG"];

/// Those for C, with the folders of headers of libraries. Code calls its files (`__FILE__`) by names below `/source`, as texts of the wheel do.
pub fn of_c(own: &[String], libraries: &[impl AsRef<Path>], source: &Path) -> Vec<String> {
    [settings(own), paths(libraries, source)].concat()
}

/// Those without paths of this machine.
pub fn settings(own: &[String]) -> Vec<String> {
    let flags = DEFAULT.map(str::to_owned).into_iter();
    flags.chain(own.iter().cloned()).collect()
}

/// The others.
pub fn paths(libraries: &[impl AsRef<Path>], source: &Path) -> Vec<String> {
    let headers = libraries.iter().map(|one| one.as_ref().join("include"));
    let mut flags: Vec<String> = headers.map(|one| format!("-I{}", one.display())).collect();
    flags.push(format!("-ffile-prefix-map={}=/source", source.display()));
    flags
}

/// The additional ones for C++. Without exceptions, throwing ends the program with a message.
pub fn of_cplusplus(exceptions: bool) -> Vec<String> {
    let flags: &[&str] = if exceptions {
        &libcxx::EXCEPTIONS
    } else {
        &["-fexceptions", "-fignore-exceptions"]
    };
    flags.iter().map(|&flag| flag.to_owned()).collect()
}
