//! `cargo xtask bench [PART...] [--rounds N]`: builds the same applications with this tool and with
//! `componentize-py==0.25.1` from PyPI, in turn, and runs the components of both on one Wasmtime. Prints the tables of
//! `benches/*.md` and then one of the targets, and keeps the raw figures in `benches/runs/`.

mod both_numpys;
mod build;
mod calls;
mod child;
mod growth;
mod growth_apps;
mod linalg;
mod measured;
mod memory;
mod numpy;
mod python;
mod serve;
mod server;
mod stack;
mod statistics;
mod table;
mod targets;
mod tools;
mod unit;
mod web;
mod wrk;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{guest_build, runs};
use measured::Measured;
use tools::Tools;

const USAGE: &str = "usage: cargo xtask bench [build | calls | python | memory | growth | serve | web | numpy | linalg | stack]... [--rounds N]";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Build,
    Calls,
    Python,
    Memory,
    Growth,
    Serve,
    Web,
    Numpy,
    Linalg,
    Stack,
}

/// The inputs of all parts.
struct Bench<'a> {
    root: &'a Path,
    /// The folder for components and other generated files.
    folder: PathBuf,
    /// The number of rounds, in place of a part's own number.
    rounds: Option<usize>,
}

pub fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    let (parts, rounds) = parse(arguments)?;
    guest_build::build(root)?;
    let bench = Bench {
        root,
        folder: root.join("target/bench"),
        rounds,
    };
    fs_err::create_dir_all(&bench.folder)?;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for part in &parts {
        match bench.run(*part) {
            Ok(measured) => done.push(measured),
            // The other parts are worth their time, and the run fails at its end.
            Err(error) if parts.len() > 1 => {
                eprintln!("error: `{}`: {error:#}", part.name());
                failed.push(format!("`{}`", part.name()));
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(summary) = targets::summary(&done, parts == Part::ALL) {
        println!("## Targets\n\n{summary}");
    }
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

fn parse(arguments: &[String]) -> Result<(Vec<Part>, Option<usize>)> {
    let (mut parts, mut rounds) = (Vec::new(), None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--rounds" {
            let number = rest.next().and_then(|number| number.parse().ok());
            let number = number.filter(|number| *number > 0);
            rounds = Some(number.context(format!("`--rounds` needs a number\n\n{USAGE}"))?);
        } else {
            match Part::ALL.into_iter().find(|part| part.name() == argument) {
                Some(part) => parts.push(part),
                None => bail!("unknown part `{argument}`\n\n{USAGE}"),
            }
        }
    }
    if parts.is_empty() {
        parts = Part::ALL.to_vec();
    }
    Ok((parts, rounds))
}

impl Part {
    const ALL: [Self; 10] = [
        Self::Build,
        Self::Calls,
        Self::Python,
        Self::Memory,
        Self::Growth,
        Self::Serve,
        Self::Web,
        Self::Numpy,
        Self::Linalg,
        Self::Stack,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Calls => "calls",
            Self::Python => "python",
            Self::Memory => "memory",
            Self::Growth => "growth",
            Self::Serve => "serve",
            Self::Web => "web",
            Self::Numpy => "numpy",
            Self::Linalg => "linalg",
            Self::Stack => "stack",
        }
    }
}

impl Bench<'_> {
    /// Measures, prints and keeps.
    fn run(&self, part: Part) -> Result<Measured> {
        let name = part.name();
        eprintln!("measuring: {name}");
        let (measured, report) = match part {
            Part::Build => build::bench(self)?,
            Part::Calls => calls::bench(self)?,
            Part::Python => python::bench(self)?,
            Part::Memory => memory::bench(self)?,
            Part::Growth => growth::bench(self)?,
            Part::Serve => serve::bench(self)?,
            Part::Web => web::bench(self)?,
            Part::Numpy => numpy::bench(self)?,
            Part::Linalg => linalg::bench(self)?,
            Part::Stack => stack::bench(self)?,
        };
        println!("## `cargo xtask bench {name}`\n\n{report}");
        let kept = runs::keep(self.root, name, &measured.raw())?;
        eprintln!("kept in {}", kept.display());
        Ok(measured)
    }

    fn tools(&self) -> Result<Tools> {
        tools::tools(self.root, &self.folder)
    }

    fn rounds(&self, usual: usize) -> usize {
        self.rounds.unwrap_or(usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<(Vec<Part>, Option<usize>)> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&arguments)
    }

    #[test]
    fn arguments() {
        let all = parsed("").expect("all parts");
        assert_eq!(all, (Part::ALL.to_vec(), None));
        let some = parsed("serve --rounds 3 build").expect("two parts");
        assert_eq!(some, (vec![Part::Serve, Part::Build], Some(3)));
        for wrong in ["speed", "--rounds", "--rounds x", "--rounds 0"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
