//! Suites by libtest-mimic, whose tests are named `SUITE/CASE`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::env;
use std::fmt::{Display, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};
use libtest_mimic::{Arguments, Failed, Trial};

/// The tests that have run, with their times.
static TIMES: Mutex<Vec<(String, Duration)>> = Mutex::new(Vec::new());

/// The tests of one suite.
pub struct Suite {
    name: &'static str,
    trials: Vec<Trial>,
}

impl Suite {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            trials: Vec::new(),
        }
    }

    pub fn test(&mut self, case: impl Display, test: impl FnOnce() -> Result<()> + Send + 'static) {
        let name = format!("{}/{case}", self.name);
        let trial = Trial::test(name.clone(), move || {
            let start = Instant::now();
            let result = test().map_err(|error| failed(&error));
            let mut times = TIMES.lock().expect("no test panics while it holds this");
            times.push((name, start.elapsed()));
            result
        });
        self.trials.push(trial);
    }

    /// Adds a test that belongs to the ordinary suite only if it is in the sample; `LONG_TESTS` asks for all.
    pub fn sampled(
        &mut self,
        in_sample: bool,
        case: impl Display,
        test: impl FnOnce() -> Result<()> + Send + 'static,
    ) {
        if in_sample || env::var_os("LONG_TESTS").is_some() {
            self.test(case, test);
        }
    }

    pub fn trials(self) -> Vec<Trial> {
        self.trials
    }
}

/// The error with its causes, without its place in the tests, which says nothing.
fn failed(error: &Error) -> Failed {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    Failed::from(causes.join("\nbecause: "))
}

/// The arguments of this program. A test keeps two cores busy by itself: it builds a component, or runs a type checker.
pub fn arguments() -> Arguments {
    let mut arguments = Arguments::from_args();
    let cores = available_parallelism().map_or(2, usize::from);
    arguments.test_threads.get_or_insert((cores / 2).max(2));
    arguments
}

/// Prints the sums of the suites' times and the longest tests, for the budget of a whole run in `CONTRIBUTING.md`.
pub fn print_times() {
    let mut times = TIMES.lock().expect("all tests have ended").clone();
    if times.len() < 100 {
        return;
    }
    let mut suites = BTreeMap::<&str, Duration>::new();
    for (name, time) in &times {
        let suite = name.split('/').next().unwrap_or(name);
        *suites.entry(suite).or_default() += *time;
    }
    let mut line = String::from("seconds by suite, of tests that run side by side:");
    for (suite, time) in suites {
        write!(line, " {suite} {}", time.as_secs()).expect("a string takes all");
    }
    eprintln!("{line}\nthe longest tests:");
    times.sort_by_key(|(_, time)| Reverse(*time));
    for (name, time) in times.iter().take(30) {
        eprintln!("{:6.1} s  {name}", time.as_secs_f64());
    }
}

/// The exit code of libtest.
pub fn exit_code(passed: bool) -> ExitCode {
    ExitCode::from(if passed { 0 } else { 101 })
}

/// Runs the tests that the filter selects; returns whether all passed. `SUITE/TEXT` selects the cases of that suite with
/// this text in their names, even if other suites have cases with the suite's name.
pub fn run(arguments: &Arguments, mut trials: Vec<Trial>) -> bool {
    let mut arguments = arguments.clone();
    let filter = arguments.filter.take_if(|_| !arguments.exact);
    if let Some(filter) = filter {
        match filter.split_once('/') {
            Some((suite, text)) => trials.retain(|trial| {
                let name = trial.name().split_once('/');
                name.is_some_and(|(of, case)| of == suite && case.contains(text))
            }),
            None => trials.retain(|trial| trial.name().contains(&filter)),
        }
        if trials.is_empty() {
            return true;
        }
    }
    !libtest_mimic::run(&arguments, trials).has_failed()
}
