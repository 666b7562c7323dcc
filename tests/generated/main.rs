//! Suites about the Python that is generated from WIT, which need neither Wasmtime nor the guest: `cargo xtask test SUITE/CASE` runs one case.

mod bindings;
mod fuzz_bindings;
#[path = "../support/random/mod.rs"]
mod random;
mod support;
mod typing;

use std::process::ExitCode;

use support::suite;

fn main() -> ExitCode {
    let arguments = suite::arguments();
    let suites = [
        bindings::trials(),
        fuzz_bindings::trials(),
        typing::trials(),
    ];
    let trials = suites.into_iter().flatten().collect();
    let passed = suite::run(&arguments, trials);
    suite::print_times();
    suite::exit_code(passed)
}
