"""Arrow's kernels in Rust, on arrays of another extension (arro3-core)."""

from arro3.compute import add, cast, concat, dictionary_encode, max, min, sum, take
from arro3.core import Array, ChunkedArray, DataType

NUMBERS = Array([3, 1, None, 2], type=DataType.int64())


def test_aggregates():
    assert (sum(NUMBERS).as_py(), min(NUMBERS).as_py(), max(NUMBERS).as_py()) == (6, 1, 3)


def test_arrays():
    assert add(NUMBERS, NUMBERS).to_pylist() == [6, 2, None, 4]
    assert take(NUMBERS, Array([3, 0], type=DataType.uint32())).to_pylist() == [2, 3]
    assert concat(ChunkedArray([NUMBERS, NUMBERS])).to_pylist() == [3, 1, None, 2] * 2
    assert cast(NUMBERS, DataType.utf8()).to_pylist() == ["3", "1", None, "2"]


def test_dictionaries():
    encoded = dictionary_encode(Array(["a", "b", "a"], type=DataType.utf8()))
    assert len(encoded) == 3 and "Dictionary" in str(encoded.type)
