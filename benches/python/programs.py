"""Programs in pure Python, each mostly about one thing. Each returns a value that depends on all its work."""

import json
import math
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import cmp_to_key, reduce


def numbers(count: int, seed: int = 1) -> list[int]:
    """Looks random, and is the same everywhere."""
    made = []
    for _ in range(count):
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
        made.append(seed >> 8)
    return made


RANDOM = numbers(50_000)
WORDS = [f"{'bcdfgklmnprst'[number % 13]}{'aeiou'[number % 5]}{'lmnrst'[number % 6]}{number % 97}" for number in RANDOM]


def loops() -> int:
    """Primes by a sieve, and how often Collatz's rule takes a number to 1."""
    sieve = bytearray([1]) * 180_000
    for number in range(2, 425):
        if sieve[number]:
            for multiple in range(number * number, len(sieve), number):
                sieve[multiple] = 0
    steps = 0
    for number in range(1, 4_000):
        while number != 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            steps += 1
    return sum(sieve) * 1_000_000 + steps


def calls() -> int:
    """Functions with positions, defaults, keywords and any number of arguments; closures; recursion."""

    def fibonacci(number: int) -> int:
        return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)

    def scaled(number: int, factor: int = 3, *, offset: int = 1) -> int:
        return number * factor + offset

    def gathered(*numbers: int, **named: int) -> int:
        return len(numbers) + named["last"]

    total = fibonacci(23)
    for number in range(80_000):
        total += scaled(number) + scaled(number, 2) + scaled(number, offset=number)
        total += gathered(number, total, last=number)
    return total


class Shape:
    def __init__(self, name: str) -> None:
        self.name = name

    def area(self) -> float:
        raise NotImplementedError

    @property
    def label(self) -> str:
        return self.name


class Rectangle(Shape):
    def __init__(self, width: int, height: int) -> None:
        super().__init__("rectangle")
        self.width, self.height = width, height

    def area(self) -> float:
        return self.width * self.height


class Square(Rectangle):
    __slots__ = ("side",)

    def __init__(self, side: int) -> None:
        super().__init__(side, side)
        self.side = side


@dataclass(order=True)
class Account:
    balance: int
    history: list[int] = field(default_factory=list, compare=False)

    def __add__(self, amount: int) -> "Account":
        return Account(self.balance + amount, [*self.history[-2:], amount])


def objects() -> str:
    """Classes with bases, properties, operators and slots; data classes; linked nodes."""
    total, account = 0.0, Account(0)
    for number in range(24_000):
        shape: Shape = Square(number % 10) if number % 3 else Rectangle(number % 7, 2)
        total += shape.area() + len(shape.label)
        account = max(account, account + number % 11)
        if isinstance(shape, Square):
            total += shape.side
    return f"{total} {account.balance} {account.history}"


def dicts() -> str:
    """Counting, grouping, merging and sets."""
    counts: dict[str, int] = {}
    for word in WORDS:
        counts[word] = counts.get(word, 0) + 1
    groups: dict[int, list[str]] = {}
    for word, count in counts.items():
        groups.setdefault(count, []).append(word)
    by_pair: dict[tuple[int, int], int] = {}
    for number in RANDOM:
        key = (number % 50, number % 70)
        by_pair[key] = by_pair.get(key, 0) + number
    inverted = {total: pair for pair, total in by_pair.items()}
    both = set(RANDOM[:30_000]) & {number ^ 1 for number in RANDOM[20_000:]}
    missing = [word for word in WORDS if word[::-1] not in counts]
    return f"{len(counts)} {sorted(map(len, groups.values()))} {max(inverted)} {len(both)} {len(missing)}"


def strings() -> str:
    """Formatting, splitting, joining, searching and translating, with characters of one to four bytes."""
    lines = [
        f"{number:>6}|{word.upper():<8}|{number / 7:.2f}|été 日本 🐍" for number, word in zip(RANDOM[:10_000], WORDS)
    ]
    text = "\n".join(lines)
    table = str.maketrans("aeiou|", "AEIOU;")
    length = 0
    for line in text.split("\n"):
        first, word, third, rest = line.split("|")
        parts = [first.strip(), word.strip().title(), third.rstrip("0"), rest[::-1]]
        joined = ", ".join(parts).translate(table).replace("日本", "Nippon")
        if joined.startswith("1") or "Na" in joined:
            length += joined.find("🐍")
        length += len(joined.encode()) + joined.count("1")
    vowels = sum(1 for character in text[:20_000] if character in "aeiouAEIOU")
    return f"{length} {vowels} {len(text)}"


def floats() -> str:
    """Planets that attract each other, and the set of Mandelbrot."""
    bodies = [[float(n), n * 0.5, n * 0.25, 0.0, 0.1 * n, 0.0, 1.0 / (n + 1)] for n in range(5)]
    for _ in range(900):
        for index, one in enumerate(bodies):
            for other in bodies[index + 1 :]:
                dx, dy, dz = one[0] - other[0], one[1] - other[1], one[2] - other[2]
                force = 0.001 / math.sqrt(dx * dx + dy * dy + dz * dz) ** 3
                for axis, distance in enumerate((dx, dy, dz), 3):
                    one[axis] -= distance * other[6] * force
                    other[axis] += distance * one[6] * force
        for body in bodies:
            for axis in range(3):
                body[axis] += 0.001 * body[axis + 3]
    inside = 0
    for y in range(75):
        for x in range(90):
            point, value, steps = complex(x / 30 - 2.2, y / 30 - 1.25), 0j, 0
            while steps < 30 and value.real * value.real + value.imag * value.imag < 4.0:
                value = value * value + point
                steps += 1
            inside += steps
    return f"{bodies[0][0]:.9f} {bodies[4][1]:.9f} {inside}"


def big_integers() -> str:
    """Digits of pi, powers modulo, a factorial, and numbers as text."""
    unit = 10**3_500

    def arctangent(inverse: int) -> int:
        """The arctangent of 1 / `inverse`, in units."""
        total, term, odd = 0, unit // inverse, 1
        while term:
            total += term // odd if odd % 4 == 1 else -(term // odd)
            term, odd = term // (inverse * inverse), odd + 2
        return total

    digits = str(16 * arctangent(5) - 4 * arctangent(239))
    prime = 2**521 - 1
    power = reduce(lambda value, base: pow(base, value, prime), range(3, 43), 65_537)
    factorial = math.prod(range(1, 1_500))
    text = str(factorial)
    root = math.isqrt(factorial)
    return f"{digits[-20:-10]} {power % 10**12} {len(text)} {int(text) == factorial} {root % 10**9}"


def generators() -> int:
    """Pipelines, delegation, values sent in, and comprehensions."""

    def evens(items: Iterator[int]) -> Iterator[int]:
        for item in items:
            if item % 2 == 0:
                yield item

    def pairs(items: Iterator[int]) -> Iterator[tuple[int, int]]:
        for item in items:
            yield item, next(items, 0)

    def average() -> Generator[int, int, None]:
        total, count, sent = 0, 0, 0
        while True:
            total, count = total + sent, count + 1
            sent = yield total // count

    def leaves(depth: int) -> Iterator[int]:
        if depth == 0:
            yield 1
        else:
            yield from leaves(depth - 1)
            yield from leaves(depth - 1)

    total = sum(first ^ second for first, second in pairs(evens(iter(range(240_000)))))
    running = average()
    next(running)
    for number in RANDOM:
        total += running.send(number)
    total += sum(leaves(13))
    return total + sum(len(row) for row in ([cell * 2 for cell in range(width)] for width in range(400)))


class Refused(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(f"refused {number}")
        self.number = number


class Guard:
    left = 0

    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        Guard.left += 1
        return isinstance(error, ZeroDivisionError)


def exceptions() -> str:
    """Raised and caught near and far, chained, cleaned up after, and suppressed."""

    def deep(number: int, depth: int) -> int:
        if depth == 0:
            if number % 3 == 0:
                raise Refused(number)
            return number
        try:
            return deep(number, depth - 1)
        finally:
            Guard.left += 1

    nothing: dict[int, int] = {}
    Guard.left, total, messages = 0, 0, 0
    for number in range(9_000):
        try:
            total += deep(number, 5)
        except Refused as error:
            total += error.number
        try:
            try:
                total += nothing[number]
            except KeyError as error:
                raise ValueError(f"no {number}") from error
        except (TypeError, ValueError) as error:
            messages += len(str(error)) + isinstance(error.__cause__, KeyError)
        with Guard():
            total += 1 // (number % 2)
        try:
            int(WORDS[number])
        except ValueError:
            messages += 1
    return f"{total} {messages} {Guard.left}"


def json_texts() -> str:
    """Written and read, compact and indented."""
    people = [
        {
            "id": number,
            "name": f"{word} O'Né \"{number % 10}\"",
            "score": number / 8,
            "active": number % 2 == 0,
            "tags": [word[:2], word[-1], None],
            "address": {"street": f"{number % 90} Main St", "zip": str(number)[:5]},
        }
        for number, word in zip(RANDOM[:4_000], WORDS)
    ]
    text = json.dumps(people)
    read = json.loads(text)
    indented = json.dumps(read[:1_000], indent=2, sort_keys=True, ensure_ascii=False)
    again = json.loads(indented)
    return f"{len(text)} {len(indented)} {read == people} {sum(person['score'] for person in again)}"


LOG_LINE = re.compile(
    r'(?P<host>\d+\.\d+\.\d+\.\d+) - \[(?P<time>[^\]]+)\] '
    r'"(?P<verb>GET|POST) (?P<path>/\S*)" (?P<code>\d{3})'
)
TOKEN = re.compile(r"\s*(?:(\d+\.?\d*)|([A-Za-z_]\w*)|(==|[-+*/()=]))")


def regular_expressions() -> str:
    """Lines of a log, tokens, and substitutions by functions."""
    lines = [
        f"10.{number % 256}.0.{number % 100} - [26/Nov/2026:10:{number % 60:02}] "
        f'"{"GET" if number % 3 else "POST"} /{word}/{number}" {200 + number % 4}'
        for number, word in zip(RANDOM[:10_000], WORDS)
    ]
    codes: dict[str, int] = {}
    length = 0
    for line in lines:
        if (match := LOG_LINE.match(line)) and match["verb"] == "GET":
            codes[match["code"]] = codes.get(match["code"], 0) + 1
            length += len(match["path"]) + match.start("time")
    source = "total = first_1 + 3.25 * (second - 42) == third / 7\n" * 500
    tokens = [match.lastindex or 0 for match in TOKEN.finditer(source)]
    swapped = re.sub(r"(\w+)/(\d+)", lambda match: f"{match[2]}/{match[1]}", "\n".join(lines[:3_000]))
    words = re.findall(r"\b[b-m][aeiou]\w*?\d\b", swapped)
    return f"{sorted(codes.items())} {length} {sum(tokens)} {len(swapped)} {len(words)}"


def sorting() -> str:
    """By nature, by keys, by comparison, stable and partial; and a sort in Python itself."""

    def quick(items: list[int]) -> list[int]:
        if len(items) < 2:
            return items
        pivot = items[len(items) // 2]
        less = [item for item in items if item < pivot]
        more = [item for item in items if item > pivot]
        return quick(less) + [item for item in items if item == pivot] + quick(more)

    def by_last_digits(first: int, second: int) -> int:
        return first % 1_000 - second % 1_000

    by_key = sorted(zip(WORDS[:20_000], RANDOM), key=lambda pair: (pair[0][1:], -pair[1]))
    by_nature = sorted(RANDOM)
    by_word = sorted(WORDS[:20_000], key=str.upper, reverse=True)
    compared = sorted(RANDOM[:2_500], key=cmp_to_key(by_last_digits))
    same = quick(RANDOM[:6_000]) == sorted(RANDOM[:6_000])
    return f"{by_key[9_999]} {same} {by_nature[77]} {by_word[50]} {compared[1_000]}"


PROGRAMS: dict[str, Callable[[], object]] = {
    program.__name__.replace("_", " "): program
    for program in [
        loops,
        calls,
        objects,
        dicts,
        strings,
        floats,
        big_integers,
        generators,
        exceptions,
        json_texts,
        regular_expressions,
        sorting,
    ]
}
