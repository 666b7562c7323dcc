"""`componentize_py_types` as applications use it."""

import contextlib
import copy
import pickle
import traceback

from componentize_py_types import Err, Ok, Some

# Equal by value and by kind.
assert Ok(1) == Ok(1) != Ok(2)
assert Err("a") == Err("a") != Err("b")
assert Ok(1) != Err(1) and Some(None) == Some(None)
assert repr(Err([1])) == "Err(value=[1])" and repr(Ok(1)) == "Ok(value=1)"
assert hash(Err([1])) == hash(Err([1]))

# Patterns, by position and by name.
match Err(3):
    case Err(3):
        pass
    case _:
        raise AssertionError
match Err(value=4):
    case Err(value=number):
        assert number == 4


# An exception like any other.
@contextlib.contextmanager
def passing_through():
    yield


try:
    with passing_through():
        raise Err("inside")
except Err as error:
    assert error.value == "inside" and error.args == ("inside",)
    error.add_note("a note")
    error.value = "changed"
    assert "a note" in "".join(traceback.format_exception(error))

try:
    try:
        raise KeyError("cause")
    except KeyError as cause:
        raise Err({"code": 1}) from cause
except Err as error:
    assert isinstance(error.__cause__, KeyError)

try:
    raise ExceptionGroup("several", [Err(1), Err(2)])
except* Err as group:
    assert [error.value for error in group.exceptions] == [1, 2]

assert copy.deepcopy(Err([1])) == Err([1])
assert pickle.loads(pickle.dumps(Err([1]))) == Err([1])


class MyError(Err):
    pass


assert MyError(1) != Err(1) and isinstance(MyError(1), Err)
