//! `fermyon:spin/redis@2.0.0` and `spin:redis/redis@3.0.0`: the check against the allowed hosts, then a real server.
//!
//! Both generations have the same functions. The second must not hold the data of the store while it waits.

use wasmtime::Result;
use wasmtime::component::{Accessor, Resource};

use super::generated::fermyon::spin2_0_0::redis as v2;
use super::generated::spin::redis::redis as v3;
use crate::parts::redis::{Answer, Argument, Connection, Failure};
use crate::say::say;
use crate::state::{Spin, State};

/// The conversions between an interface's types and the client's.
macro_rules! conversions {
    ($interface:ident) => {
        impl From<Failure> for $interface::Error {
            fn from(failure: Failure) -> Self {
                match failure {
                    Failure::Address => Self::InvalidAddress,
                    Failure::Type => Self::TypeError,
                    Failure::Other(text) => Self::Other(text),
                }
            }
        }

        impl From<$interface::RedisParameter> for Argument {
            fn from(parameter: $interface::RedisParameter) -> Self {
                match parameter {
                    $interface::RedisParameter::Int64(number) => Self::Integer(number),
                    $interface::RedisParameter::Binary(bytes) => Self::Bytes(bytes),
                }
            }
        }

        impl From<Answer> for $interface::RedisResult {
            fn from(answer: Answer) -> Self {
                match answer {
                    Answer::Nil => Self::Nil,
                    Answer::Status(text) => Self::Status(text),
                    Answer::Integer(number) => Self::Int64(number),
                    Answer::Bytes(bytes) => Self::Binary(bytes),
                }
            }
        }
    };
}

conversions!(v2);
conversions!(v3);

impl State {
    /// Spin reports an address that is not allowed as invalid.
    fn permit_redis(&self, address: &str) -> Result<(), Failure> {
        // The client takes other schemes too, among them this machine's sockets, which are not hosts.
        let scheme = address
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        let Some(scheme @ ("redis" | "rediss")) = scheme.as_deref() else {
            return Err(Failure::Address);
        };
        if self.grants.hosts.allow(address, scheme) {
            return Ok(());
        }
        // The part behind the last `@` is not a password.
        let host = address
            .rsplit_once('@')
            .or(address.split_once("://"))
            .map_or(address, |(_, host)| host);
        say(&format!(
            "`{}` may not connect to {scheme}://{host}: `allowed_outbound_hosts` does not have it",
            self.grants.component
        ));
        Err(Failure::Address)
    }
}

/// The arguments of a command that takes a key and several values.
fn key_and(key: String, values: Vec<String>) -> impl Iterator<Item = Argument> {
    std::iter::once(key).chain(values).map(Argument::from)
}

impl v2::Host for State {}

impl v2::HostConnection for State {
    async fn open(&mut self, address: String) -> Result<Result<Resource<Connection>, v2::Error>> {
        if let Err(failure) = self.permit_redis(&address) {
            return Ok(Err(failure.into()));
        }
        let place = match self.place_for_connection() {
            Ok(place) => place,
            Err(text) => return Ok(Err(v2::Error::Other(text))),
        };
        Ok(match Connection::open(&address, place).await {
            Ok(connection) => Ok(self.table.push(connection)?),
            Err(failure) => Err(failure.into()),
        })
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }

    async fn publish(
        &mut self,
        connection: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> Result<Result<(), v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("PUBLISH", [channel.into(), payload.into()])
            .await
            .map_err(v2::Error::from))
    }

    async fn get(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("GET", [key.into()])
            .await
            .map_err(v2::Error::from))
    }

    async fn set(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("SET", [key.into(), value.into()])
            .await
            .map_err(v2::Error::from))
    }

    async fn incr(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> Result<Result<i64, v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("INCR", [key.into()])
            .await
            .map_err(v2::Error::from))
    }

    async fn del(
        &mut self,
        connection: Resource<Connection>,
        keys: Vec<String>,
    ) -> Result<Result<u32, v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("DEL", keys.into_iter().map(Argument::from))
            .await
            .map_err(v2::Error::from))
    }

    async fn sadd(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Result<Result<u32, v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("SADD", key_and(key, values))
            .await
            .map_err(v2::Error::from))
    }

    async fn smembers(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> Result<Result<Vec<String>, v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("SMEMBERS", [key.into()])
            .await
            .map_err(v2::Error::from))
    }

    async fn srem(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Result<Result<u32, v2::Error>> {
        let connection = self.table.get(&connection)?;
        Ok(connection
            .command("SREM", key_and(key, values))
            .await
            .map_err(v2::Error::from))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<v2::RedisParameter>,
    ) -> Result<Result<Vec<v2::RedisResult>, v2::Error>> {
        let arguments = arguments.into_iter().map(Argument::from).collect();
        let answers = self
            .table
            .get(&connection)?
            .execute(&command, arguments)
            .await;
        Ok(answers
            .map(|answers| answers.into_iter().map(Into::into).collect())
            .map_err(v2::Error::from))
    }
}

impl v3::Host for State {}

impl v3::HostConnection for State {
    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

/// The connection behind a handle. The store's data cannot be held while waiting for the server.
fn connection_of<T>(
    accessor: &Accessor<T, Spin>,
    connection: &Resource<Connection>,
) -> Result<Connection> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.clone()))
}

impl<T: Send> v3::HostConnectionWithStore<T> for Spin {
    async fn open(
        accessor: &Accessor<T, Self>,
        address: String,
    ) -> Result<Result<Resource<Connection>, v3::Error>> {
        if let Err(failure) = accessor.with(|mut access| access.get().permit_redis(&address)) {
            return Ok(Err(failure.into()));
        }
        let place = accessor.with(|mut access| access.get().place_for_connection());
        let place = match place {
            Ok(place) => place,
            Err(text) => return Ok(Err(v3::Error::Other(text))),
        };
        match Connection::open(&address, place).await {
            Ok(connection) => {
                accessor.with(|mut access| Ok(Ok(access.get().table.push(connection)?)))
            }
            Err(failure) => Ok(Err(failure.into())),
        }
    }

    async fn publish(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> Result<Result<(), v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("PUBLISH", [channel.into(), payload.into()])
            .await
            .map_err(v3::Error::from))
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("GET", [key.into()])
            .await
            .map_err(v3::Error::from))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("SET", [key.into(), value.into()])
            .await
            .map_err(v3::Error::from))
    }

    async fn incr(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Result<Result<i64, v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("INCR", [key.into()])
            .await
            .map_err(v3::Error::from))
    }

    async fn del(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        keys: Vec<String>,
    ) -> Result<Result<u32, v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("DEL", keys.into_iter().map(Argument::from))
            .await
            .map_err(v3::Error::from))
    }

    async fn sadd(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Result<Result<u32, v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("SADD", key_and(key, values))
            .await
            .map_err(v3::Error::from))
    }

    async fn smembers(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Result<Result<Vec<String>, v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("SMEMBERS", [key.into()])
            .await
            .map_err(v3::Error::from))
    }

    async fn srem(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Result<Result<u32, v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        Ok(connection
            .command("SREM", key_and(key, values))
            .await
            .map_err(v3::Error::from))
    }

    async fn execute(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<v3::RedisParameter>,
    ) -> Result<Result<Vec<v3::RedisResult>, v3::Error>> {
        let connection = connection_of(accessor, &connection)?;
        let arguments = arguments.into_iter().map(Argument::from).collect();
        let answers = connection.execute(&command, arguments).await;
        Ok(answers
            .map(|answers| answers.into_iter().map(Into::into).collect())
            .map_err(v3::Error::from))
    }
}
