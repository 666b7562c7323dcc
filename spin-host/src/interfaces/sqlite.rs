//! `fermyon:spin/sqlite@2.0.0` and `spin:sqlite/sqlite@3.1.0`. The latter also serves 3.0.0, since it has the same functions
//! and more.

use rusqlite::types::Value;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};
use wasmtime::{AsContextMut as _, Result};

use super::generated::fermyon::spin2_0_0::sqlite as v2;
use super::generated::spin::sqlite::sqlite as v3;
use crate::parts::sqlite::{Database, Failure, Rows};
use crate::state::{Spin, State};

/// The conversions between an interface's types and SQLite's.
macro_rules! conversions {
    ($interface:ident) => {
        impl From<Failure> for $interface::Error {
            fn from(failure: Failure) -> Self {
                match failure {
                    Failure::Full => Self::DatabaseFull,
                    Failure::Other(text) => Self::Io(text),
                }
            }
        }

        impl From<$interface::Value> for Value {
            fn from(value: $interface::Value) -> Self {
                match value {
                    $interface::Value::Integer(number) => Self::Integer(number),
                    $interface::Value::Real(number) => Self::Real(number),
                    $interface::Value::Text(text) => Self::Text(text),
                    $interface::Value::Blob(bytes) => Self::Blob(bytes),
                    $interface::Value::Null => Self::Null,
                }
            }
        }

        impl From<Value> for $interface::Value {
            fn from(value: Value) -> Self {
                match value {
                    Value::Integer(number) => Self::Integer(number),
                    Value::Real(number) => Self::Real(number),
                    Value::Text(text) => Self::Text(text),
                    Value::Blob(bytes) => Self::Blob(bytes),
                    Value::Null => Self::Null,
                }
            }
        }

        impl From<Vec<Value>> for $interface::RowResult {
            fn from(values: Vec<Value>) -> Self {
                Self {
                    values: values.into_iter().map(Into::into).collect(),
                }
            }
        }

        impl From<Rows> for $interface::QueryResult {
            fn from(rows: Rows) -> Self {
                Self {
                    columns: rows.columns,
                    rows: rows.rows.into_iter().map(Into::into).collect(),
                }
            }
        }
    };
}

conversions!(v2);
conversions!(v3);

impl State {
    /// The database; `None` if it is not granted to the component.
    fn open_database(&self, name: &str) -> Option<Result<Database, Failure>> {
        if !self.grants.sqlite_databases.contains(name) {
            return None;
        }
        // The manifest's reader accepts only names that are valid in a file's name.
        let file = self.parts.state_directory.join(format!("sqlite-{name}.db"));
        let place = self.place_for_connection().map_err(Failure::Other);
        Some(place.and_then(|place| Database::open(&file, place)))
    }
}

impl v2::Host for State {}

impl v2::HostConnection for State {
    async fn open(&mut self, database: String) -> Result<Result<Resource<Database>, v2::Error>> {
        Ok(match self.open_database(&database) {
            Some(Ok(database)) => Ok(self.table.push(database)?),
            Some(Err(failure)) => Err(failure.into()),
            None => Err(v2::Error::AccessDenied),
        })
    }

    async fn execute(
        &mut self,
        connection: Resource<Database>,
        statement: String,
        parameters: Vec<v2::Value>,
    ) -> Result<Result<v2::QueryResult, v2::Error>> {
        let parameters = parameters.into_iter().map(Value::from).collect();
        let rows = self
            .table
            .get(&connection)?
            .execute(statement, parameters)
            .await;
        Ok(rows.map(Into::into).map_err(v2::Error::from))
    }

    async fn drop(&mut self, connection: Resource<Database>) -> Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl v3::Host for State {}

impl v3::HostConnection for State {
    async fn open(&mut self, database: String) -> Result<Result<Resource<Database>, v3::Error>> {
        Ok(match self.open_database(&database) {
            Some(Ok(database)) => Ok(self.table.push(database)?),
            Some(Err(failure)) => Err(failure.into()),
            None => Err(v3::Error::AccessDenied),
        })
    }

    async fn execute(
        &mut self,
        connection: Resource<Database>,
        statement: String,
        parameters: Vec<v3::Value>,
    ) -> Result<Result<v3::QueryResult, v3::Error>> {
        let parameters = parameters.into_iter().map(Value::from).collect();
        let rows = self
            .table
            .get(&connection)?
            .execute(statement, parameters)
            .await;
        Ok(rows.map(Into::into).map_err(v3::Error::from))
    }

    async fn last_insert_rowid(&mut self, connection: Resource<Database>) -> Result<i64> {
        Ok(self.table.get(&connection)?.last_insert_rowid())
    }

    async fn changes(&mut self, connection: Resource<Database>) -> Result<u64> {
        Ok(self.table.get(&connection)?.changes())
    }

    async fn drop(&mut self, connection: Resource<Database>) -> Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

/// The database behind a handle. The store's data cannot be held while a statement runs.
fn database_of<T>(
    accessor: &Accessor<T, Spin>,
    connection: &Resource<Database>,
) -> Result<Database> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.clone()))
}

type RowStream = (
    Vec<String>,
    StreamReader<v3::RowResult>,
    FutureReader<Result<(), v3::Error>>,
);

impl<T: Send> v3::HostConnectionWithStore<T> for Spin {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> Result<Result<Resource<Database>, v3::Error>> {
        accessor.with(|mut access| {
            let state = access.get();
            Ok(match state.open_database(&database) {
                Some(Ok(database)) => Ok(state.table.push(database)?),
                Some(Err(failure)) => Err(failure.into()),
                None => Err(v3::Error::AccessDenied),
            })
        })
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Database>,
        statement: String,
        parameters: Vec<v3::Value>,
    ) -> Result<Result<RowStream, v3::Error>> {
        let parameters = parameters.into_iter().map(Value::from).collect();
        let database = database_of(accessor, &connection)?;
        let rows = match database.execute(statement, parameters).await {
            Ok(rows) => rows,
            Err(failure) => return Ok(Err(failure.into())),
        };
        let results: Vec<v3::RowResult> = rows.rows.into_iter().map(Into::into).collect();
        accessor.with(|mut access| {
            let stream = StreamReader::new(access.as_context_mut(), results)?;
            let outcome = FutureReader::new(access.as_context_mut(), async {
                wasmtime::error::Ok(Ok(()))
            })?;
            Ok(Ok((rows.columns, stream, outcome)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Database>,
    ) -> Result<i64> {
        Ok(database_of(accessor, &connection)?.last_insert_rowid())
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Database>,
    ) -> Result<u64> {
        Ok(database_of(accessor, &connection)?.changes())
    }
}
