//! Damaged compiled code in the user's cache: whatever lies there, the program works as before.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::campaign::Campaign;
use crate::random::bytes;
use crate::support::components::{tiny, tool};

pub fn entries(campaign: &mut Campaign) -> Result<()> {
    let component = tiny("attack-cache", PROGRAM);
    let cache = campaign.place("cache");
    let run = || {
        let mut tool = tool();
        tool.env("COMPONENTIZE_PY_CACHE", &cache);
        tool.arg("run").arg(&component);
        tool
    };
    ensure!(run().status()?.success(), "the program runs");
    let good = files(&cache)?;
    while let Some(mut rng) = campaign.next() {
        // One file of the cache is damaged, a key included.
        let (path, base) = rng.pick(&good).clone();
        let damaged = bytes::mutate(&mut rng, &base, &[b"\x7fELF", b"\0\0\0\0"]);
        replace(&path, &damaged)?;
        campaign.run(&mut run(), &[("entry", &damaged)])?;
        ensure!(
            !campaign.has_refused(),
            "{} is damaged, and the program does not run",
            path.display()
        );
        for (path, content) in &good {
            replace(path, content)?;
        }
    }
    Ok(())
}

/// Replaces a file like an attacker: a new file under the old name, readable and writable for its owner alone.
fn replace(path: &PathBuf, content: &[u8]) -> Result<()> {
    let directory = path.parent().context("it lies in the cache")?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    std::io::Write::write_all(&mut file, content)?;
    file.persist(path)?;
    Ok(())
}

fn files(directory: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs_err::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let content = fs_err::read(&path)?;
                found.push((path, content));
            }
        }
    }
    found.sort();
    ensure!(!found.is_empty(), "code is kept");
    Ok(found)
}

const PROGRAM: &str = r#"
(component
  (core module $m (func (export "run") (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $run-interface (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $run-interface)))
"#;
