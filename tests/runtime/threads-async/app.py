"""What asyncio gives to other threads runs at once, beside its event loop."""

import asyncio
import contextvars
import threading
import time
from concurrent import futures
from typing import Any, Awaitable, Callable, Dict, List

import wit_world

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE")
CHECKS: Dict[str, Callable[[], Awaitable[None]]] = {}


def check(function: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    CHECKS[function.__name__] = function
    return function


def compute(number: int) -> List[Any]:
    return [number * 2, threading.current_thread() is threading.main_thread(), VARIABLE.get("none")]


@check
async def to_thread() -> None:
    VARIABLE.set("task")
    assert await asyncio.to_thread(compute, 21) == [42, False, "task"]
    try:
        await asyncio.to_thread(int, "x")
    except ValueError:
        pass
    else:
        raise AssertionError
    assert await asyncio.gather(*(asyncio.to_thread(compute, n) for n in range(3))) == [[2 * n, False, "task"] for n in range(3)]


@check
async def executors() -> None:
    loop = asyncio.get_running_loop()
    assert (await loop.run_in_executor(None, compute, 1))[0] == 2
    with futures.ThreadPoolExecutor(1) as pool:
        assert (await loop.run_in_executor(pool, compute, 2))[:2] == [4, False]
    await asyncio.wait_for(asyncio.to_thread(time.sleep, 0.01), 5)


@check
async def nested_loop() -> None:
    async def inner() -> int:
        await asyncio.sleep(0.01)
        return 5

    # The thread has an event loop of its own.
    assert await asyncio.to_thread(asyncio.run, inner()) == 5
    assert asyncio.get_running_loop() is not None


@check
async def threadsafe() -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    results: List[Any] = []

    async def answer() -> int:
        return 7

    def target() -> None:
        loop.call_soon_threadsafe(done.set)
        future = asyncio.run_coroutine_threadsafe(answer(), loop)
        future.add_done_callback(lambda future: results.append(future.result()))
        try:
            future.result()
        except threading.OneThreadError:
            results.append("waits for ever")

    await asyncio.to_thread(target)
    await asyncio.wait_for(done.wait(), 5)
    await asyncio.sleep(0.01)
    assert results == ["waits for ever", 7], results


class WitWorld(wit_world.WitWorld):
    async def check(self, what: str) -> str:
        try:
            await CHECKS[what]()
            return "ok"
        except Exception as error:
            return repr(error)

    def check_alone(self) -> str:
        async def main() -> Any:
            return await asyncio.to_thread(compute, 4)

        return repr(asyncio.run(main()))
