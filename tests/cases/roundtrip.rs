//! Random worlds and values: every value goes host -> guest -> host -> guest -> host and is compared at each station, and
//! after each component nothing more may be alive than before.
//!
//! The ordinary run has a fixed seed. Others, each printed so that it can be repeated:
//!
//! - `ROUNDTRIP_WORLDS=5000 cargo xtask test roundtrip`: a longer run, with a seed of its own;
//! - `ROUNDTRIP_SEED=123` (or `random`): another one;
//! - `ROUNDTRIP_TOGETHER=1`: how many worlds are united in one component;
//! - `ROUNDTRIP_ONLY=17`: only that world of the run, alone;
//! - `ROUNDTRIP_VALUES=200`: for each function.
//!
//! A failure is cut down and written as a directory: `world.wit`, `seed` (of the values) and `note` (the call). Copied to
//! `tests/roundtrip/kept/NAME` it is run always; a file `values` may list more calls, as the note has them.

mod app;
mod campaign;
mod component;
mod handles;
mod host;
mod imports;
mod show;
mod shrink;
mod values;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Once};

use campaign::{Figures, run};
use component::World;
use libtest_mimic::Trial;

use crate::random::generate::{Features, package};
use crate::random::rng::{Rng, mix};
use crate::support::golden::tests;
use crate::support::suite::Suite;

const SEED: u64 = 0x5eed_0003;
const WORLDS: u64 = 300;
const TOGETHER: u64 = 25;
const VALUES: u64 = 20;

const FEATURES: Features = Features {
    maps: true,
    fixed_lists: true,
    resources: true,
    asynchronous: true,
    streams: false,
    plain_streams: true,
};

/// The figures of all trials together.
static FIGURES: LazyLock<Figures> = LazyLock::new(Figures::default);

pub fn trials() -> Vec<Trial> {
    let given = number("ROUNDTRIP_WORLDS");
    let worlds = given.unwrap_or(WORLDS);
    let seed = match std::env::var("ROUNDTRIP_SEED").ok().as_deref() {
        Some("random") => any_seed(),
        Some(text) => text
            .parse()
            .expect("ROUNDTRIP_SEED is a number or `random`"),
        None if given.is_some() => any_seed(),
        None => SEED,
    };
    let only = number("ROUNDTRIP_ONLY");
    let together = only
        .map_or(number("ROUNDTRIP_TOGETHER").unwrap_or(TOGETHER), |_| 1)
        .max(1);
    let values = number("ROUNDTRIP_VALUES").unwrap_or(VALUES);
    let values = usize::try_from(values).expect("a number of values");
    let mut suite = Suite::new("roundtrip");
    let mut add = |name: String, group: Vec<World>| {
        suite.test(name, move || {
            static SHOWN: Once = Once::new();
            SHOWN.call_once(|| {
                eprintln!(
                    "ROUNDTRIP_SEED={seed} ROUNDTRIP_WORLDS={worlds} ROUNDTRIP_VALUES={values}"
                );
            });
            run(&group, values, &FIGURES)
        });
    };
    let numbers: Vec<u64> = only.map_or((0..worlds).collect(), |only| vec![only]);
    for group in numbers.chunks(usize::try_from(together).expect("a number of worlds")) {
        let name = format!("worlds/{}-{}", group[0], group[group.len() - 1]);
        let group = group.iter().map(|number| random_world(seed, *number));
        add(name, group.collect());
    }
    let kept = kept();
    if !kept.is_empty() {
        add("kept".to_owned(), kept);
    }
    suite.trials()
}

/// Prints the figures, if anything was tried.
pub fn print_figures() {
    let count = |one: &AtomicUsize| one.load(Ordering::Relaxed);
    if count(&FIGURES.worlds) == 0 {
        return;
    }
    eprintln!(
        "{} worlds in {} components, {} functions ({} asynchronous), {} calls ({} more at once) with {} bytes of values both ways, {} with leaks",
        count(&FIGURES.worlds),
        count(&FIGURES.components),
        count(&FIGURES.functions),
        count(&FIGURES.asynchronous),
        count(&FIGURES.values),
        count(&FIGURES.together),
        count(&FIGURES.bytes),
        count(&FIGURES.leaks),
    );
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is a number")),
    )
}

fn any_seed() -> u64 {
    std::time::UNIX_EPOCH
        .elapsed()
        .map_or(SEED, |time| time.as_nanos() as u64)
}

fn random_world(seed: u64, number: u64) -> World {
    let seed = mix(seed, number);
    let (name, prefix) = (format!("test:w{number}"), format!("w{number}"));
    World {
        seed,
        text: package(&mut Rng::new(seed), &name, &prefix, FEATURES).text(),
        package: name,
        prefix,
        calls: Vec::new(),
    }
}

/// The kept cases: they are united, so each needs a package name of its own.
fn kept() -> Vec<World> {
    let Ok(entries) = fs_err::read_dir(tests().join("roundtrip/kept")) else {
        return Vec::new();
    };
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    folders.sort();
    let world = |folder: PathBuf| {
        let text =
            fs_err::read_to_string(folder.join("world.wit")).expect("a kept case has `world.wit`");
        let package = text
            .strip_prefix("package ")
            .and_then(|rest| rest.split_once(';'))
            .expect("a package")
            .0
            .to_owned();
        let prefix = package.split(':').next_back().expect("a name").to_owned();
        let seed = fs_err::read_to_string(folder.join("seed"))
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let calls = fs_err::read_to_string(folder.join("values")).unwrap_or_default();
        World {
            seed: seed.unwrap_or(SEED),
            package,
            prefix,
            calls: calls.lines().map(str::to_owned).collect(),
            text,
        }
    };
    folders.into_iter().map(world).collect()
}
