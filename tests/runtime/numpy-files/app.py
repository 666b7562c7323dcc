"""NumPy reads files of the component and of `/tmp`, by its C code, `open` and `mmap`, and writes those of `/tmp`."""

import errno
import os
import traceback
from typing import Callable, Dict

import numpy
import wit_world

DATA = os.path.join(os.path.dirname(__file__), "data")
MATRIX = numpy.arange(6.0).reshape(2, 3)
CHECKS: Dict[str, Callable[[], None]] = {}


def check(function: Callable[[], None]) -> Callable[[], None]:
    CHECKS[function.__name__] = function
    return function


def same(one: object, other: object) -> None:
    numpy.testing.assert_array_equal(one, other, strict=True)


@check
def load() -> None:
    same(numpy.load(f"{DATA}/matrix.npy"), MATRIX)
    same(numpy.load(f"{DATA}/big-endian.npy"), numpy.array([1, -2], dtype=">i4"))
    with open(f"{DATA}/matrix.npy", "rb") as file:
        same(numpy.load(file), MATRIX)
    with numpy.load(f"{DATA}/pair.npz") as pair:
        assert pair.files == ["one", "two"]
        same(pair["one"], MATRIX)
        assert pair["two"].tolist() == ["a", "bc"]


@check
def mapped() -> None:
    matrix = numpy.load(f"{DATA}/matrix.npy", mmap_mode="r")
    assert isinstance(matrix, numpy.memmap) and matrix.filename == f"{DATA}/matrix.npy"
    assert matrix.sum() == 15 and matrix[1].tolist() == [3, 4, 5]
    try:
        matrix[0, 0] = 1
    except ValueError as error:
        assert "read-only" in str(error)
    else:
        raise AssertionError("written")
    changed = numpy.load(f"{DATA}/matrix.npy", mmap_mode="c")
    changed[0, 0] = 7
    assert changed[0, 0] == 7 and numpy.load(f"{DATA}/matrix.npy")[0, 0] == 0
    for mode in ("r+", "w+"):
        try:
            numpy.memmap(f"{DATA}/raw.bin", dtype="<u2", mode=mode, shape=(3,))
        except OSError as error:
            assert error.errno == errno.EROFS
        else:
            raise AssertionError("opened for writing")
    same(numpy.array(numpy.memmap(f"{DATA}/raw.bin", dtype="<u2", mode="r")), numpy.array([1, 2, 513], dtype="<u2"))


@check
def raw() -> None:
    values = numpy.array([1, 2, 513], dtype="<u2")
    same(numpy.fromfile(f"{DATA}/raw.bin", dtype="<u2"), values)
    same(numpy.fromfile(f"{DATA}/raw.bin", dtype="<u2", count=1, offset=2), values[1:2])
    with open(f"{DATA}/raw.bin", "rb") as file:
        file.seek(2)
        same(numpy.fromfile(file, dtype="<u2", count=1), values[1:2])
        # The C library's stream and Python's file go on at the same place.
        assert file.tell() == 4 and file.read() == b"\x01\x02"


@check
def text() -> None:
    same(numpy.loadtxt(f"{DATA}/table.csv", delimiter=","), numpy.array([[1, 2.5], [3, 4.5]]))
    same(numpy.genfromtxt(f"{DATA}/table.csv", delimiter=",", usecols=1), numpy.array([2.5, 4.5]))
    same(numpy.fromregex(f"{DATA}/table.csv", r"(\d+),", [("x", "<i8")])["x"], numpy.array([1, 3], dtype="<i8"))


@check
def saving() -> None:
    numpy.save("/tmp/a.npy", MATRIX)
    same(numpy.load("/tmp/a.npy"), MATRIX)
    for save in (numpy.savez, numpy.savez_compressed):
        save("/tmp/a.npz", one=MATRIX, two=MATRIX.T)
        with numpy.load("/tmp/a.npz") as pair:
            same(pair["one"], MATRIX)
            same(pair["two"], MATRIX.T)
    MATRIX.tofile("/tmp/a.bin")
    same(numpy.fromfile("/tmp/a.bin"), MATRIX.ravel())
    with open("/tmp/a.bin", "r+b") as file:
        file.seek(8)
        numpy.array([9.0]).tofile(file)
        assert file.tell() == 16
    same(numpy.fromfile("/tmp/a.bin", count=3), numpy.array([0, 9.0, 2]))
    numpy.savetxt("/tmp/a.csv", MATRIX, delimiter=",")
    same(numpy.loadtxt("/tmp/a.csv", delimiter=","), MATRIX)
    try:
        numpy.save(f"{DATA}/new.npy", MATRIX)
    except OSError as error:
        assert error.errno == errno.EROFS
    else:
        raise AssertionError("written")
    for name in ("a.npy", "a.npz", "a.bin", "a.csv"):
        os.remove(f"/tmp/{name}")


@check
def maps_that_are_written() -> None:
    written = numpy.memmap("/tmp/map.bin", dtype="<f8", mode="w+", shape=(100, 50))
    written[:] = numpy.arange(5000).reshape(100, 50)
    written[3, 4] = -1
    written.flush()
    assert os.stat("/tmp/map.bin").st_size == 40_000
    again = numpy.memmap("/tmp/map.bin", dtype="<f8", mode="r+", shape=(100, 50))
    assert again[3, 4] == -1 and again[99, 49] == 4999
    again[0, 0] = 5
    del again, written
    assert numpy.fromfile("/tmp/map.bin", count=2).tolist() == [5, 1]
    new = numpy.lib.format.open_memmap("/tmp/map.npy", mode="w+", dtype="<i4", shape=(4,))
    new[:] = [1, 2, 3, 4]
    new.flush()
    same(numpy.load("/tmp/map.npy"), numpy.array([1, 2, 3, 4], dtype="<i4"))
    # An offset need not be a multiple of the pages' size.
    part = numpy.memmap("/tmp/map.bin", dtype="<f8", mode="r", offset=8 * 50 * 3, shape=(50,))
    assert part[4] == -1
    os.remove("/tmp/map.bin")
    os.remove("/tmp/map.npy")


class WitWorld(wit_world.WitWorld):
    def check(self, what: str) -> str:
        try:
            CHECKS[what]()
        except Exception as error:
            return "".join(traceback.format_exception(error))
        return "ok"
