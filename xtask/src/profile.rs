//! `cargo xtask profile`: measures how often each part of CPython's code runs, for the compiler of the guest.
//!
//! Builds a guest whose CPython counts, componentizes `python-stdlib/profile/app.py` with it, which does its work while it
//! is imported, and finds the counters in the component's memory. The result is
//! `python-stdlib/profile/cpython.profdata.zst`. `llvm-profdata` is that of the Rust toolchain
//! (`rustup component add llvm-tools`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use md5::{Digest as _, Md5};
use wasmparser::{DataKind, Operator, Parser, Payload};

use crate::guest_build::with_progress;
use crate::process::{cargo, run, target};

/// `guest/src/profile.c` marks the place with these words; the ends of three sections follow: data, counters, names.
const MARK: [u32; 4] = [0x5047_4f31, 0x9e37_79b9, 0x7f4a_7c15, 0x1234_5678];
/// The size of the compiler's record for each function: hashes of its name and its shape, the place of its counters, and
/// their number.
const RECORD: usize = 48;

/// A function's name, and a hash of its shape.
type Key = (String, u64);

pub fn profile(root: &Path) -> Result<()> {
    let mut guest = PathBuf::new();
    with_progress(|progress| {
        guest = guest::ensure_instrumented(root, progress)?;
        Ok(())
    })?;
    run(cargo(root).args(["build", "--release", "--bin", "componentize-py"]))?;
    let folder = root.join("target/profile");
    fs_err::create_dir_all(&folder)?;
    let component = folder.join("training.wasm");
    let suffix = std::env::consts::EXE_SUFFIX;
    run(
        Command::new(target(root).join(format!("release/componentize-py{suffix}")))
            .current_dir(root.join("python-stdlib/profile"))
            .args(["-q", "-d", "wit", "-w", "training", "componentize", "app"])
            .arg("--guest")
            .arg(&guest)
            .arg("-o")
            .arg(&component),
    )?;
    let counts = counts(&memory(&fs_err::read(&component)?)?)?;
    let run_at_all = counts
        .values()
        .filter(|counts| counts.iter().any(|count| *count > 0));
    eprintln!(
        "{} functions, of which {} have run",
        counts.len(),
        run_at_all.count()
    );
    let text = folder.join("cpython.proftext");
    fs_err::write(&text, listing(&counts)?)?;
    let merged = folder.join("cpython.profdata");
    // The guest's clang is older than Rust's LLVM.
    run(Command::new(profdata()?)
        .args(["merge", "--write-prev-version", "-o"])
        .arg(&merged)
        .arg(&text))?;
    let packed = root.join("python-stdlib/profile/cpython.profdata.zst");
    let level = 19;
    fs_err::write(
        &packed,
        zstd::encode_all(fs_err::File::open(&merged)?, level)?,
    )?;
    eprintln!("written: {}", packed.display());
    Ok(())
}

fn profdata() -> Result<PathBuf> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .output()?;
    let libraries = String::from_utf8(output.stdout)?;
    let name = format!("llvm-profdata{}", std::env::consts::EXE_SUFFIX);
    let program = Path::new(libraries.trim()).with_file_name("bin").join(name);
    ensure!(
        program.exists(),
        "`{}` is not there; install it with `rustup component add llvm-tools`",
        program.display()
    );
    Ok(program)
}

/// The initial memory of a component.
fn memory(component: &[u8]) -> Result<Vec<u8>> {
    let mut memory = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let Payload::DataSection(section) = payload? else {
            continue;
        };
        for segment in section {
            let segment = segment?;
            let DataKind::Active { offset_expr, .. } = segment.kind else {
                continue;
            };
            if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
                let start = value.cast_unsigned() as usize;
                let end = start + segment.data.len();
                if memory.len() < end {
                    memory.resize(end, 0);
                }
                memory[start..end].copy_from_slice(segment.data);
            }
        }
    }
    Ok(memory)
}

/// The counters of all libraries in memory. A function that several libraries have is counted once.
fn counts(memory: &[u8]) -> Result<BTreeMap<Key, Vec<u64>>> {
    let mark: Vec<u8> = MARK.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut counts = BTreeMap::<Key, Vec<u64>>::new();
    for at in 0..memory.len().saturating_sub(mark.len()) {
        if memory[at..].starts_with(&mark) {
            let end = |index: usize| word(memory, at + mark.len() + index * 4);
            let ends = [end(0)?, end(1)?, end(2)?, end(3)?, end(4)?, end(5)?];
            for (key, found) in counts_of(memory, ends)? {
                let all = counts.entry(key).or_insert_with(|| vec![0; found.len()]);
                all.iter_mut()
                    .zip(found)
                    .for_each(|(all, more)| *all += more);
            }
        }
    }
    ensure!(!counts.is_empty(), "the component's CPython does not count");
    Ok(counts)
}

fn counts_of(memory: &[u8], ends: [usize; 6]) -> Result<Vec<(Key, Vec<u64>)>> {
    let [data, data_end, counters, counters_end, names, names_end] = ends;
    let names = hashed(
        memory
            .get(names..names_end)
            .context("names end beyond the memory")?,
    )?;
    let mut found = Vec::new();
    // The place of counters is relative to the record, and the linker has added the address of the library, which is the
    // same everywhere.
    let mut base = None;
    for record in (data..data_end).step_by(RECORD) {
        let relative = word(memory, record + 16)?.wrapping_add(record) & 0xffff_ffff;
        let base = *base.get_or_insert(relative.wrapping_sub(counters));
        let first = relative.wrapping_sub(base) & 0xffff_ffff;
        let count = word(memory, record + 32)?;
        ensure!(
            (counters..counters_end).contains(&first),
            "a function's counters lie outside of the section"
        );
        // Memory ends after the last non-zero byte.
        let value = |index: usize| double_word(memory, first + index * 8).unwrap_or(0);
        let name = names
            .get(&double_word(memory, record)?)
            .context("a function without a name")?;
        found.push((
            (name.clone(), double_word(memory, record + 8)?),
            (0..count).map(value).collect(),
        ));
    }
    Ok(found)
}

/// Names by the hash in the records. They come in blocks: length, 0 (not compressed), names with bytes 1 between them.
fn hashed(mut section: &[u8]) -> Result<BTreeMap<u64, String>> {
    let mut names = BTreeMap::new();
    while let Some(start) = section.iter().position(|byte| *byte != 0) {
        section = &section[start..];
        let length = usize::try_from(number(&mut section)?)?;
        ensure!(number(&mut section)? == 0, "the names are compressed");
        let (block, rest) = section
            .split_at_checked(length)
            .context("names end too early")?;
        section = rest;
        for name in block.split(|byte| *byte == 1) {
            let hash: [u8; 8] = Md5::digest(name)[..8].try_into()?;
            names.insert(u64::from_le_bytes(hash), String::from_utf8(name.to_vec())?);
        }
    }
    Ok(names)
}

/// Takes a number in LEB128.
fn number(bytes: &mut &[u8]) -> Result<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first().context("a number ends too early")?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    anyhow::bail!("a number is too long")
}

fn word(memory: &[u8], at: usize) -> Result<usize> {
    let bytes = memory.get(at..at + 4).context("a word beyond the memory")?;
    Ok(usize::try_from(u32::from_le_bytes(bytes.try_into()?))?)
}

fn double_word(memory: &[u8], at: usize) -> Result<u64> {
    let bytes = memory.get(at..at + 8).context("a word beyond the memory")?;
    Ok(u64::from_le_bytes(bytes.try_into()?))
}

/// The text form that `llvm-profdata` reads.
fn listing(counts: &BTreeMap<Key, Vec<u64>>) -> Result<String> {
    let mut text = ":ir\n".to_owned();
    for ((name, hash), counts) in counts {
        writeln!(text, "{name}\n{hash}\n{}", counts.len())?;
        for count in counts {
            writeln!(text, "{count}")?;
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_by_name() {
        // Sections: one record at 100, two counters at 200, names at 300. The library lies at 0x1000.
        let mut memory = vec![0; 400];
        let mut put = |at: usize, bytes: &[u8]| memory[at..at + bytes.len()].copy_from_slice(bytes);
        for (index, mark) in MARK.iter().enumerate() {
            put(index * 4, &mark.to_le_bytes());
        }
        for (index, end) in [100, 148, 200, 216, 300, 306_u32].iter().enumerate() {
            put(16 + index * 4, &end.to_le_bytes());
        }
        put(100, &Md5::digest(b"main")[..8]);
        put(108, &7_u64.to_le_bytes());
        put(116, &(0x1000_u32 + 200 - 100).to_le_bytes());
        put(132, &2_u32.to_le_bytes());
        put(200, &5_u64.to_le_bytes());
        put(208, &6_u64.to_le_bytes());
        put(300, b"\x04\x00main");
        let counts = counts(&memory).unwrap();
        assert_eq!(listing(&counts).unwrap(), ":ir\nmain\n7\n2\n5\n6\n\n");
        assert!(super::counts(&[0; 64]).is_err());
    }
}
