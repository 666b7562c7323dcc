//! The two kinds of compiled code, which Wasmtime writes and reads in the same way.

use std::path::Path;

use sealed::Sealed;
use wasmtime::component::Component;
use wasmtime::{Engine, Module, Result};

/// A component or a core module. Nobody else implements it: its code is executed.
pub trait Loaded: Sealed + Sized {
    fn serialize(&self) -> Result<Vec<u8>>;

    /// Loads what [`Self::serialize`] gave.
    ///
    /// # Safety
    ///
    /// The bytes must come from there: they are executed.
    unsafe fn deserialize(engine: &Engine, code: Vec<u8>) -> Result<Self>;

    /// Maps a file with what [`Self::serialize`] gave.
    ///
    /// # Safety
    ///
    /// As for [`Self::deserialize`], and nobody may change the file.
    unsafe fn deserialize_file(engine: &Engine, path: impl AsRef<Path>) -> Result<Self>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for wasmtime::component::Component {}
    impl Sealed for wasmtime::Module {}
}

impl Loaded for Component {
    fn serialize(&self) -> Result<Vec<u8>> {
        self.serialize()
    }

    unsafe fn deserialize(engine: &Engine, code: Vec<u8>) -> Result<Self> {
        // SAFETY: the caller promises it.
        unsafe { Self::deserialize(engine, code) }
    }

    unsafe fn deserialize_file(engine: &Engine, path: impl AsRef<Path>) -> Result<Self> {
        // SAFETY: the caller promises it.
        unsafe { Self::deserialize_file(engine, path) }
    }
}

impl Loaded for Module {
    fn serialize(&self) -> Result<Vec<u8>> {
        self.serialize()
    }

    unsafe fn deserialize(engine: &Engine, code: Vec<u8>) -> Result<Self> {
        // SAFETY: the caller promises it.
        unsafe { Self::deserialize(engine, code) }
    }

    unsafe fn deserialize_file(engine: &Engine, path: impl AsRef<Path>) -> Result<Self> {
        // SAFETY: the caller promises it.
        unsafe { Self::deserialize_file(engine, path) }
    }
}
