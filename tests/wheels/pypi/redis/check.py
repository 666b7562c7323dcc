"""redis: the protocol's form of commands, and a connection that is attempted."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def test_commands():
    packed = redis.Connection().pack_command("SET", "key", "é")
    assert b"".join(packed) == b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$2\r\n\xc3\xa9\r\n", packed


def test_address():
    client = redis.Redis.from_url("redis://me:pass@example.com:6380/2")
    settings = client.connection_pool.connection_kwargs
    assert (settings["host"], settings["port"], settings["db"]) == ("example.com", 6380, 2)


def test_refused_connection():
    client = redis.Redis(port=1, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))
    try:
        client.ping()
    except redis.exceptions.ConnectionError:
        return
    raise AssertionError("a connection without a server")
