//! Runs worlds: values through every function, then leaks. Failures are reduced and written down, so that they can be kept.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};

use super::component::{Call, Component, Fault, World};
use super::host::Running;
use super::shrink;

/// Counted over all components.
#[derive(Default)]
pub struct Figures {
    pub worlds: AtomicUsize,
    pub components: AtomicUsize,
    pub functions: AtomicUsize,
    pub values: AtomicUsize,
    pub bytes: AtomicUsize,
    pub leaks: AtomicUsize,
    pub asynchronous: AtomicUsize,
    /// Calls with others in flight.
    pub together: AtomicUsize,
}

/// The number of values in each of the later rounds, which look for leaks.
const AGAIN: usize = 4;
/// Rounds after the first one, which warms up.
const ROUNDS: usize = 3;
/// Further rounds, if the last ones still differed.
const MORE_ROUNDS: usize = 10;

/// The numbers of living objects, from the app and the host.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Alive {
    app: String,
    memory: usize,
}

impl Alive {
    /// Python's blocks of memory.
    fn blocks(&self) -> Result<u64> {
        let digits = self
            .app
            .split_once("\"blocks\": ")
            .and_then(|(_, rest)| rest.split_once(','));
        Ok(digits.context("the app tells its blocks")?.0.parse()?)
    }

    /// All counts but the blocks.
    fn others(&self) -> (Option<&str>, usize) {
        (
            self.app.split_once("\"objects\"").map(|(_, rest)| rest),
            self.memory,
        )
    }
}

fn alive(running: &mut Running) -> Result<Alive> {
    Ok(Alive {
        app: running.ask("roundtrip-look")?,
        memory: running.memory(),
    })
}

/// All worlds in one component. A function that fails once is left alone after that.
pub fn run(worlds: &[World], values: usize, figures: &Figures) -> Result<()> {
    let component = Component::build(worlds)?;
    let mut running = component.host.start()?;
    let mut failures = Vec::new();
    let mut healthy = Vec::new();
    for (place, target) in component.targets.iter().enumerate() {
        let world = component.owner(target, worlds);
        let mut calls = component.calls(target, world.seed, values);
        for text in &world.calls {
            let (key, call) = Call::parse(&mut running, text)?;
            if key == target.key() {
                calls.push(call);
            }
        }
        let mut fine = true;
        for call in &calls {
            figures.values.fetch_add(1, Ordering::Relaxed);
            figures.bytes.fetch_add(call.size(), Ordering::Relaxed);
            if let Some(fault) = component.judge(&mut running, target, call, true)? {
                if fault.fatal {
                    running = component.host.start()?;
                }
                failures.push(report(&component, worlds, place, call, &fault)?);
                fine = false;
                break;
            }
        }
        if fine {
            healthy.push((place, calls));
        }
    }
    figures.worlds.fetch_add(worlds.len(), Ordering::Relaxed);
    figures.components.fetch_add(1, Ordering::Relaxed);
    figures
        .functions
        .fetch_add(component.targets.len(), Ordering::Relaxed);
    let asynchronous = component
        .targets
        .iter()
        .filter(|target| target.function.kind.is_async())
        .count();
    figures
        .asynchronous
        .fetch_add(asynchronous, Ordering::Relaxed);
    failures.extend(together(&component, &mut running, &healthy, figures)?);
    if let Some(leak) = leak(&component, &mut running, &healthy)? {
        figures.leaks.fetch_add(1, Ordering::Relaxed);
        failures.push(leak);
    }
    if failures.is_empty() {
        return Ok(());
    }
    bail!(
        "{} of {} functions failed\n\n{}",
        failures.len(),
        component.targets.len(),
        failures.join("\n\n")
    )
}

/// The most calls in flight at once.
const AT_ONCE: usize = 5;

/// Calls of asynchronous functions, several at once.
fn together(
    component: &Component,
    running: &mut Running,
    healthy: &[(usize, Vec<Call>)],
    figures: &Figures,
) -> Result<Option<String>> {
    let of = |place: usize| &component.targets[place];
    let asynchronous: Vec<_> = healthy
        .iter()
        .filter(|(place, _)| of(*place).function.kind.is_async())
        .collect();
    for group in asynchronous.chunks(AT_ONCE).filter(|group| group.len() > 1) {
        for turn in 0..AGAIN {
            let calls: Vec<_> = group
                .iter()
                .filter_map(|(place, calls)| Some((of(*place), calls.get(turn)?)))
                .collect();
            figures.together.fetch_add(calls.len(), Ordering::Relaxed);
            if let Some(fault) = component.judge_together(running, &calls)? {
                let calls: Vec<String> = calls
                    .iter()
                    .map(|(target, call)| call.text(&target.key()))
                    .collect();
                *running = component.host.start()?;
                return Ok(Some(format!(
                    "together: {}\n  calls: {}",
                    fault.what,
                    calls.join("\n    ")
                )));
            }
        }
    }
    Ok(None)
}

/// Repeats the same calls: after the last round no more may be alive than after the one before it.
fn leak(
    component: &Component,
    running: &mut Running,
    healthy: &[(usize, Vec<Call>)],
) -> Result<Option<String>> {
    let mut looks: Vec<Alive> = Vec::new();
    for round in 0..ROUNDS + MORE_ROUNDS {
        if round >= ROUNDS && looks[round - 2] == looks[round - 1] {
            return Ok(None);
        }
        for (place, calls) in healthy {
            for call in calls.iter().take(AGAIN) {
                component.judge(running, &component.targets[*place], call, false)?;
            }
        }
        together(component, running, healthy, &Figures::default())?;
        looks.push(alive(running)?);
    }
    // With asynchronous functions the number of blocks varies by a few from round to round (seen; not traced to a table).
    // All rounds are the same, so a leak shows in every round.
    let (first, last) = (&looks[ROUNDS], &looks[ROUNDS + MORE_ROUNDS - 1]);
    if last.others() == first.others()
        && last.blocks()? < first.blocks()? + (MORE_ROUNDS as u64 - 1)
    {
        return Ok(None);
    }
    let mut text = format!("something leaks, or grows: {looks:#?}");
    for (place, calls) in healthy {
        let target = &component.targets[*place];
        let before = alive(running)?;
        for call in calls.iter().take(AGAIN) {
            component.judge(running, target, call, false)?;
        }
        let after = alive(running)?;
        if before != after {
            text += &format!(
                "\n{}: {before:?} -> {after:?}, e.g. {}",
                target.key(),
                calls[0].text(&target.key())
            );
        }
    }
    Ok(Some(text))
}

/// The failure in words, after cutting the values and the world down.
fn report(
    component: &Component,
    worlds: &[World],
    place: usize,
    call: &Call,
    fault: &Fault,
) -> Result<String> {
    let target = &component.targets[place];
    let key = target.key();
    let world = component.owner(target, worlds);
    let (call, what) = match shrink::call(component, target, call)? {
        Some((small, fault)) => (small, fault.what),
        None => (
            call.clone(),
            format!("{}\n(not seen again with a new instance)", fault.what),
        ),
    };
    let folder = keep(world, &key, &call)?;
    let limit = |text: &str| text.chars().take(3000).collect::<String>();
    Ok(format!(
        "world {} (seed {:#x}), function `{key}`\n{}\n  call: {}\n  to keep it: cp -r {} tests/roundtrip/kept/NAME",
        world.package,
        world.seed,
        limit(&what),
        limit(&call.text(&key)),
        folder.display(),
    ))
}

/// Writes a directory like those in `tests/roundtrip/kept`.
fn keep(world: &World, key: &str, call: &Call) -> Result<PathBuf> {
    let name = format!("{}-{:x}", world.prefix, world.seed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("roundtrip")
        .join(name);
    fs_err::create_dir_all(&folder)?;
    fs_err::write(folder.join("world.wit"), &world.text)?;
    // The seed gives the values again. Values that WAVE can express may be written down too, in the form of the message.
    fs_err::write(folder.join("seed"), format!("{}\n", world.seed))?;
    fs_err::write(folder.join("note"), call.text(key) + "\n")?;
    Ok(folder)
}
