//! The user's key: 32 random bytes in a file that nobody else can read, made on first use.

use std::io::{Read as _, Write as _};

use user_folders::{Folder, Refusal};

const FILE: &str = "compiled-code.key";
const LENGTH: usize = 32;
/// The length of a sealed hash.
pub const TAG: u64 = 32;

/// Anybody who has the key can write code that this user executes.
pub struct Key([u8; LENGTH]);

impl Key {
    /// Reads the key in the folder, or makes a new one if there is none that is intact and secret.
    pub fn of_user(folder: &Folder) -> Result<Self, Refusal> {
        match Self::read(folder) {
            Ok(key) => return Ok(key),
            Err(refusal) if refusal.is_missing() => {}
            // Others may know the key, or it is damaged. Entries that it sealed are compiled once more.
            Err(_) => {
                let _ = folder.remove(FILE);
            }
        }
        folder.add(FILE, |file| {
            file.write_all(&user_folders::random::<LENGTH>()?)?;
            file.sync_all()
        })?;
        // Another process may have been faster; then its key is the right one.
        Self::read(folder)
    }

    fn read(folder: &Folder) -> Result<Self, Refusal> {
        let system = |source| Refusal::System {
            path: folder.path().join(FILE),
            source,
        };
        let mut file = folder.read_secret(FILE, LENGTH as u64)?;
        let mut key = [0; LENGTH];
        file.read_exact(&mut key).map_err(system)?;
        Ok(Self(key))
    }

    /// The start of a hash over the entry of this name. The same code under another name has another hash.
    pub fn seal(&self, name: &str) -> blake3::Hasher {
        let mut seal = blake3::Hasher::new_keyed(&self.0);
        seal.update(&(name.len() as u64).to_le_bytes());
        seal.update(name.as_bytes());
        seal
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Key")
    }
}
