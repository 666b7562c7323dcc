"""Drivers in pure Python, over TLS."""

import ssl

import pg8000.dbapi
import pymysql
import redis

from program import AUTHORITY, port, program, shown


def context():
    return ssl.create_default_context(cafile=AUTHORITY)


def postgresql():
    with pg8000.dbapi.connect("me", host="localhost", port=port("POSTGRESQL"), password="x", ssl_context=context()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT answer")
        return cursor.fetchall()


def mysql():
    settings = {"host": "localhost", "port": port("MYSQL"), "user": "me", "password": "x", "ssl": context()}
    with pymysql.connect(**settings) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer")
        return cursor.fetchall(), connection._sock.version()


def key_value_store():
    found = []
    for settings in ({"ssl_ca_certs": AUTHORITY}, {"ssl_ca_certs": "/certificates/other-ca.pem"}):
        try:
            with redis.Redis("localhost", port("REDIS"), ssl=True, protocol=2, retry=None, **settings) as client:
                found += [client.set("key", "value"), client.get("key"), client.get("other")]
        except redis.ConnectionError as error:
            found.append(shown(error))
    return found


def refused():
    found = []
    for connect in (
        lambda: pg8000.dbapi.connect("me", host="localhost", port=port("POSTGRESQL"), ssl_context=ssl.create_default_context()),
        lambda: pymysql.connect(host="localhost", port=port("MYSQL"), user="me", ssl=ssl.create_default_context()),
    ):
        try:
            connect()
        except Exception as error:
            found.append(shown(error))
    return "\n".join(found)


Run = program(postgresql, mysql, key_value_store, refused)
