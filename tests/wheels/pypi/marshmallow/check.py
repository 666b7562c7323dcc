"""marshmallow: schemas that load, dump and refuse."""

import datetime

from marshmallow import Schema, ValidationError, fields, validate


class Author(Schema):
    name = fields.Str(required=True, validate=validate.Length(min=2))
    born = fields.Date()


class Book(Schema):
    title = fields.Str(required=True)
    author = fields.Nested(Author)
    price = fields.Decimal(as_string=True)


def test_load_and_dump():
    book = Book().load({"title": "T", "author": {"name": "Ann", "born": "2001-02-03"}, "price": "1.50"})
    assert book["author"]["born"] == datetime.date(2001, 2, 3)
    assert Book().dump(book) == {"title": "T", "author": {"name": "Ann", "born": "2001-02-03"}, "price": "1.50"}


def test_errors():
    try:
        Book().load({"author": {"name": "A"}, "price": "x"})
    except ValidationError as error:
        assert set(error.messages) == {"title", "author", "price"}, error.messages
        assert error.messages["author"]["name"] == ["Shorter than minimum length 2."]
        return
    raise AssertionError("bad data is accepted")
