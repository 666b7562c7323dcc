//! `fermyon:spin/variables@2.0.0`, `spin:variables/variables@3.0.0` and `wasi:config/store@0.2.0-draft-2024-09-27`.

use wasmtime::Result;
use wasmtime::component::Accessor;

use super::generated::fermyon::spin2_0_0::variables as v2;
use super::generated::spin::variables::variables as v3;
use super::generated::wasi::config::store as config;
use crate::state::{Grants, Spin, State};
use crate::variables::is_name;

impl Grants {
    fn variable(&self, name: &str) -> Result<String, v2::Error> {
        if !is_name(name) {
            return Err(v2::Error::InvalidName(format!(
                "`{name}` is not a valid variable name"
            )));
        }
        let value = self.variables.get(name).cloned();
        value.ok_or_else(|| {
            v2::Error::Undefined(format!(
                "no variable `{name}` for component `{}`",
                self.component
            ))
        })
    }
}

impl v2::Host for State {
    async fn get(&mut self, name: String) -> Result<Result<String, v2::Error>> {
        Ok(self.grants.variable(&name))
    }
}

impl v3::Host for State {}

impl<T: Send> v3::HostWithStore<T> for Spin {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> Result<Result<String, v3::Error>> {
        let value = accessor.with(|mut access| access.get().grants.variable(&name));
        Ok(value.map_err(|error| match error {
            v2::Error::InvalidName(text) => v3::Error::InvalidName(text),
            v2::Error::Undefined(text) => v3::Error::Undefined(text),
            v2::Error::Provider(text) => v3::Error::Provider(text),
            v2::Error::Other(text) => v3::Error::Other(text),
        }))
    }
}

impl config::Host for State {
    async fn get(&mut self, key: String) -> Result<Result<Option<String>, config::Error>> {
        Ok(Ok(self.grants.variables.get(&key).cloned()))
    }

    async fn get_all(&mut self) -> Result<Result<Vec<(String, String)>, config::Error>> {
        let variables = &self.grants.variables;
        Ok(Ok(variables
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()))
    }
}
