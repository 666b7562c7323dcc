"""cachetools: caches with a limit, and a decorator."""

from cachetools import LRUCache, TTLCache, cached


def test_least_recently_used():
    cache = LRUCache(maxsize=2)
    cache["a"], cache["b"] = 1, 2
    cache["a"]
    cache["c"] = 3
    assert sorted(cache) == ["a", "c"]


def test_time_to_live():
    now = [0.0]
    cache = TTLCache(maxsize=9, ttl=10, timer=lambda: now[0])
    cache["a"] = 1
    now[0] = 9.0
    assert "a" in cache
    now[0] = 11.0
    assert "a" not in cache


def test_decorator():
    calls = []

    @cached(LRUCache(maxsize=8))
    def square(x):
        calls.append(x)
        return x * x

    assert [square(2), square(2), square(3)] == [4, 4, 9] and calls == [2, 3]
