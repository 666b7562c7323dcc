"""Everything that can be called as the world calls it, whatever it looks like."""

import functools

import wit_world


def twice(function):
    @functools.wraps(function)
    def call(*arguments, **named):
        return 2 * function(*arguments, **named)

    return call


class Callable:
    def __call__(self, a):
        return a + 5


async def later(a):
    return a + 9


class WitWorld(wit_world.WitWorld):
    def any(self, *numbers):
        return sum(numbers)

    def defaults(self, a, b=1, *, c=2):
        return a + b + c

    def keyword(self, a, /, **named):
        return a + len(named)

    @twice
    def wrapped(self, a):
        return a

    partial = functools.partial(lambda b, self, a: a + b, 3)
    in_c = staticmethod(sum)
    called = Callable()

    @classmethod
    def of_class(cls, a):
        return a + 6

    @staticmethod
    def of_none(a):
        return a + 7

    def plain(self, a):
        return a + 8

    def awaitable(self, a):
        return later(a)
