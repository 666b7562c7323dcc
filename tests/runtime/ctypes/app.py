"""`ctypes`: memory by the rules of C works, functions are called by the types that WebAssembly knows, and the rest raises."""

import ctypes
import ctypes.util
from ctypes import (
    CDLL,
    CFUNCTYPE,
    POINTER,
    BigEndianStructure,
    Structure,
    Union,
    byref,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_int8,
    c_long,
    c_longdouble,
    c_longlong,
    c_short,
    c_ubyte,
    c_uint16,
    c_void_p,
    c_wchar_p,
    cast,
    pointer,
    py_object,
    pythonapi,
    sizeof,
)
from typing import Any, Callable, List

import shapes
import wit_world


class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


class Lone(Structure):
    _fields_ = [("value", c_double)]


class Mixed(Structure):
    _fields_ = [("tag", c_char), ("number", c_longlong), ("points", Point * 2), ("low", c_int, 3), ("high", c_int, 5)]


class Either(Union):
    _fields_ = [("number", c_int), ("bytes", c_ubyte * 4)]


class Network(BigEndianStructure):
    _fields_ = [("port", c_uint16)]


program = CDLL(None)
library = CDLL(shapes.__file__)
# Pointers to memory and to functions outlive the snapshot.
text = ctypes.create_string_buffer(b"kept", 16)
kept = pointer(Mixed(b"k", 1 << 40))
strlen = program.strlen
library.applied.restype = c_double
early = CFUNCTYPE(c_double, c_double, c_void_p)(lambda x, data: -x)


def said(call: Callable[[], Any]) -> str:
    try:
        return repr(call())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class WitWorld(wit_world.WitWorld):
    def data(self) -> None:
        assert [sizeof(kind) for kind in (c_long, c_void_p, c_longlong, c_longdouble)] == [4, 4, 8, 16]
        assert sizeof(Mixed) == 40 and Mixed.number.offset == 8 and Mixed.points.offset == 16
        mixed = Mixed(b"a", -5, ((1, 2), (3, 4)), 3, -7)
        assert (mixed.low, mixed.high, mixed.points[1].y) == (3, -7, 4)
        assert Mixed.from_buffer_copy(bytes(mixed)).points[0].x == 1
        buffer = bytearray(sizeof(Point))
        Point.from_buffer(buffer).y = 258
        assert buffer == b"\0\0\0\0\2\1\0\0"
        either = Either(number=0x01020304)
        assert list(either.bytes) == [4, 3, 2, 1]
        assert bytes(Network(80)) == b"\0\x50"
        numbers = (c_short * 3)(1, 2, 3)
        second = cast(byref(numbers, 2), POINTER(c_short))
        second[0] = 9
        assert list(numbers) == [1, 9, 3] and second.contents.value == 9
        assert ctypes.string_at(b"some text", 4) == b"some" and c_char_p(b"x").value == b"x"
        assert c_wchar_p("\u00e4\U0001f600").value == "\u00e4\U0001f600"
        ctypes.memset(numbers, 0, sizeof(numbers))
        ctypes.memmove(byref(numbers, 2), b"\1\1", 2)
        assert list(numbers) == [0, 257, 0]
        assert memoryview(numbers).format == "<h" and c_int8(200).value == -56
        assert cast(id("an object"), py_object).value == "an object"

    def snapshot(self) -> str:
        assert kept.contents.number == 1 << 40 and strlen(text) == 4
        return text.value.decode()

    def program(self) -> List[str]:
        out = ctypes.create_string_buffer(64)
        written = program.sprintf(out, b"%d %s %.1f", 5, b"five", c_double(5))
        program.sqrt.restype, program.sqrt.argtypes = c_double, [c_double]
        program.time.restype = c_longlong
        pythonapi.PyLong_FromLong.restype = py_object
        pythonapi.PyErr_SetString.argtypes = [py_object, c_char_p]
        return [
            f"{written} {out.value.decode()}",
            said(lambda: program.strlen(b"four")),
            said(lambda: program.sqrt(2.25)),
            said(lambda: program.time(None) > 1_700_000_000),
            said(lambda: pythonapi.PyLong_FromLong(-3)),
            said(lambda: pythonapi.PyErr_SetString(KeyError, b"from C")),
            said(lambda: c_int.in_dll(pythonapi, "Py_OptimizeFlag").value),
        ]

    def library(self) -> List[str]:
        wide, half, narrow, least = library.wide, library.half, library.narrow, library.least
        wide.restype, wide.argtypes = c_longlong, [c_longlong, c_int]
        half.restype, half.argtypes = c_double, [c_double, c_float]
        narrow.restype, narrow.argtypes = c_float, [c_float]
        least.restype, least.argtypes = c_int8, [c_int8, c_uint16]
        longer, turned, doubled = library.longer, library.turned, library.doubled
        longer.restype, longer.argtypes = c_longdouble, [c_longdouble, c_longdouble]
        turned.restype, turned.argtypes = Point, [Point]
        doubled.restype, doubled.argtypes = Lone, [Lone]
        weighted, total = library.weighted, library.total
        weighted.restype = total.restype = c_double
        weighted.argtypes = [POINTER(c_double), c_int, c_double, c_int, c_double, POINTER(c_int)]
        total.argtypes = [c_int]
        number = c_int()
        library.set(byref(number), 12)
        turn, used = turned(Point(1, 2)), c_int()
        c_int.in_dll(library, "counter").value += 1
        return [
            f"{library.add(2, 3)} {library.none()} {number.value} {c_int.in_dll(library, 'counter').value}",
            f"{wide(1 << 33, -3)} {half(1, 0.5)} {narrow(5)} {least(-3, 4)} {longer(1, 4)}",
            f"{turn.x} {turn.y} {doubled(Lone(1.5)).value}",
            f"{weighted((c_double * 5)(*range(5)), 5, 0.5, 2, 100, used)} {used.value}",
            said(lambda: library.twelve(*range(12))),
            said(lambda: total(2, 1, c_double(0.5), c_longlong(1 << 35), Point(0, 7), 2, c_double(2), c_longlong(0), Point())),
        ]

    def callbacks(self) -> List[str]:
        numbers = (c_int * 5)(5, 1, 4, 2, 3)
        compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))(lambda a, b: a[0] - b[0])
        program.qsort(numbers, 5, sizeof(c_int), compare)
        weigh = CFUNCTYPE(c_double, c_double, c_void_p)(lambda x, data: x * cast(data, POINTER(c_int))[0])
        factor = c_int(3)
        return [
            f"{list(numbers)}",
            said(lambda: library.applied(weigh, c_double(1.5), byref(factor))),
            said(lambda: library.applied(early, c_double(2), None)),
        ]

    def refused(self) -> List[str]:
        many = CFUNCTYPE(c_float, *[c_float] * 7)
        return [
            said(lambda: many(strlen_address())(*range(7))),
            said(lambda: CFUNCTYPE(c_longdouble, c_int)(float)),
            said(lambda: [CFUNCTYPE(c_int, c_int)(abs) for _ in range(9)]),
            said(lambda: CFUNCTYPE(c_int)()()),
            said(lambda: program.strlen()),
            said(lambda: CDLL(None).sqrt(1)),
            said(lambda: CDLL(shapes.__file__).half(1)),
            said(lambda: library.set()),
            said(lambda: CFUNCTYPE(c_float, c_void_p)(strlen_address())(b"")),
            said(lambda: program.no_such_function),
            said(lambda: library.no_such_function),
            said(lambda: CDLL("libc.so.6")),
            said(lambda: ctypes.util.find_library("c")),
        ]


def strlen_address() -> int:
    address = cast(strlen, c_void_p).value
    assert address is not None
    return address
