//! The section `dylink.0`, whose numbers the linker uses.

use wasmparser::{CustomSectionReader, Dylink0Subsection, KnownCustom, MemInfo};

use super::{Fault, misshapen};
use crate::link::interface::Unfit;
use ground::wording::size;

/// The most bytes of memory: stored ones and zeros.
pub const MOST_MEMORY: u64 = 256 << 20;
/// The most slots of the table.
pub const MOST_SLOTS: u64 = 1 << 20;
/// The largest alignment, as a power of two: 64 KiB, and as many slots.
const MOST_ALIGNMENT: u32 = 16;
/// The most names of libraries.
const MOST_NEEDED: usize = 1000;
/// The most bytes of such a name.
const LONGEST_NAME: usize = 1024;

/// The requirements of a library.
#[derive(Default)]
pub struct Extent {
    pub mem_info: Option<MemInfo>,
}

impl Extent {
    pub fn check(&self) -> Result<(), Fault> {
        let Some(asked) = &self.mem_info else {
            return Ok(());
        };
        check_memory(u64::from(asked.memory_size))?;
        check_slots(u64::from(asked.table_size))?;
        for alignment in [asked.memory_alignment, asked.table_alignment] {
            if alignment > MOST_ALIGNMENT {
                let most = MOST_ALIGNMENT;
                return too_large(format!(
                    "it asks for an alignment of 2^{alignment}, and 2^{most} is the most"
                ));
            }
        }
        Ok(())
    }
}

pub fn check_memory(bytes: u64) -> Result<(), Fault> {
    if bytes > MOST_MEMORY {
        let most = size(MOST_MEMORY as usize);
        return too_large(format!(
            "it asks for {bytes} bytes of memory, and {most} is the most"
        ));
    }
    Ok(())
}

pub fn check_slots(slots: u64) -> Result<(), Fault> {
    if slots > MOST_SLOTS {
        return too_large(format!(
            "it asks for {slots} slots of the table, and {MOST_SLOTS} is the most"
        ));
    }
    Ok(())
}

fn too_large(reason: String) -> Result<(), Fault> {
    Err(Unfit::TooLarge(reason).into())
}

/// Reads a custom section, if it is this one.
pub fn read(section: &CustomSectionReader<'_>, found: &mut Option<Extent>) -> Result<(), Fault> {
    let KnownCustom::Dylink0(subsections) = section.as_known() else {
        return Ok(());
    };
    if found.is_some() {
        return misshapen("it has two sections `dylink.0`");
    }
    let mut extent = Extent::default();
    for subsection in subsections {
        match subsection? {
            Dylink0Subsection::MemInfo(asked) => {
                if extent.mem_info.replace(asked).is_some() {
                    return misshapen("it says twice how much memory it asks for");
                }
            }
            Dylink0Subsection::Needed(names) => {
                if names.len() > MOST_NEEDED {
                    return misshapen(format!("it needs {} libraries", names.len()));
                }
                let is_name = |name: &&str| !name.is_empty() && name.len() <= LONGEST_NAME;
                if !names.iter().all(is_name) {
                    return misshapen(
                        "a library that it needs has no name, or one that is too long",
                    );
                }
            }
            Dylink0Subsection::ExportInfo(_)
            | Dylink0Subsection::ImportInfo(_)
            | Dylink0Subsection::RuntimePath(_) => {}
            Dylink0Subsection::Unknown { ty, .. } => {
                return misshapen(format!("`dylink.0` has the unknown part {ty}"));
            }
        }
    }
    *found = Some(extent);
    Ok(())
}
