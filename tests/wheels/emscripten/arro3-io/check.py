"""Arrow's files in Rust: CSV, JSON, IPC and Parquet, in memory."""

from io import BytesIO

from arro3.core import Array, DataType, Table
from arro3.io import infer_csv_schema, read_csv, read_ipc, read_parquet, write_csv, write_ipc, write_json, write_parquet

TABLE = Table.from_pydict({"name": Array(["a", "ü"], type=DataType.utf8()), "size": Array([1, 2], type=DataType.int64())})


def rows(reader):
    table = reader.read_all()
    return {name: table.column(name).to_pylist() for name in table.column_names}


def test_csv():
    file = BytesIO()
    write_csv(TABLE, file)
    assert file.getvalue().decode() == "name,size\na,1\nü,2\n"
    file.seek(0)
    schema = infer_csv_schema(file, has_header=True)
    file.seek(0)
    assert rows(read_csv(file, schema, has_header=True)) == {"name": ["a", "ü"], "size": [1, 2]}


def test_json():
    file = BytesIO()
    write_json(TABLE, file)
    assert file.getvalue().decode() == '[{"name":"a","size":1},{"name":"ü","size":2}]'


def test_ipc_and_parquet():
    for write, read in [(write_ipc, read_ipc), (write_parquet, read_parquet)]:
        file = BytesIO()
        write(TABLE, file)
        file.seek(0)
        assert rows(read(file)) == {"name": ["a", "ü"], "size": [1, 2]}, write


def test_text_in_place_of_numbers():
    try:
        read_csv(BytesIO(b"name,size\na,one\n"), TABLE.schema, has_header=True).read_all()
    except Exception as error:
        assert "one" in str(error), error
    else:
        raise AssertionError("a word was read as a number")
