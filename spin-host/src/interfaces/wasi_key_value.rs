//! `wasi:keyvalue/{store,atomics,batch}@0.2.0-draft2`, on the same stores as Spin's own interface.

use wasmtime::Result;
use wasmtime::component::Resource;

use super::generated::wasi::keyvalue::{atomics, batch, store};
use crate::parts::key_value::{Compared, Store};
use crate::state::State;

impl From<rusqlite::Error> for store::Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl store::Host for State {
    async fn open(&mut self, identifier: String) -> Result<Result<Resource<Store>, store::Error>> {
        Ok(match self.key_value_store(&identifier) {
            Some(store) => Ok(self.table.push(store)?),
            None => Err(store::Error::AccessDenied),
        })
    }
}

impl store::HostBucket for State {
    async fn get(
        &mut self,
        bucket: Resource<Store>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, store::Error>> {
        Ok(self
            .table
            .get(&bucket)?
            .get(&key)
            .map_err(store::Error::from))
    }

    async fn set(
        &mut self,
        bucket: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), store::Error>> {
        Ok(self
            .table
            .get(&bucket)?
            .set(&key, &value)
            .map_err(store::Error::from))
    }

    async fn delete(
        &mut self,
        bucket: Resource<Store>,
        key: String,
    ) -> Result<Result<(), store::Error>> {
        Ok(self
            .table
            .get(&bucket)?
            .delete(&key)
            .map_err(store::Error::from))
    }

    async fn exists(
        &mut self,
        bucket: Resource<Store>,
        key: String,
    ) -> Result<Result<bool, store::Error>> {
        Ok(self
            .table
            .get(&bucket)?
            .exists(&key)
            .map_err(store::Error::from))
    }

    /// Returns all keys at once, so there is never a cursor.
    async fn list_keys(
        &mut self,
        bucket: Resource<Store>,
        cursor: Option<String>,
    ) -> Result<Result<store::KeyResponse, store::Error>> {
        if cursor.is_some() {
            return Ok(Err(store::Error::Other(
                "a cursor that was never given out".to_owned(),
            )));
        }
        let keys = self.table.get(&bucket)?.keys();
        Ok(keys
            .map(|keys| store::KeyResponse { keys, cursor: None })
            .map_err(store::Error::from))
    }

    async fn drop(&mut self, bucket: Resource<Store>) -> Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for State {
    async fn increment(
        &mut self,
        bucket: Resource<Store>,
        key: String,
        delta: i64,
    ) -> Result<Result<i64, store::Error>> {
        let number = self.table.get(&bucket)?.increment(&key, delta)?;
        Ok(number.ok_or_else(|| {
            store::Error::Other(format!(
                "`{key}` holds no number, or one that would become too large"
            ))
        }))
    }

    async fn swap(
        &mut self,
        cas: Resource<Compared>,
        value: Vec<u8>,
    ) -> Result<Result<(), atomics::CasError>> {
        let compared = self.table.delete(cas)?;
        Ok(match compared.swap(&value) {
            Ok(true) => Ok(()),
            // With the current value, for another attempt.
            Ok(false) => match compared.again() {
                Ok(current) => Err(atomics::CasError::CasFailed(self.table.push(current)?)),
                Err(error) => Err(atomics::CasError::StoreError(error.into())),
            },
            Err(error) => Err(atomics::CasError::StoreError(error.into())),
        })
    }
}

impl atomics::HostCas for State {
    async fn new(
        &mut self,
        bucket: Resource<Store>,
        key: String,
    ) -> Result<Result<Resource<Compared>, store::Error>> {
        Ok(match self.table.get(&bucket)?.compared(&key) {
            Ok(compared) => Ok(self.table.push(compared)?),
            Err(error) => Err(error.into()),
        })
    }

    async fn current(
        &mut self,
        cas: Resource<Compared>,
    ) -> Result<Result<Option<Vec<u8>>, store::Error>> {
        Ok(Ok(self.table.get(&cas)?.value.clone()))
    }

    async fn drop(&mut self, cas: Resource<Compared>) -> Result<()> {
        self.table.delete(cas)?;
        Ok(())
    }
}

type Pairs = Vec<(String, Option<Vec<u8>>)>;

impl batch::Host for State {
    async fn get_many(
        &mut self,
        bucket: Resource<Store>,
        keys: Vec<String>,
    ) -> Result<Result<Pairs, store::Error>> {
        let store = self.table.get(&bucket)?;
        let pairs: Result<Pairs, rusqlite::Error> = keys
            .into_iter()
            .map(|key| Ok((key.clone(), store.get(&key)?)))
            .collect();
        Ok(pairs.map_err(Into::into))
    }

    async fn set_many(
        &mut self,
        bucket: Resource<Store>,
        pairs: Vec<(String, Vec<u8>)>,
    ) -> Result<Result<(), store::Error>> {
        let store = self.table.get(&bucket)?;
        let done = pairs
            .iter()
            .try_for_each(|(key, value)| store.set(key, value));
        Ok(done.map_err(Into::into))
    }

    async fn delete_many(
        &mut self,
        bucket: Resource<Store>,
        keys: Vec<String>,
    ) -> Result<Result<(), store::Error>> {
        let store = self.table.get(&bucket)?;
        let done = keys.iter().try_for_each(|key| store.delete(key));
        Ok(done.map_err(Into::into))
    }
}
