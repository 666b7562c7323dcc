"""Arrow in Rust: arrays, tables, and what goes wrong."""

from arro3.core import Array, DataType, Field, Schema, Table


def test_an_array_with_a_gap():
    array = Array([1, None, 3], type=DataType.int64())
    assert len(array) == 3 and array.null_count == 1 and array.to_pylist() == [1, None, 3]
    assert array.slice(1).to_pylist() == [None, 3]


def test_a_table():
    schema = Schema([Field("name", DataType.utf8()), Field("size", DataType.int32())])
    names, sizes = Array(["a", "ü"], type=DataType.utf8()), Array([1, 2], type=DataType.int32())
    table = Table.from_arrays([names, sizes], schema=schema)
    assert table.shape == (2, 2) and table.column_names == ["name", "size"]
    assert table.column("name").to_pylist() == ["a", "ü"]


def test_a_wrong_type_is_an_error():
    try:
        Array(["one"], type=DataType.int32())
    except TypeError as error:
        assert "str" in str(error), error
    else:
        raise AssertionError("accepted")
