//! Parts of the small shared libraries that the tool itself makes.

use wasm_encoder::{CustomSection, Encode as _, GlobalType, ValType};

/// The type of a global with an address, or with an offset from the memory base.
pub const ADDRESS: GlobalType = GlobalType {
    val_type: ValType::I32,
    mutable: false,
    shared: false,
};

/// The first section of a library with so many bytes of data, without alignment, and without slots in the table.
pub fn section(data: usize) -> CustomSection<'static> {
    const MEMORY_INFO: u8 = 1;
    let mut info = Vec::new();
    data.encode(&mut info);
    info.extend([0; 3]);
    let mut content = vec![MEMORY_INFO];
    info.encode(&mut content);
    CustomSection {
        name: "dylink.0".into(),
        data: content.into(),
    }
}
