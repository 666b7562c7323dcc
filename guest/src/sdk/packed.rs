//! The SDK on a machine that has the tool, but has not built the guest.
//!
//! Comes in: the packed SDK, and the guest's libraries. Goes out: the folder of the SDK in the cache, with clang by pip.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{CPLUSPLUS, DRIVE, Sdk, finish, library};
use crate::hash::Key;
use crate::workshop::Workshop;
use crate::{libc, stage, toolchain};

/// The archive's name, where the guest's build keeps it.
pub(super) const FILE: &str = "sdk.tar.zst";
/// The pins of clang, cmake and ninja in it.
pub(super) const TOOLS: &str = "tools.txt";

/// The parts of the SDK that the tool contains.
pub struct Packed<'a> {
    pub archive: &'a [u8],
    /// The libraries of the guest, by their names.
    pub libraries: BTreeMap<&'a str, &'a [u8]>,
}

impl Packed<'_> {
    pub(crate) fn key(&self) -> String {
        // The archive does not have the programs: the tool writes them.
        let mut key = Key::new("unpacked-sdk")
            .bytes("archive", self.archive)
            .text("drive", DRIVE)
            .text("programs", include_str!("../sdk.rs"));
        for name in self.needed() {
            key = key.bytes(name, self.libraries.get(name).copied().unwrap_or_default());
        }
        key.finish()
    }

    fn needed(&self) -> impl Iterator<Item = &'static str> {
        let cplusplus = CPLUSPLUS.iter().map(|(_, source)| *source);
        libc::LIBRARIES.into_iter().chain(cplusplus)
    }

    /// Makes the folder, unless that has been done. Needs the lock of the cache.
    pub(crate) fn install(&self, workshop: &Workshop) -> Result<Sdk> {
        let folder = workshop.cache.stage("sdk", &self.key());
        let environment = folder.join("tools");
        stage::build(&folder, |folder| {
            self.unpack(folder)?;
            workshop
                .progress
                .step("installing clang, cmake and ninja with pip");
            let pins = fs_err::read_to_string(folder.join(TOOLS))?;
            toolchain::install_tools(&pins, workshop.places, folder, &environment)?;
            let zig = toolchain::zig(&environment)?;
            finish(folder, &zig.with_file_name("lib"))
        })
        .context("failed to install the compiler for WebAssembly")?;
        Ok(Sdk {
            folder,
            tools: environment.join("bin"),
        })
    }

    fn unpack(&self, folder: &Path) -> Result<()> {
        tar::Archive::new(zstd::Decoder::new(self.archive)?).unpack(folder)?;
        let given = |name: &str| {
            let bytes = self.libraries.get(name).copied();
            bytes.with_context(|| format!("`{name}` is not in the guest"))
        };
        for name in libc::LIBRARIES {
            fs_err::write(library(folder, name), given(name)?)?;
        }
        for (name, source) in CPLUSPLUS {
            fs_err::write(folder.join("lib").join(name), given(source)?)?;
        }
        Ok(())
    }
}
