//! Key-value stores: one SQLite file for all stores of an application, one table with the store's name as a part of the key.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};

/// The possible failure is that of the file: full, locked or damaged. The guest gets it as text.
pub type Result<T, E = rusqlite::Error> = std::result::Result<T, E>;

/// The stores of one application; clones share the file.
#[derive(Clone)]
pub struct Stores(Arc<Mutex<Connection>>);

/// A store by name. It exists as soon as it is opened.
#[derive(Clone)]
pub struct Store {
    stores: Stores,
    name: String,
}

impl Stores {
    pub fn open(file: &Path) -> Result<Self> {
        let connection = super::open_database(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS entries (
                store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key)
            ) WITHOUT ROWID",
        )?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    pub fn store(&self, name: &str) -> Store {
        Store {
            stores: self.clone(),
            name: name.to_owned(),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        // A panic while it was held has left nothing half done: each statement is a separate transaction.
        work(
            &self
                .0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

impl Store {
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let query = "SELECT value FROM entries WHERE store = ? AND key = ?";
        self.stores.with(|connection| {
            connection
                .prepare_cached(query)?
                .query_row([&*self.name, key], |row| row.get(0))
                .optional()
        })
    }

    pub fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        let statement =
            "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
        self.stores.with(|connection| {
            connection
                .prepare_cached(statement)?
                .execute(params![self.name, key, value])
                .map(drop)
        })
    }

    pub fn delete(&self, key: &str) -> Result<()> {
        let statement = "DELETE FROM entries WHERE store = ? AND key = ?";
        self.stores.with(|connection| {
            connection
                .prepare_cached(statement)?
                .execute([&*self.name, key])
                .map(drop)
        })
    }

    pub fn exists(&self, key: &str) -> Result<bool> {
        let query = "SELECT 1 FROM entries WHERE store = ? AND key = ?";
        self.stores
            .with(|connection| connection.prepare_cached(query)?.exists([&*self.name, key]))
    }

    /// All keys, in order.
    pub fn keys(&self) -> Result<Vec<String>> {
        let query = "SELECT key FROM entries WHERE store = ? ORDER BY key";
        self.stores.with(|connection| {
            connection
                .prepare_cached(query)?
                .query_map([&self.name], |row| row.get(0))?
                .collect()
        })
    }
}

/// The observed value of a key, which is changed only if it still holds.
pub struct Compared {
    store: Store,
    key: String,
    pub value: Option<Vec<u8>>,
}

impl Store {
    /// Adds to a number, stored as eight bytes, little-endian, as in Spin. `None` if the value, or the sum, is not such a
    /// number.
    pub fn increment(&self, key: &str, delta: i64) -> Result<Option<i64>> {
        loop {
            let compared = self.compared(key)?;
            let number = match &compared.value {
                None => Some(0),
                Some(bytes) => bytes.as_slice().try_into().ok().map(i64::from_le_bytes),
            };
            let Some(sum) = number.and_then(|number| number.checked_add(delta)) else {
                return Ok(None);
            };
            if compared.swap(&sum.to_le_bytes())? {
                return Ok(Some(sum));
            }
        }
    }

    pub fn compared(&self, key: &str) -> Result<Compared> {
        Ok(Compared {
            store: self.clone(),
            key: key.to_owned(),
            value: self.get(key)?,
        })
    }
}

impl Compared {
    /// Sets the key if it still has the observed value. Returns whether it did.
    pub fn swap(&self, value: &[u8]) -> Result<bool> {
        let (name, key) = (&self.store.name, &self.key);
        let changed = self.store.stores.with(|connection| match &self.value {
            Some(before) => connection
                .prepare_cached(
                    "UPDATE entries SET value = ? WHERE store = ? AND key = ? AND value = ?",
                )?
                .execute(params![value, name, key, before]),
            None => connection
                .prepare_cached("INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT DO NOTHING")?
                .execute(params![name, key, value]),
        })?;
        Ok(changed == 1)
    }

    /// Reads the same key again.
    pub fn again(&self) -> Result<Self> {
        self.store.compared(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_apart() {
        let stores = Stores::open(Path::new(":memory:")).unwrap();
        let (one, other) = (stores.store("one"), stores.store("other"));
        one.set("key", b"first").unwrap();
        one.set("key", b"second").unwrap();
        assert_eq!(one.get("key").unwrap().as_deref(), Some(&b"second"[..]));
        assert_eq!(other.get("key").unwrap(), None);
        assert!(one.exists("key").unwrap() && !other.exists("key").unwrap());
        one.set("another", b"").unwrap();
        assert_eq!(one.keys().unwrap(), ["another", "key"]);
        one.delete("key").unwrap();
        one.delete("key").unwrap();
        assert_eq!(one.keys().unwrap(), ["another"]);
    }

    #[test]
    fn a_key_is_only_changed_if_it_holds_what_it_held() {
        let store = Stores::open(Path::new(":memory:")).unwrap().store("s");
        assert_eq!(store.increment("n", 5).unwrap(), Some(5));
        assert_eq!(store.increment("n", -7).unwrap(), Some(-2));
        assert_eq!(store.increment("n", i64::MIN).unwrap(), None);
        let (one, other) = (
            store.compared("key").unwrap(),
            store.compared("key").unwrap(),
        );
        assert!(one.swap(b"one").unwrap());
        assert!(!other.swap(b"other").unwrap());
        assert!(other.again().unwrap().swap(b"other").unwrap());
        assert_eq!(store.get("key").unwrap().as_deref(), Some(&b"other"[..]));
        assert_eq!(store.increment("key", 1).unwrap(), None);
    }
}
