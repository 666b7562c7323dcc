"""AnyIO: task groups, limits of time, streams, and functions in threads."""

import anyio
import anyio.to_thread


def test_task_group():
    async def main():
        done = []

        async def work(number):
            await anyio.sleep(0)
            done.append(number)

        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(work, number)
        return sorted(done)

    assert anyio.run(main) == [0, 1, 2]


def test_limit_of_time():
    async def main():
        with anyio.move_on_after(0.01) as scope:
            await anyio.sleep(60)
        return scope.cancelled_caught

    assert anyio.run(main)


def test_stream():
    async def main():
        send, receive = anyio.create_memory_object_stream(1)
        async with anyio.create_task_group() as group:

            async def produce():
                async with send:
                    for number in range(3):
                        await send.send(number)

            group.start_soon(produce)
            async with receive:
                return [number async for number in receive]

    assert anyio.run(main) == [0, 1, 2]


def test_function_in_a_thread():
    assert anyio.run(anyio.to_thread.run_sync, lambda: 7) == 7
