//! Heavyweight work on this repository: `cargo xtask <command>`.

mod attack;
mod bench;
mod cpython_tests;
mod demo;
mod guest_build;
mod lint;
mod process;
mod profile;
mod runs;
mod test;
mod wheel;
mod wheel_tests;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask <command>

commands:
  attack [PART]... [--seconds N] [--seed SEED]
                try hostile inputs on the tool, 60 seconds a part; parts, all without one:
                extensions, wit, toml, spin-toml, binary-wit, components, cache, http
  bench [PART]... [--rounds N]
                compare with componentize-py 0.25.1 from PyPI; parts, all without one:
                build, calls, python, memory, growth, serve, web, numpy,
                linalg, stack
  cpython-tests [NAME]... [--bless]
                run CPython's own tests in a component, an instance for each test file, and compare with
                tests/cpython/table.tsv; all without a name; --bless writes the table, but not the reasons
  demo          build everything that is missing, componentize examples/hello and run it
  guest         build the guest (CPython, wasi-libc, the runtime) and print its folder
  lint          rustfmt, cargo-deny and clippy, whose warnings are errors
  profile       measure how often CPython's code runs, for the guest's compiler (python-stdlib/profile/)
  test          run the whole test suite, rustfmt, cargo-deny and clippy first
  test SUITE[/TEXT]...
                run one suite, or those of its tests that have this text in their names;
                options go to `cargo test`
  wheel NAME[==VERSION]...
                build wheels for the guest from sdists of PyPI, by the recipes in wheels/
  wheel --path DIR
                build the wheel of a project's folder; both take --out DIR (default target/wheels)
  wheel --list  list the recipes
  wheel-tests [NAME]... [--bless]
                test packages with native code in a component, with their own tests, and compare with
                tests/wheels/table.tsv; all without a name; --bless writes the table";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = std::fs::canonicalize(root)?;
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    match command.as_deref() {
        Some("attack") => attack::attack(&root, guest_build::build, &rest),
        Some("bench") => bench::bench(&root, &rest),
        Some("cpython-tests") => cpython_tests::run_tests(&root, guest_build::build, &rest),
        Some("demo") => demo::demo(&root, guest_build::build_in_lines),
        Some("guest") => guest_build::print_folder(&root),
        Some("lint") => lint::lint(&root),
        Some("profile") => profile::profile(&root),
        Some("test") => test::test(&root, guest_build::build_in_lines, &rest),
        Some("wheel") => wheel::wheel(&root, &rest),
        Some("wheel-tests") => wheel_tests::run_tests(&root, guest_build::build, &rest),
        Some("help" | "-h" | "--help") => {
            println!("{USAGE}");
            Ok(())
        }
        Some(other) => bail!("unknown command `{other}`\n\n{USAGE}"),
        None => bail!("no command given\n\n{USAGE}"),
    }
}
