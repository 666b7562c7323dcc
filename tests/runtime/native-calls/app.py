"""Each function is called often enough that the interpreter specialises the calls, between calls of usual ones."""

import odd
import wit_world

ROUNDS = 200


def functions() -> set[str]:
    found: set[str] = set()
    for _ in range(ROUNDS):
        for one in (odd.usual, odd.one_argument):
            found.add(one("x"))
        for two in (odd.self_only, odd.nothing):
            found.add(two())
    return found


def methods() -> set[str]:
    it = odd.Odd()
    found: set[str] = set()
    for i in range(ROUNDS):
        found.add(it.self_only())
        found.add(it.one_argument(i))
        found.add(it.usual("y"))
    return found


def attributes() -> str:
    it = odd.Odd()
    for i in range(ROUNDS):
        it.attribute = i
        assert it.attribute == f"{i} of 1", it.attribute
    return it.attribute


def too_many() -> str:
    try:
        return odd.too_many()
    except SystemError as error:
        return str(error)


class WitWorld(wit_world.WitWorld):
    def run(self) -> list[str]:
        return [
            *sorted(functions()),
            *sorted(methods()),
            attributes(),
            odd.with_keywords(1, 2),
            odd.without_keywords(1, key=2),
            "".join(map(odd.one_argument, "ab")),
            too_many(),
        ]
