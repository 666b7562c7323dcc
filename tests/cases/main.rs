//! Suites whose cases are directories, scripts or READMEs: `cargo xtask test SUITE/CASE` runs one, and `tests/README.md`
//! says how to add one. They are one program, because each linked program contains a Wasmtime.

mod attack;
mod cli;
mod clients;
mod cpython;
mod errors;
mod examples;
mod host;
mod hosts;
mod modules;
mod native_modules;
mod oracle;
mod packages;
#[path = "../support/random/mod.rs"]
mod random;
mod roundtrip;
mod runtime;
mod spin;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod wheel;
mod wheels;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use support::suite;

fn main() -> ExitCode {
    if let Some(code) = spin::as_host() {
        return code;
    }
    let arguments = suite::arguments();
    let suites = [
        cli::trials(),
        clients::trials(),
        cpython::trials(),
        errors::trials(),
        examples::trials(),
        hosts::trials(),
        modules::trials(),
        native_modules::trials(),
        oracle::trials(),
        packages::trials(),
        roundtrip::trials(),
        runtime::trials(),
        spin::trials(),
        tls::trials(),
        wheel::trials(),
        wheels::trials(),
    ];
    let trials = suites.into_iter().flatten().collect();
    let mut passed = suite::run(&arguments, trials);
    roundtrip::print_figures();
    // They watch the machine's time and memory, so others would disturb them.
    let alone = Arguments {
        test_threads: Some(1),
        ..arguments
    };
    passed &= suite::run(&alone, attack::trials());
    suite::print_times();
    suite::exit_code(passed)
}
