//! What must be on the machine before the guest can be built.
//!
//! Comes in: nothing. Goes out: nothing, or an error that names each missing program and the command that installs it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

struct Prerequisite {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    /// Packages of Debian, Fedora, Alpine and Homebrew.
    packages: [&'static str; 4],
}

const PREREQUISITES: [Prerequisite; 5] = [
    Prerequisite {
        name: "Python 3.9 or newer",
        program: "python3",
        args: &["-c", "import sys; sys.exit(sys.version_info < (3, 9))"],
        packages: ["python3", "python3", "python3", "python"],
    },
    Prerequisite {
        name: "Python's `venv` with pip",
        program: "python3",
        args: &["-c", "import venv, ensurepip"],
        packages: ["python3-venv", "python3-pip", "py3-pip", "python"],
    },
    Prerequisite {
        name: "a C compiler (`cc`)",
        program: "cc",
        args: &["--version"],
        packages: ["gcc libc6-dev", "gcc", "gcc musl-dev", "gcc"],
    },
    Prerequisite {
        name: "`make`",
        program: "make",
        args: &["--version"],
        packages: ["make", "make", "make", "make"],
    },
    Prerequisite {
        // What Debian's `perl-base` lacks.
        name: "Perl with its standard modules",
        program: "perl",
        args: &[
            "-MFile::Compare",
            "-MFile::Copy",
            "-MIPC::Cmd",
            "-MTime::Piece",
            "-e",
            "1",
        ],
        packages: ["perl", "perl", "perl", "perl"],
    },
];

const INSTALLERS: [(&str, &str); 4] = [
    ("/usr/bin/apt-get", "sudo apt-get install"),
    ("/usr/bin/dnf", "sudo dnf install"),
    ("/sbin/apk", "sudo apk add"),
    ("", "brew install"),
];

pub fn check() -> Result<()> {
    if cfg!(windows) {
        bail!("the guest is built on Linux or macOS; on Windows use WSL");
    }
    let missing: Vec<&Prerequisite> = PREREQUISITES.iter().filter(|one| !is_there(one)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let system = INSTALLERS
        .iter()
        .position(|(path, _)| Path::new(path).exists())
        .unwrap_or(INSTALLERS.len() - 1);
    bail!("{}", message(&missing, system))
}

fn is_there(one: &Prerequisite) -> bool {
    Command::new(one.program)
        .args(one.args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn message(missing: &[&Prerequisite], system: usize) -> String {
    let names: Vec<&str> = missing.iter().map(|one| one.name).collect();
    let mut packages: Vec<&str> = missing.iter().map(|one| one.packages[system]).collect();
    packages.dedup();
    format!(
        "building the guest needs {}\n\nhint: run `{} {}`",
        names.join(", "),
        INSTALLERS[system].1,
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_command() {
        let missing = [&PREREQUISITES[1], &PREREQUISITES[3]];
        assert_eq!(
            message(&missing, 0),
            "building the guest needs Python's `venv` with pip, `make`\n\n\
             hint: run `sudo apt-get install python3-venv make`"
        );
    }
}
