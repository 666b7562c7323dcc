"""Statements and rows through the parts that Cython compiles."""

import decimal
import pickle

import sqlalchemy as sa
from sqlalchemy.engine import _processors_cy, _result_cy, _row_cy, _util_cy as engine_util
from sqlalchemy.sql import _util_cy as sql_util
from sqlalchemy.util import _collections_cy, _immutabledict_cy, immutabledict

TABLE = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("price", sa.Numeric(10, 2)))


def test_the_extensions_are_native():
    for module in (_processors_cy, _result_cy, _row_cy, engine_util, sql_util, _collections_cy, _immutabledict_cy):
        assert module.__file__.endswith(".so") and module._is_compiled()


def test_rows():
    with sa.create_engine("sqlite://").connect() as connection:
        TABLE.create(connection)
        connection.execute(sa.insert(TABLE), [{"id": number, "price": decimal.Decimal(number) / 4} for number in range(1000)])
        rows = connection.execute(sa.select(TABLE).order_by(TABLE.c.id)).all()
        assert rows[7] == (7, decimal.Decimal("1.75")) and rows[7].price == rows[7][1] and rows[7]._mapping["id"] == 7
        assert pickle.loads(pickle.dumps(rows[5])) == rows[5] and hash(rows[5]) == hash((5, decimal.Decimal("1.25")))
        assert connection.scalars(sa.select(TABLE.c.id).where(TABLE.c.id % 500 == 1)).all() == [1, 501]
        assert connection.execute(sa.select(TABLE)).partitions(300).__next__().__len__() == 300
        try:
            rows[0].missing
        except AttributeError as error:
            assert "missing" in str(error)
        else:
            raise AssertionError("found")


def test_collections():
    ordered = _collections_cy.OrderedSet([3, 1, 3, 2])
    assert list(ordered | [9, 1]) == [3, 1, 2, 9] and list(ordered - {1}) == [3, 2]
    one, other = [1], [1]
    identities = _collections_cy.IdentitySet([one, other, one])
    assert len(identities) == 2 and one in identities and [1] not in identities
    fixed = immutabledict({"a": 1})
    assert fixed.union({"b": 2}) == {"a": 1, "b": 2}
    try:
        fixed["a"] = 2
    except TypeError:
        pass
    else:
        raise AssertionError("changed")
