//! `cargo xtask attack [PART]... [--seconds N] [--seed SEED]`: gives the tool inputs that nobody would write, for as long as
//! you like.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::process::{cargo, run};

/// The default time of each part.
const SECONDS: &str = "60";

/// Runs the named parts, or all, one after the other; each prints its figures and its seed.
pub fn attack(
    root: &Path,
    guest: impl FnOnce(&Path) -> Result<()>,
    arguments: &[String],
) -> Result<()> {
    let (mut seconds, mut seed, mut parts) = (SECONDS, "random", Vec::new());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || {
            let value = arguments.next();
            value.with_context(|| format!("`{argument}` needs a value"))
        };
        match argument.as_str() {
            "--seconds" => seconds = value()?,
            "--seed" => seed = value()?,
            option if option.starts_with('-') => bail!("unknown option `{option}`"),
            part => parts.push(part),
        }
    }
    if seconds.parse::<u64>().is_err() {
        bail!("`{seconds}` is not a number of seconds");
    }
    if seed != "random" && seed.parse::<u64>().is_err() {
        bail!("`{seed}` is not a seed: give a number, or `random`");
    }
    guest(root)?;
    run(cargo(root)
        .args(["test", "--release", "--workspace", "--test", "cases"])
        .args(["--", "attack/"])
        .env("ATTACK_PARTS", parts.join(","))
        .env("ATTACK_SECONDS", seconds)
        .env("ATTACK_SEED", seed))
}
