//! The Redis client: each connection that a guest opens is one connection to a real server.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, Value};

use super::Place;

/// The server may be busy, but a guest's request has a time limit anyway.
const ANSWER: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(5);

/// An open connection; clones share it.
#[derive(Clone)]
pub struct Connection {
    connection: MultiplexedConnection,
    _place: Place,
}

/// The reason why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The address is not a Redis URL.
    Address,
    /// The server has a value of another type under that key.
    Type,
    Other(String),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        let wrong_type = error.code() == Some("WRONGTYPE")
            || error.to_string().contains("value is not an integer");
        match error.kind() {
            ErrorKind::UnexpectedReturnType => Self::Type,
            _ if wrong_type => Self::Type,
            ErrorKind::InvalidClientConfig => Self::Address,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// An argument of a command.
pub enum Argument {
    Integer(i64),
    Bytes(Vec<u8>),
}

/// A part of an answer; arrays are flattened.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Nil,
    Status(String),
    Integer(i64),
    Bytes(Vec<u8>),
}

impl Connection {
    pub async fn open(address: &str, place: Place) -> Result<Self, Failure> {
        let client = Client::open(address).map_err(|_| Failure::Address)?;
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(Some(ANSWER))
            .set_connection_timeout(Some(CONNECT));
        let connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        Ok(Self {
            connection,
            _place: place,
        })
    }

    /// Sends `name` with `arguments` and takes the answer as a `T`.
    pub async fn command<T: FromRedisValue>(
        &self,
        name: &str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<T, Failure> {
        let mut command = Cmd::new();
        // A command of two words, such as `CONFIG GET`, is two arguments on the wire.
        name.split_whitespace().for_each(|word| {
            command.arg(word);
        });
        for argument in arguments {
            match argument {
                Argument::Integer(number) => command.arg(number),
                Argument::Bytes(bytes) => command.arg(bytes),
            };
        }
        Ok(command.query_async(&mut self.connection.clone()).await?)
    }

    /// Any command, its answer as a flat list.
    pub async fn execute(
        &self,
        name: &str,
        arguments: Vec<Argument>,
    ) -> Result<Vec<Answer>, Failure> {
        let value: Value = self.command(name, arguments).await?;
        let mut answers = Vec::new();
        flatten(value, &mut answers)?;
        Ok(answers)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Bytes(text.into_bytes())
    }
}

impl From<Vec<u8>> for Argument {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

fn flatten(value: Value, answers: &mut Vec<Answer>) -> Result<(), Failure> {
    answers.push(match value {
        Value::Nil => Answer::Nil,
        Value::Int(number) => Answer::Integer(number),
        Value::BulkString(bytes) => Answer::Bytes(bytes),
        Value::SimpleString(text) => Answer::Status(text),
        Value::Okay => Answer::Status("OK".to_owned()),
        Value::Array(values) | Value::Set(values) => {
            return values
                .into_iter()
                .try_for_each(|value| flatten(value, answers));
        }
        Value::ServerError(error) => return Err(RedisError::from(error).into()),
        other => {
            return Err(Failure::Other(format!(
                "an answer of a kind the interface cannot carry: {other:?}"
            )));
        }
    });
    Ok(())
}
