//! Attacks on the tool with inputs that nobody would write: mutated extensions, WIT, TOML, binary WIT, components, cached
//! code and HTTP.
//!
//! Each part is a test here, with a few inputs from a fixed seed. `cargo xtask attack [PART]... [--seconds N] [--seed SEED]`
//! runs it for longer; `benches/attack.md` has the figures. Whatever the input, the tool ends in time, within bounded
//! memory, with exit code 0, or with 1 and an error without control characters. An input that it does not survive is kept,
//! and the message says where.

mod binaries;
mod cache;
mod campaign;
mod extensions;
mod http;
mod texts;

use std::time::{Duration, UNIX_EPOCH};

use campaign::{Campaign, Limit};
use libtest_mimic::Trial;

use crate::support::suite::Suite;

/// Fixed, so that a change is tested with the same inputs as before.
const SEED: u64 = 0x5eed_0012;

/// A part, its attack, and the number of inputs in the ordinary suite.
type Part = (&'static str, fn(&mut Campaign) -> anyhow::Result<()>, u64);

const PARTS: &[Part] = &[
    ("extensions", extensions::mutated, 12),
    ("wit", texts::wit, 150),
    ("toml", texts::toml, 60),
    ("spin-toml", texts::spin_toml, 2000),
    ("binary-wit", binaries::wit, 150),
    ("components", binaries::components, 60),
    ("cache", cache::entries, 25),
    ("http", http::requests, 300),
];

pub fn trials() -> Vec<Trial> {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(
            text.parse()
                .unwrap_or_else(|_| panic!("{name} is a number")),
        )
    };
    let seed = match std::env::var("ATTACK_SEED").ok().as_deref() {
        Some("random") => UNIX_EPOCH
            .elapsed()
            .map_or(0, |time| time.as_nanos() as u64),
        _ => number("ATTACK_SEED").unwrap_or(SEED),
    };
    let seconds = number("ATTACK_SECONDS").map(Duration::from_secs);
    let wanted = std::env::var("ATTACK_PARTS").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split(',').filter(|part| !part.is_empty()).collect();
    for part in &wanted {
        assert!(
            PARTS.iter().any(|(name, ..)| name == part),
            "there is no part `{part}`"
        );
    }
    let mut suite = Suite::new("attack");
    for (part, attack, sample) in PARTS {
        if !wanted.is_empty() && !wanted.contains(part) {
            continue;
        }
        let limit = seconds.map_or(Limit::Inputs(*sample), Limit::Time);
        suite.test(part, move || {
            let mut campaign = Campaign::new(part, seed, limit)?;
            attack(&mut campaign)?;
            campaign.end()
        });
    }
    suite.trials()
}
