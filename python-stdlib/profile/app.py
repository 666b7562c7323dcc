"""Work that is typical of applications, for CPython's profile: parsing, formatting, text, collections, classes, numbers.

It runs while the component is built, and says afterwards what came of it.
"""

import ast
import asyncio
import base64
import bisect
import collections
import configparser
import contextlib
import copy
import csv
import dataclasses
import datetime
import decimal
import difflib
import enum
import fractions
import functools
import hashlib
import heapq
import html.parser
import io
import itertools
import json
import logging
import math
import operator
import pickle
import pprint
import random
import re
import shlex
import statistics
import string
import textwrap
import typing
import urllib.parse
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import wit_world

TEXT = (__doc__ or "") * 40
SOURCE = '''
def f(a, b=1, *args, c: int = 3, **kwargs):
    """Documentation."""
    try:
        for i in range(a):
            if i % 2 and not b or c > 3:
                yield {k: v for k, v in kwargs.items() if v is not None}
            else:
                x = [i * j + 1 for j in args]
                print(f"{x!r:>10} {i:05d}", end="")
    except (ValueError, KeyError) as error:
        raise RuntimeError("failed") from error
    finally:
        del x

@decorated(1, 2)
class C(B, metaclass=M):
    field: list[int] = []

    async def g(self):
        async with self.lock as lock:
            return await lock.get() ** 2 // 7 @ self.matrix[1:2, ::3]
'''

@dataclasses.dataclass(order=True)
class Order:
    number: int
    customer: str
    items: list["Item"] = dataclasses.field(default_factory=list)
    paid: bool = False

    @property
    def total(self) -> float:
        return sum(item.price * item.count for item in self.items)


@dataclasses.dataclass(frozen=True)
class Item:
    name: str
    price: float
    count: int = 1


class Status(enum.Enum):
    NEW = "new"
    SENT = "sent"
    DONE = "done"


class Visitor(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: collections.Counter[str] = collections.Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += len(attrs)

    def handle_data(self, data: str) -> None:
        self.seen["text"] += len(data.strip())


class Stack:
    """A class with the usual special methods."""

    __slots__ = ("items",)

    def __init__(self, items: typing.Iterable[int] = ()) -> None:
        self.items = list(items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[int]:
        return iter(self.items)

    def __getitem__(self, index: int) -> int:
        return self.items[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stack) and self.items == other.items

    def __hash__(self) -> int:
        return hash(tuple(self.items))

    def __add__(self, other: "Stack") -> "Stack":
        return Stack([*self.items, *other.items])

    def push(self, item: int) -> None:
        self.items.append(item)


def orders(count: int) -> list[Order]:
    made = []
    for number in range(count):
        items = [Item(f"item {number % 17}-{i}", 1.25 * i + number % 7, i + 1) for i in range(number % 5)]
        made.append(Order(number, f"customer {number * 7919 % 101}", items, number % 3 == 0))
    return made


def documents() -> object:
    rows = [dataclasses.asdict(order) for order in orders(400)]
    text = json.dumps(rows, indent=1)
    again = json.loads(text)
    compact = json.dumps(again, separators=(",", ":"), sort_keys=True)
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, ["number", "customer", "paid"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    sheet.seek(0)
    back = [row["customer"].title() for row in csv.DictReader(sheet)]
    tree = ElementTree.Element("orders")
    for row in rows[:100]:
        node = ElementTree.SubElement(tree, "order", number=str(row["number"]))
        node.text = row["customer"]
    xml = ElementTree.tostring(tree, encoding="unicode")
    found = len(ElementTree.fromstring(xml).findall(".//order"))
    pickled = pickle.loads(pickle.dumps(orders(50)))
    settings = configparser.ConfigParser()
    settings.read_string("[a]\nx = 1\ny = %(x)s2\n[b]\nz: yes\n" * 1)
    visitor = Visitor()
    visitor.feed("<ul class='a' id=b>" + "<li><a href='/x?y=1'>text &amp; more</a></li>" * 60 + "</ul>")
    return len(compact), len(back), found, len(pickled), settings["a"]["y"], visitor.seen["a"]


def texts() -> object:
    words = re.findall(r"[A-Za-z]+", TEXT)
    counted = collections.Counter(word.lower() for word in words)
    wrapped = textwrap.fill(TEXT[:2000], 50, initial_indent="* ", subsequent_indent="  ")
    template = string.Template("$name has ${count} of ${what}")
    lines = [template.substitute(name=word, count=count, what=word[::-1]) for word, count in counted.items()]
    cleaned = [line.strip().replace(" ", "_").split("_", 2) for line in lines]
    pattern = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:T(\d\d):(\d\d))?|([a-z_]+)=(\"[^\"]*\"|\S+)")
    log = " ".join(f'2026-{i % 12 + 1:02}-{i % 28 + 1:02}T10:{i % 60:02} level=info user="u{i}" took={i / 7:.3f}' for i in range(150))
    matched = [match.lastindex for match in pattern.finditer(log)]
    swapped = re.sub(r"(\w+)=(\w+)", lambda match: f"{match[2]}:{match[1]}", log)
    urls = [urllib.parse.urlparse(f"https://example.org:80{i}/a/{i}?q={i}&r=%20#f") for i in range(80)]
    queries = [urllib.parse.parse_qs(url.query) for url in urls]
    joined = urllib.parse.urlencode({f"key {i}": f"välue {i}" for i in range(60)})
    unicode = "".join(chr(0x100 + i % 300) for i in range(800)).casefold().encode().decode()
    tables = "\n".join(f"{word:<12}|{count:>6}|{count / 3:8.2f}|{count:#06x}" for word, count in counted.most_common(30))
    close = difflib.get_close_matches("collectoins", list(counted), 3, 0.5)
    encoded = base64.b64encode(log.encode()).hex().upper()
    return len(wrapped), len(cleaned), sum(filter(None, matched)), len(swapped), len(queries), len(joined), len(unicode), len(tables), close, encoded[:8]


def collected() -> object:
    generator = random.Random(7)
    values = [generator.randrange(100_000) for _ in range(4_000)]
    ordered = sorted(values)
    ranked = sorted(((value % 97, str(value)) for value in values), key=operator.itemgetter(0, 1), reverse=True)
    heap: list[int] = []
    for value in values:
        heapq.heappush(heap, value)
    smallest = [heapq.heappop(heap) for _ in range(500)]
    places = [bisect.bisect(ordered, value) for value in values[:1_500]]
    groups: dict[int, list[int]] = collections.defaultdict(list)
    for value in values:
        groups[value % 31].append(value)
    merged = {**{k: len(v) for k, v in groups.items()}, "x": 1} | {"y": 2}
    queue = collections.deque(values, maxlen=100)
    while len(queue) > 1:
        queue.append(queue.popleft() + queue.pop())
    unique = {value // 10 for value in values} & {value // 11 for value in values} - {1, 2, 3}
    chained = list(itertools.islice(itertools.chain.from_iterable(zip(values, ordered, strict=True)), 3_000))
    batches = [sum(batch) for batch in itertools.batched(chained, 7)]
    point = collections.namedtuple("point", "x y")
    points = [point(a, b)._replace(x=b) for a, b in itertools.pairwise(values[:1_500])]
    matrix = [[(i * j) % 7 for j in range(30)] for i in range(30)]
    product = [[sum(a * b for a, b in zip(row, column)) for column in zip(*matrix)] for row in matrix]
    deep = copy.deepcopy({"a": [1, {"b": (2, 3)}] * 20})
    return len(ranked), smallest[-1], sum(places), merged["y"], queue[0], len(unique), sum(batches), points[3].x, product[3][4], len(deep), pprint.pformat(matrix[:3])


def classes() -> object:
    stacks = [Stack(range(i % 9)) for i in range(1_500)]
    total = functools.reduce(operator.add, stacks[:120], Stack())
    distinct = {stack: len(stack) for stack in stacks}
    for stack in stacks:
        stack.push(len(stack))
        if stack[0] == 0 and stack == stacks[0]:
            stack.items.reverse()

    @functools.lru_cache(maxsize=None)
    def ways(amount: int, coins: tuple[int, ...]) -> int:
        if amount == 0:
            return 1
        if amount < 0 or not coins:
            return 0
        return ways(amount - coins[0], coins) + ways(amount, coins[1:])

    def walk(depth: int) -> Iterator[int]:
        if depth:
            yield depth
            yield from walk(depth - 1)
            yield from walk(depth - 1)

    class Meter(contextlib.ContextDecorator):
        def __enter__(self) -> "Meter":
            return self

        def __exit__(self, *error: object) -> bool:
            return error[0] is KeyError

    failures = 0
    for i in range(1_500):
        try:
            with Meter():
                if i % 3 == 0:
                    raise ValueError(i)
                if i % 3 == 1:
                    raise KeyError(i)
        except ValueError as error:
            failures += error.args[0] % 2
    statuses = [Status(value) for value in ("new", "sent", "done") * 150]
    kinds = 0
    for value in [1, "a", (1, 2), {"k": 1}, [1, 2, 3], None, Item("x", 1.0)] * 150:
        match value:
            case int(number):
                kinds += number
            case str():
                kinds += 2
            case (a, b):
                kinds += a + b
            case {"k": found}:
                kinds += found
            case Item(name="x"):
                kinds += 5
            case [first, *rest]:
                kinds += first + len(rest)
            case _:
                kinds -= 1
    return len(total), len(distinct), ways(120, (50, 20, 10, 5, 2, 1)), sum(walk(10)), failures, len(statuses), kinds


def numbers() -> object:
    decimal.getcontext().prec = 40
    root = decimal.Decimal(2).sqrt() + sum((decimal.Decimal(i) / 7 for i in range(100)), decimal.Decimal())
    parts = sum((fractions.Fraction(1, i) for i in range(1, 60)), fractions.Fraction())
    spread = statistics.stdev(math.sin(i) * i for i in range(300)), statistics.median(range(99))
    large = functools.reduce(operator.mul, range(1, 250))
    digits = sum(map(int, str(large))) + large.bit_length() + pow(3, 1_001, large)
    steps = 0
    for start in range(1, 500):
        while start != 1:
            start = start // 2 if start % 2 == 0 else 3 * start + 1
            steps += 1
    x = y = 0.0
    for i in range(6_000):
        x, y = x * 0.99 - y * 0.1 + i % 3, y * 0.98 + abs(x) ** 0.5
    bits = 0
    for i in range(6_000):
        bits = (bits << 1 ^ i) & 0xFFFF_FFFF | i >> 3
    day = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)
    days = [(day + datetime.timedelta(days=i, hours=i)).isoformat() for i in range(200)]
    parsed = [datetime.datetime.fromisoformat(text).strftime("%d %b %Y") for text in days]
    return str(root), parts.denominator, spread, digits, steps, round(x + y, 3), bits, len(parsed)


def programs() -> object:
    tree = ast.parse(SOURCE * 6)
    names = collections.Counter(type(node).__name__ for node in ast.walk(tree))
    text = ast.unparse(tree)
    code = compile(SOURCE * 4, "source", "exec")
    split = shlex.split("run --name 'a b' --other=\"c d\" " * 40)
    stream = io.StringIO()
    logger = logging.getLogger("training")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    for i in range(200):
        logger.warning("%s happened %d times", "something", i)

    async def job(number: int, results: asyncio.Queue[int]) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        await results.put(number)

    async def jobs() -> int:
        results: asyncio.Queue[int] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            for number in range(60):
                group.create_task(job(number, results))
        return sum([await results.get() for _ in range(60)])

    digests = [hashlib.sha256(line.encode()).hexdigest() for line in text.splitlines()]
    identities = {uuid.uuid5(uuid.NAMESPACE_URL, digest) for digest in digests}
    return names["Name"], len(text), len(code.co_consts), len(split), len(stream.getvalue()), asyncio.run(jobs()), len(identities)


RESULT = [str(part()) for _ in range(4) for part in (documents, texts, collected, classes, numbers, programs)]
assert RESULT[:6] == RESULT[6:12]


class WitWorld(wit_world.WitWorld):
    def trained(self) -> str:
        return "\n".join(RESULT[:6])
