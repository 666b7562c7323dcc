"""Passes what the host sends to the import of the same name, and back what that returns; checks every object on its way.

`show` of each class is the other half of `show.rs`: it raises if an object is not exactly what the bindings promise.
"""

import gc
import json
import struct
import sys
import typing

import componentize_py_runtime
import componentize_py_types as types

try:
    from componentize_py_async_support import futures, spawn, streams
except ImportError:
    pass  # Nothing is asynchronous.

shown = ""
# A resource may have a method of that name.
classmethod_of_python = classmethod
# Filled by the app.
FUNCTIONS = []


class Wrong(Exception):
    pass


def must(condition, shape, value):
    if not condition:
        raise Wrong(f"{value!r} ({type(value).__name__}) for {shape.annotation()}")


class Plain:
    def __init__(self, class_, least=None, most=None):
        self.class_, self.least, self.most = class_, least, most

    def annotation(self):
        return self.class_

    def show(self, value):
        must(type(value) is self.class_, self, value)
        if self.class_ is bool:
            return "true" if value else "false"
        must(self.least <= value <= self.most, self, value)
        return str(value)

    def to(self, value, other):
        return value


class Float(Plain):
    def __init__(self, layout):
        super().__init__(float)
        self.layout = layout

    def show(self, value):
        must(type(value) is float, self, value)
        if value != value and self.layout == ">f":
            return "nan"
        return struct.pack(self.layout, value).hex()


class Text(Plain):
    def __init__(self, length=None):
        super().__init__(str)
        self.length = length

    def show(self, value):
        must(type(value) is str and self.length in (None, len(value)), self, value)
        return f'{len(value)}"{value}"'


BOOL = Plain(bool)
U8, U16, U32, U64 = (Plain(int, 0, 2**bits - 1) for bits in (8, 16, 32, 64))
S8, S16, S32, S64 = (Plain(int, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64))
F32, F64 = Float(">f"), Float(">d")
CHAR, STRING = Text(1), Text()


class Bytes:
    def __init__(self, length=None):
        self.length = length

    def annotation(self):
        return bytes

    def show(self, value):
        must(type(value) is bytes and self.length in (None, len(value)), self, value)
        return "b" + value.hex()

    def to(self, value, other):
        return value


class List:
    def __init__(self, item, length=None):
        self.item, self.length = item, length

    def annotation(self):
        return typing.List[self.item.annotation()]

    def show(self, value):
        must(type(value) is list and self.length in (None, len(value)), self, value)
        return f"[{''.join(self.item.show(item) + ',' for item in value)}]"

    def to(self, value, other):
        return [self.item.to(item, other.item) for item in value]


class Map:
    def __init__(self, key, item):
        self.key, self.item = key, item

    def annotation(self):
        return typing.Dict[self.key.annotation(), self.item.annotation()]

    def show(self, value):
        must(type(value) is dict, self, value)
        return f"<{''.join(f'{self.key.show(key)}={self.item.show(item)},' for key, item in value.items())}>"

    def to(self, value, other):
        return {key: self.item.to(item, other.item) for key, item in value.items()}


class Tuple:
    def __init__(self, *items):
        self.items = items

    def annotation(self):
        return typing.Tuple[tuple(item.annotation() for item in self.items)]

    def show(self, value):
        must(type(value) is tuple and len(value) == len(self.items), self, value)
        return f"({''.join(item.show(part) + ',' for item, part in zip(self.items, value))})"

    def to(self, value, other):
        return tuple(item.to(part, into) for item, part, into in zip(self.items, value, other.items))


class Record:
    def __init__(self, class_, names, items):
        self.class_, self.names, self.items = class_, names, items
        for name, annotation in typing.get_type_hints(class_).items():
            expected = items[names.index(name)].annotation()
            if annotation != expected:
                raise Wrong(f"{class_}.{name} is annotated {annotation}, not {expected}")

    def annotation(self):
        return self.class_

    def show(self, value):
        must(type(value) is self.class_ and tuple(vars(value)) == self.names, self, value)
        parts = (item.show(getattr(value, name)) + "," for name, item in zip(self.names, self.items))
        return "{" + "".join(parts) + "}"

    def to(self, value, other):
        parts = (getattr(value, name) for name in self.names)
        return other.class_(*(item.to(part, into) for item, part, into in zip(self.items, parts, other.items)))


class Variant:
    """Of `union`; `cases` are its classes, `items` the types of their values or None."""

    def __init__(self, union, cases, items):
        self.union, self.cases, self.items = union, cases, items
        self.place = {case: place for place, case in enumerate(cases)}
        if union != typing.Union[cases]:
            raise Wrong(f"{union} is not a union of {cases}")

    def annotation(self):
        return self.union

    def show(self, value):
        must(type(value) in self.place, self, value)
        place = self.place[type(value)]
        item = self.items[place]
        must(tuple(vars(value)) == (() if item is None else ("value",)), self, value)
        return f"#{place}" + ("" if item is None else f"({item.show(value.value)})")

    def to(self, value, other):
        place = self.place[type(value)]
        if self.items[place] is None:
            return other.cases[place]()
        return other.cases[place](self.items[place].to(value.value, other.items[place]))


class Members:
    """An enum, or with `sign` "&" flags."""

    def __init__(self, class_, names, sign):
        self.class_, self.sign = class_, sign
        expected = [1 << place if sign == "&" else place for place in range(len(names))]
        if [getattr(class_, name).value for name in names] != expected:
            raise Wrong(f"{class_} is numbered otherwise")

    def annotation(self):
        return self.class_

    def show(self, value):
        must(type(value) is self.class_, self, value)
        return f"{self.sign}{value.value}"

    def to(self, value, other):
        return other.class_(value.value)


class Option:
    def __init__(self, item):
        self.item, self.boxed = item, isinstance(item, Option)

    def annotation(self):
        inner = self.item.annotation()
        return typing.Optional[types.Some[inner] if self.boxed else inner]

    def show(self, value):
        if value is None:
            return "-"
        if self.boxed:
            must(type(value) is types.Some, self, value)
            value = value.value
        return f"+({self.item.show(value)})"

    def to(self, value, other):
        if value is None:
            return None
        if self.boxed:
            return types.Some(self.item.to(value.value, other.item))
        return self.item.to(value, other.item)


class Result:
    def __init__(self, ok, err):
        self.ok, self.err = ok, err

    def annotation(self):
        return types.Result[self.ok and self.ok.annotation(), self.err and self.err.annotation()]

    def show(self, value):
        must(type(value) in (types.Ok, types.Err), self, value)
        item, name = (self.ok, "ok") if type(value) is types.Ok else (self.err, "err")
        if item is None:
            must(value.value is None, self, value)
            return name
        return f"{name}({item.show(value.value)})"

    def to(self, value, other):
        item, into = (self.ok, other.ok) if type(value) is types.Ok else (self.err, other.err)
        return type(value)(item and item.to(value.value, into))


class Handle:
    """Of a resource: `class_` is that of the objects, `annotated` that of the annotations."""

    inside = None

    def __init__(self, class_, annotated, owned):
        self.class_, self.annotated, self.owned = class_, annotated, owned

    def annotation(self):
        return typing.Self if self.annotated is Handle.inside else self.annotated

    def show(self, value):
        must(type(value) is self.class_, self, value)
        return "r"

    def to(self, value, other):
        if self.class_ is other.class_:
            return value
        if not issubclass(self.class_, Wrapper):
            return other.class_.wrap(value)
        inner = value.inner
        if self.owned:
            del value.inner
        return inner


class Channel:
    """A stream or future, only as a whole parameter or result: it is read to its end, and what it gave is sent again."""

    def __init__(self, item, maker):
        self.item, self.maker = item, maker

    def annotation(self):
        return self.reader()[self.item and self.item.annotation()]

    def show(self, items):
        if self.item is None:
            must(all(item is None for item in items), self, items)
            return f"{len(items)} units"
        return f"[{''.join(self.item.show(item) + ',' for item in items)}]"

    def to(self, items, other):
        return items


class Stream(Channel):
    def reader(self):
        return streams.StreamReader

    def annotation(self):
        return streams.ByteStreamReader if self.item in (U8, S8) else super().annotation()

    def show(self, items):
        if self.item in (U8, S8):
            must(type(items) is bytes, self, items)
            return "b" + items.hex()
        return super().show(items)

    async def read(self, reader):
        is_bytes = self.item in (U8, S8)
        must(type(reader) is (streams.ByteStreamReader if is_bytes else streams.StreamReader), self, reader)
        items = b"" if is_bytes else []
        with reader:
            while not reader.writer_dropped:
                got = await reader.read(100)
                must(type(got) is type(items) and len(got) <= 100, self, got)
                items += got
        return items

    def send(self, items):
        writer, reader = self.maker()

        async def write():
            with writer:
                await writer.write_all(items)

        spawn(write())
        return reader


class Future(Channel):
    def reader(self):
        return futures.FutureReader

    async def read(self, reader):
        must(type(reader) is futures.FutureReader, self, reader)
        with reader:
            return [await reader.read()]

    def send(self, items):
        writer, reader = self.maker(lambda: items[0])

        async def write():
            with writer:
                await writer.write(items[0])

        spawn(write())
        return reader


class Wrapper:
    """What the app's own resources are: each holds one of the host's."""

    def __init__(self, function, arguments):
        FUNCTIONS[function](arguments, self)

    @classmethod
    def wrap(cls, inner):
        made = cls.__new__(cls)
        made.inner = inner
        return made


def is_numbers(item):
    """Whether a list of these may be a buffer, as its annotation says."""
    return type(item) in (Plain, Float) or type(item) is List and is_numbers(item.item)


def handed_over(shape):
    """The annotation where the app gives the value: buffers will do."""
    if type(shape) is Bytes or type(shape) is List and is_numbers(shape.item):
        return typing.Union[shape.annotation(), types.Buffer]
    if type(shape) is Tuple:
        return typing.Tuple[tuple(handed_over(item) for item in shape.items)]
    if type(shape) is Option and not shape.boxed:
        return typing.Optional[handed_over(shape.item)]
    return shape.annotation()


class Function:
    """An imported function, or the method of a Protocol that stands for an exported one; maybe of the resource `owner`."""

    def __init__(self, function, params, result, kind="", owner=None):
        self.function, self.params, self.result = function, params, result
        hints = list(typing.get_type_hints(function.__init__ if kind == "constructor" else function).values())
        returned = result.ok if isinstance(result, Result) else result
        if kind == "constructor":
            returned = None
        Handle.inside = owner
        shown = params[1:] if kind == "method" else params
        def as_ever(shape):
            return shape.annotation()

        of_params, of_result = handed_over, as_ever
        if getattr(function, "_is_protocol", False) or getattr(function, "__isabstractmethod__", False):
            # The app calls its own resources, too: what their methods give is annotated as ever.
            of_params, of_result = as_ever, as_ever if owner else handed_over
        expected = [of_params(shape) for shape in shown] + [type(None) if returned is None else of_result(returned)]
        Handle.inside = None
        if hints != expected:
            raise Wrong(f"{function} is annotated {hints}, not {expected}")

    def annotation(self):
        return self.function


class Pass:
    """What an export does."""

    def __init__(self, imported, exported, shared):
        self.imported, self.exported, self.shared = imported, exported, shared

    def __call__(self, arguments, made=None):
        """With `made` a constructor, whose resource that is."""
        arguments, seen = self.entered(arguments)
        try:
            returned = self.imported.function(*arguments)
        except types.Err as error:
            raise self.failed(error, seen) from None
        return self.returned(returned, seen, made)

    async def wait(self, arguments):
        ours, theirs = self.exported, self.imported
        pairs = list(zip(arguments, ours.params))
        arguments = [await shape.read(one) if isinstance(shape, Channel) else one for one, shape in pairs]
        arguments, seen = self.entered(arguments)
        pairs = list(zip(arguments, theirs.params))
        arguments = [shape.send(one) if isinstance(shape, Channel) else one for one, shape in pairs]
        del pairs
        try:
            returned = await self.imported.function(*arguments)
        except types.Err as error:
            raise self.failed(error, seen) from None
        if not isinstance(theirs.result, Channel):
            return self.returned(returned, seen)
        return ours.result.send(self.returned(await theirs.result.read(returned), seen))

    def entered(self, arguments):
        ours, theirs = self.exported, self.imported
        must(len(arguments) == len(ours.params), ours, arguments)
        seen = [shape.show(argument) for shape, argument in zip(ours.params, arguments)]
        if not self.shared:
            arguments = [one.to(argument, other) for one, argument, other in zip(ours.params, arguments, theirs.params)]
        return arguments, seen

    def failed(self, error, seen):
        global shown
        seen.append(self.imported.result.show(error))
        shown = "|".join(seen)
        return error if self.shared else self.imported.result.to(error, self.exported.result)

    def returned(self, returned, seen, made=None):
        global shown
        ours, theirs = self.exported, self.imported
        if isinstance(theirs.result, Result):
            seen.append(theirs.result.show(types.Ok(returned)))
            if not self.shared and ours.result.ok:
                returned = theirs.result.ok.to(returned, ours.result.ok)
        elif theirs.result is None:
            must(returned is None, theirs, returned)
        else:
            seen.append(theirs.result.show(returned))
            if made is not None:
                made.inner = returned
            elif not self.shared:
                returned = theirs.result.to(returned, ours.result)
        shown = "|".join(seen)
        return returned


def look():
    """What is alive, as JSON."""
    global shown
    shown = ""
    gc.collect()
    live = getattr(componentize_py_runtime, "live", dict)()
    return json.dumps({"blocks": sys.getallocatedblocks(), "objects": len(gc.get_objects()), **live})
