"""Flask and SQLAlchemy: the one while building, the other in functions, with a dialect that is found by its name."""

from typing import Any

import flask
from attempts import attempts
from werkzeug.test import Client

application = flask.Flask("app")


@application.route("/hello/<name>")
def hello(name: str) -> Any:
    return flask.jsonify(hello=name)


def served() -> Any:
    response = Client(application).get("/hello/you")
    return response.status, response.text.strip()


def stored() -> Any:
    from sqlalchemy import create_engine, text

    with create_engine("sqlite://").connect() as connection:
        return connection.execute(text("select 6 * 7")).scalar()


def dialect() -> Any:
    from sqlalchemy.dialects import registry

    return registry.load("mysql.pymysql").__name__, registry.load("postgresql").__name__


WitWorld = attempts(served, stored, dialect)
