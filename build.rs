//! Embeds the guest, the compiler for its extensions and the recipes of wheels. Builds them first, with the code of `cargo xtask
//! guest`, unless they are in the user's cache.

use std::path::Path;
use std::{env, fs};

use guest::Progress;

/// Cargo shows messages of a build script only as warnings, so it reports only steps that take minutes.
struct Warnings;

impl Progress for Warnings {
    fn step(&self, message: &str) {
        println!("cargo:warning={message}");
    }
}

fn main() {
    for input in guest::INPUTS {
        println!("cargo:rerun-if-changed={input}");
    }
    println!("cargo:rerun-if-env-changed=COMPONENTIZE_PY_CACHE");
    if let Err(error) = embed() {
        // Not a panic: the message is for the user.
        eprintln!("error: {error:#}");
        std::process::exit(1);
    }
}

fn embed() -> anyhow::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let out = env::var("OUT_DIR")?;
    let packed = guest::ensure_packed(Path::new(&root), &Warnings)?;
    fs::copy(packed, Path::new(&out).join("guest.tar.zst"))?;
    let sdk = guest::ensure_packed_sdk(Path::new(&root), &Warnings)?;
    fs::copy(sdk, Path::new(&out).join("sdk.tar.zst"))?;
    println!("cargo:rerun-if-changed={}", guest::wheels::FOLDER);
    guest::pack_recipes(Path::new(&root), &Path::new(&out).join("recipes.tar.zst"))?;
    Ok(())
}
