//! The user's key: 32 random bytes in a file that nobody else can read, made when they are first needed.

use std::io::{Read as _, Write as _};

use user_folders::{Folder, Refusal};

const FILE: &str = "compiled-code.key";
const LENGTH: usize = 32;
/// Length of what a key makes of some code.
pub const TAG: u64 = 32;

/// Who has it can write code that this user executes.
pub struct Key([u8; LENGTH]);

impl Key {
    /// The key in the folder, or a new one where there is none that is whole and secret.
    pub fn of_user(folder: &Folder) -> Result<Self, Refusal> {
        match Self::read(folder) {
            Ok(key) => return Ok(key),
            Err(refusal) if refusal.is_missing() => {}
            // Others may know it, or it is none. What it was good for will be compiled once more.
            Err(_) => {
                let _ = folder.remove(FILE);
            }
        }
        folder.add(FILE, |file| {
            file.write_all(&user_folders::random::<LENGTH>()?)?;
            file.sync_all()
        })?;
        // Another process may have been faster, and then its key is the one.
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

    /// The beginning of a hash over an entry of this name. The code of another entry, under this name, has another hash.
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
