//! `fermyon:spin/key-value@2.0.0` and `spin:key-value/key-value@3.0.0`.

use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};
use wasmtime::{AsContextMut as _, Result};

use super::generated::fermyon::spin2_0_0::key_value as v2;
use super::generated::spin::key_value::key_value as v3;
use crate::parts::key_value::Store;
use crate::state::{Spin, State};

impl State {
    /// The store, if it is granted to the component.
    pub(super) fn key_value_store(&self, label: &str) -> Option<Store> {
        let granted = self.grants.key_value_stores.contains(label);
        granted.then(|| self.parts.key_value.store(label))
    }
}

impl v2::Host for State {}

impl v2::HostStore for State {
    async fn open(&mut self, label: String) -> Result<Result<Resource<Store>, v2::Error>> {
        Ok(match self.key_value_store(&label) {
            Some(store) => Ok(self.table.push(store)?),
            None => Err(v2::Error::AccessDenied),
        })
    }

    async fn get(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, v2::Error>> {
        Ok(self.table.get(&store)?.get(&key).map_err(v2::Error::from))
    }

    async fn set(
        &mut self,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), v2::Error>> {
        Ok(self
            .table
            .get(&store)?
            .set(&key, &value)
            .map_err(v2::Error::from))
    }

    async fn delete(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> Result<Result<(), v2::Error>> {
        Ok(self
            .table
            .get(&store)?
            .delete(&key)
            .map_err(v2::Error::from))
    }

    async fn exists(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> Result<Result<bool, v2::Error>> {
        Ok(self
            .table
            .get(&store)?
            .exists(&key)
            .map_err(v2::Error::from))
    }

    async fn get_keys(&mut self, store: Resource<Store>) -> Result<Result<Vec<String>, v2::Error>> {
        Ok(self.table.get(&store)?.keys().map_err(v2::Error::from))
    }

    async fn drop(&mut self, store: Resource<Store>) -> Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

impl From<rusqlite::Error> for v2::Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<rusqlite::Error> for v3::Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl v3::Host for State {}

impl v3::HostStore for State {
    async fn drop(&mut self, store: Resource<Store>) -> Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

/// The store behind a handle. The store's data cannot be held during a wait.
fn store_of<T>(accessor: &Accessor<T, Spin>, store: &Resource<Store>) -> Result<Store> {
    accessor.with(|mut access| Ok(access.get().table.get(store)?.clone()))
}

impl<T: Send> v3::HostStoreWithStore<T> for Spin {
    async fn open(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> Result<Result<Resource<Store>, v3::Error>> {
        accessor.with(|mut access| {
            let state = access.get();
            Ok(match state.key_value_store(&label) {
                Some(store) => Ok(state.table.push(store)?),
                None => Err(v3::Error::AccessDenied),
            })
        })
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, v3::Error>> {
        Ok(store_of(accessor, &store)?
            .get(&key)
            .map_err(v3::Error::from))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), v3::Error>> {
        Ok(store_of(accessor, &store)?
            .set(&key, &value)
            .map_err(v3::Error::from))
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> Result<Result<(), v3::Error>> {
        Ok(store_of(accessor, &store)?
            .delete(&key)
            .map_err(v3::Error::from))
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> Result<Result<bool, v3::Error>> {
        Ok(store_of(accessor, &store)?
            .exists(&key)
            .map_err(v3::Error::from))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
    ) -> Result<(StreamReader<String>, FutureReader<Result<(), v3::Error>>)> {
        let (keys, outcome) = match store_of(accessor, &store)?.keys() {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(v3::Error::from(error))),
        };
        accessor.with(|mut access| {
            let stream = StreamReader::new(access.as_context_mut(), keys)?;
            let future = FutureReader::new(access.as_context_mut(), async move {
                wasmtime::error::Ok(outcome)
            })?;
            Ok((stream, future))
        })
    }
}
