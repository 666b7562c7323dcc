//! Applies unified diffs, strictly: every line must be where the patch says, so that a patch that no longer fits is an
//! error and not a guess.
//!
//! Comes in: the text of a patch and the root of a tree. Goes out: changed files. Lines before the first `---` are the
//! patch's own explanation.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

/// Stands for a file's name if the file did not exist before.
const NEW: &str = "--- /dev/null";

pub fn apply(root: &Path, patch: &str) -> Result<()> {
    let mut lines = patch.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("--- ") || !lines.peek().is_some_and(|next| next.starts_with("+++ ")) {
            continue;
        }
        let header = lines.next().unwrap_or_default();
        let name = header
            .strip_prefix("+++ b/")
            .context("a patch names its files `+++ b/...`")?;
        let path = root.join(name);
        let old = if line == NEW {
            String::new()
        } else {
            fs_err::read_to_string(&path)?
        };
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let mut new = String::new();
        let mut taken = 0;
        while let Some(header) = lines.next_if(|next| next.starts_with("@@ ")) {
            let hunk = Hunk::parse_header(header)?;
            ensure!(
                hunk.start >= taken && hunk.start <= old.len(),
                "`{name}`: `{header}` is out of order"
            );
            new.extend(old[taken..hunk.start].iter().copied());
            taken = hunk.start
                + apply_hunk(&hunk, &mut lines, &old[hunk.start..], &mut new)
                    .with_context(|| format!("`{name}`: `{header}` does not fit"))?;
        }
        new.extend(old[taken..].iter().copied());
        fs_err::write(&path, new)?;
    }
    Ok(())
}

/// `@@ -start,old +_,new @@`, with `start` from 0.
struct Hunk {
    start: usize,
    old: usize,
    new: usize,
}

impl Hunk {
    fn parse_header(header: &str) -> Result<Hunk> {
        let mut words = header.split_whitespace().skip(1);
        let (start, old) = range(words.next().unwrap_or_default(), '-')?;
        let (_, new) = range(words.next().unwrap_or_default(), '+')?;
        Ok(Hunk {
            start: if old == 0 {
                start
            } else {
                start.saturating_sub(1)
            },
            old,
            new,
        })
    }
}

fn range(word: &str, sign: char) -> Result<(usize, usize)> {
    let word = word
        .strip_prefix(sign)
        .context("a hunk begins with `@@ -start,count +start,count @@`")?;
    let (start, count) = word.split_once(',').unwrap_or((word, "1"));
    Ok((start.parse()?, count.parse()?))
}

/// Returns the number of old lines that the hunk covers.
fn apply_hunk<'a>(
    hunk: &Hunk,
    lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
    old: &[&str],
    new: &mut String,
) -> Result<usize> {
    let (mut taken, mut added) = (0, 0);
    while taken < hunk.old || added < hunk.new {
        let line = lines.next().context("the patch ends early")?;
        let (kind, text) = match line.chars().next() {
            Some(kind @ (' ' | '-' | '+')) => (kind, &line[1..]),
            // Editors strip the blank that stands for an empty line.
            None => (' ', ""),
            Some(_) => bail!("`{line}` is neither context nor change"),
        };
        if kind != '+' {
            let found = old.get(taken).map(|line| line.trim_end_matches('\n'));
            ensure!(
                found == Some(text),
                "expected `{text}`, found `{}`",
                found.unwrap_or("the end")
            );
            taken += 1;
        }
        if kind != '-' {
            new.push_str(text);
            new.push('\n');
            added += 1;
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "Why.\n\n--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n@@ -5,0 +6,1 @@\n+six\n";

    fn patched(text: &str) -> Result<String> {
        let root = tempfile::tempdir().unwrap();
        fs_err::write(root.path().join("f"), text).unwrap();
        apply(root.path(), PATCH)?;
        Ok(fs_err::read_to_string(root.path().join("f")).unwrap())
    }

    #[test]
    fn hunks_are_applied_where_they_say() {
        let new = patched("one\ntwo\nthree\nfour\nfive\nseven\n").unwrap();
        assert_eq!(new, "one\n2\nthree\nfour\nfive\nsix\nseven\n");
    }

    #[test]
    fn a_patch_may_add_a_file() {
        let root = tempfile::tempdir().unwrap();
        apply(
            root.path(),
            "Why.\n\n--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+one\n+two\n",
        )
        .unwrap();
        let new = fs_err::read_to_string(root.path().join("new")).unwrap();
        assert_eq!(new, "one\ntwo\n");
    }

    #[test]
    fn a_patch_that_does_not_fit_is_an_error() {
        let error = format!(
            "{:#}",
            patched("one\nTWO\nthree\nfour\nfive\n").unwrap_err()
        );
        assert_eq!(
            error,
            "`f`: `@@ -1,3 +1,3 @@` does not fit: expected `two`, found `TWO`"
        );
    }
}
