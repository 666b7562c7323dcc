# mypy: disable-error-code="import-untyped,import-not-found"
"""One program with NumPy and fifteen other packages, seven of them with native code: each does a little, and nothing
is imported at run time."""

import sys

import attrs
import charset_normalizer
import idna
import jinja2
import markupsafe
import msgpack
import numpy
import pydantic
import regex
import sortedcontainers
import yaml
from wit_world import exports

CP1252 = "Ça dépend, évidemment, de l'été.".encode("cp1252")
# Imports now the modules that these load when they are first used.
charset_normalizer.from_bytes(CP1252)
idna.encode("ü")
TEMPLATE = jinja2.Environment(autoescape=True).from_string("{{ name }}: {{ values | join(', ') }}")
WORDS = regex.compile(r"\p{Lu}\p{Ll}+")
RANDOM = numpy.random.default_rng(7)


class Settings(pydantic.BaseModel):
    name: str
    size: int


@attrs.frozen
class Point:
    x: int
    y: int


AT_BUILD = frozenset(sys.modules)


class Run(exports.Run):
    def run(self) -> None:
        settings = Settings.model_validate(yaml.load("{name: <Ada>, size: '3'}", yaml.CSafeLoader))
        matrix = numpy.arange(settings.size**2, dtype=float).reshape(settings.size, settings.size) + numpy.eye(settings.size)
        print("numpy", matrix.trace(), round(float(numpy.linalg.det(matrix)), 6), RANDOM.integers(10, size=4).tolist())
        print("pydantic", settings.model_dump_json())
        print("jinja2", TEMPLATE.render(name=settings.name, values=matrix[0].tolist()))
        print("markupsafe", markupsafe.escape("a < b"))
        print("msgpack", msgpack.unpackb(msgpack.packb({"n": [1, 2.5, None]})))
        print("regex", WORDS.findall("Élan Vital übrigens"))
        text = charset_normalizer.from_bytes(CP1252).best()
        print("charset-normalizer", text and text.encoding)
        print("idna", idna.encode("bücher.example").decode())
        print("attrs", attrs.evolve(Point(1, 2), y=5))
        print("sortedcontainers", list(sortedcontainers.SortedSet([3, 1, 2, 1])))
        late = sorted(name for name in sys.modules if name not in AT_BUILD)
        print("imported while running:", ", ".join(late) or "nothing")
