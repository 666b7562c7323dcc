"""Tables in text and their cells' types, in Rust (hypertabular and hypercast)."""

from io import BytesIO

from hypertabular import Column, DelimitedReader, Dialect, Fault, Success

TEXT = b'id,name,score\n1,"a, b",2.5\nx,\xc3\xbc,nan?\n3,c,-1e3\n'


def test_columns():
    with DelimitedReader(BytesIO(TEXT), Dialect.CSV) as reader:
        header = reader.header
        reader.bind([Column.i32(header.ordinal("id")), Column.text(header.ordinal("name")), Column.f64(header.ordinal("score"))])
        batches = list(reader)
    assert [batch.rows for batch in batches] == [3]
    ids, names, scores = batches[0].columns
    assert [names.values[row] for row in range(3)] == ["a, b", "ü", "c"]
    assert isinstance(scores[0], Success) and (scores[0].value, scores[2].value) == (2.5, -1000.0)
    assert isinstance(ids[1], Fault) and ids.raw(1) == b"x" and ids.fault_count == 1


def test_an_unknown_column():
    with DelimitedReader(BytesIO(TEXT), Dialect.CSV) as reader:
        try:
            reader.header.ordinal("nothing")
        except KeyError as error:
            assert "nothing" in str(error)
        else:
            raise AssertionError("a column was found")
