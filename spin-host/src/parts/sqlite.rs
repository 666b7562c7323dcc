//! SQLite databases: each is a file, and each open of a guest is a connection.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, InterruptHandle};

use super::{Place, open_database};

/// The largest result of a statement, in bytes: the host holds it whole.
const RESULT_LIMIT: usize = 64 << 20;

/// The reason why a statement failed.
#[derive(Debug)]
pub enum Failure {
    Full,
    Other(String),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Other(error.to_string()),
        }
    }
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// An open database.
#[derive(Clone)]
pub struct Database {
    _place: Place,
    connection: Arc<Mutex<Connection>>,
    interrupt: Arc<InterruptHandle>,
}

/// All rows of a statement's result.
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

impl Database {
    pub fn open(file: &Path, place: Place) -> Result<Self> {
        let connection = open_database(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.authorizer(Some(permit))?;
        Ok(Self {
            _place: place,
            interrupt: Arc::new(connection.get_interrupt_handle()),
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs one statement on a separate thread. If the request is ended meanwhile, SQLite is told to stop.
    pub async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Rows> {
        let mut stop = StopOnDrop(Some(self.interrupt.clone()));
        let connection = self.connection.clone();
        let work = tokio::task::spawn_blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            execute(&connection, &statement, parameters)
        });
        let rows = work.await.expect("nothing in it panics");
        stop.0 = None;
        rows
    }

    pub fn last_insert_rowid(&self) -> i64 {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last_insert_rowid()
    }

    pub fn changes(&self) -> u64 {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .changes()
    }
}

/// The guest writes the statements. Only this file was granted, so no statement may open another or change process-wide
/// settings.
fn permit(context: AuthContext<'_>) -> Authorization {
    match context.action {
        // A temporary database, which `VACUUM` needs.
        AuthAction::Attach { filename: "" } => Authorization::Allow,
        // `VACUUM INTO` as well. A computed name arrives as an unknown action.
        AuthAction::Attach { .. } | AuthAction::Unknown { .. } => Authorization::Deny,
        AuthAction::Pragma { pragma_name, .. }
            if OF_THE_PROCESS
                .iter()
                .any(|name| name.eq_ignore_ascii_case(pragma_name)) =>
        {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }
}

/// Pragmas that apply to all connections.
const OF_THE_PROCESS: [&str; 4] = [
    "temp_store_directory",
    "data_store_directory",
    "soft_heap_limit",
    "hard_heap_limit",
];

struct StopOnDrop(Option<Arc<InterruptHandle>>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.interrupt();
        }
    }
}

fn execute(connection: &Connection, statement: &str, parameters: Vec<Value>) -> Result<Rows> {
    let mut statement = connection.prepare(statement)?;
    let columns: Vec<String> = statement
        .column_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut found = statement.query(rusqlite::params_from_iter(parameters))?;
    let mut rows = Vec::new();
    let mut size = 0;
    while let Some(row) = found.next()? {
        // Numbers take space too, and so does an empty row.
        if oversized(
            &mut size,
            size_of::<Vec<Value>>() + columns.len() * size_of::<Value>(),
        ) {
            return Err(too_large());
        }
        let values = (0..columns.len()).map(|index| {
            Ok(match row.get_ref(index)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => Value::Real(number),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes)
                    if oversized(&mut size, bytes.len()) =>
                {
                    return Err(too_large());
                }
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            })
        });
        rows.push(values.collect::<Result<_>>()?);
    }
    Ok(Rows { columns, rows })
}

fn oversized(size: &mut usize, more: usize) -> bool {
    *size += more;
    *size > RESULT_LIMIT
}

fn too_large() -> Failure {
    Failure::Other(format!("the rows have more than {RESULT_LIMIT} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_memory() -> Database {
        let place = Arc::new(tokio::sync::Semaphore::new(1)).try_acquire_owned();
        Database::open(Path::new(":memory:"), Arc::new(place.unwrap())).unwrap()
    }

    #[tokio::test]
    async fn statements_give_rows() {
        let database = in_memory();
        let run = async |statement: &str, parameters| {
            database.execute(statement.to_owned(), parameters).await
        };
        run("CREATE TABLE t (i INTEGER, t TEXT, b BLOB, r REAL)", vec![])
            .await
            .unwrap();
        let row = vec![
            Value::Integer(7),
            Value::Text("é".to_owned()),
            Value::Blob(vec![0, 255]),
            Value::Real(0.5),
        ];
        run("INSERT INTO t VALUES (?, ?, ?, ?)", row.clone())
            .await
            .unwrap();
        assert_eq!((database.last_insert_rowid(), database.changes()), (1, 1));
        let rows = run("SELECT * FROM t", vec![]).await.unwrap();
        assert_eq!(rows.columns, ["i", "t", "b", "r"]);
        assert_eq!(rows.rows, [row]);
        assert!(run("SELECT nothing", vec![]).await.is_err());
        let endless =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
        for statement in ["SELECT zeroblob(100000000)", endless] {
            assert!(
                matches!(run(statement, vec![]).await, Err(Failure::Other(text)) if text.contains("more than"))
            );
        }
    }

    #[tokio::test]
    async fn a_statement_that_is_given_up_ends() {
        let database = in_memory();
        let endless =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        let run = database.execute(endless.to_owned(), vec![]);
        assert!(
            tokio::time::timeout(Duration::from_millis(50), run)
                .await
                .is_err()
        );
        // The connection is free again, which it would not be if the statement still ran.
        assert_eq!(
            database
                .execute("SELECT 1".to_owned(), vec![])
                .await
                .unwrap()
                .rows
                .len(),
            1
        );
    }
}
