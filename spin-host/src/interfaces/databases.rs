//! MySQL and PostgreSQL. This host has no client for them, so opening a connection fails with an error that says so.
//!
//! All their versions (`fermyon:spin/{mysql,postgres}@2.0.0`, `spin:mysql/mysql@3.0.0`, `spin:postgres/postgres@3` and `@4`)
//! have a resource `connection` whose constructors take the address and fail with the case `connection-failed(string)`.

use wasmtime::Result;
use wasmtime::component::Val;

use crate::state::State;

/// Returns `true` if an import is one of these interfaces.
pub fn is_database(interface: &str) -> bool {
    [
        "fermyon:spin/mysql@",
        "fermyon:spin/postgres@",
        "spin:mysql/mysql@",
        "spin:postgres/postgres@",
    ]
    .iter()
    .any(|prefix| interface.starts_with(prefix))
}

/// Returns `true` if the function opens a connection.
pub fn opens(function: &str) -> bool {
    matches!(
        function,
        "[static]connection.open" | "[static]connection.open-async"
    )
}

/// The answer when a connection is opened.
pub fn refuse(
    state: &State,
    interface: &str,
    parameters: &[Val],
    results: &mut [Val],
) -> Result<()> {
    let (scheme, database) = if interface.contains("mysql") {
        ("mysql", "MySQL")
    } else {
        ("postgres", "PostgreSQL")
    };
    let address = match parameters {
        [Val::String(address)] => address.as_str(),
        _ => "",
    };
    // The part behind the last `@` is not a password.
    let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
    let message = if state.grants.hosts.allow(address, scheme) {
        format!("spin-host has no client for {database}, so it cannot connect to {host}")
    } else {
        format!("`allowed_outbound_hosts` does not have {host}")
    };
    let error = Val::Variant(
        "connection-failed".to_owned(),
        Some(Box::new(Val::String(message))),
    );
    results[0] = Val::Result(Err(Some(Box::new(error))));
    Ok(())
}
