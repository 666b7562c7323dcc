"""tqdm: progress of loops."""

import asyncio
from io import StringIO

from tqdm import tqdm
from tqdm.asyncio import tqdm as later


def test_loop():
    out = StringIO()
    assert sum(tqdm(range(5), file=out, desc="sum", ncols=60)) == 10
    assert "sum: 100%" in out.getvalue() and "5/5" in out.getvalue(), out.getvalue()


def test_by_hand():
    out = StringIO()
    with tqdm(total=2048, unit="B", unit_scale=True, unit_divisor=1024, file=out) as bar:
        bar.update(1024)
        assert bar.n == 1024
    assert "1.00k/2.00k" in out.getvalue(), out.getvalue()


def test_async():
    async def numbers():
        for number in range(3):
            yield number

    async def total():
        return [number async for number in later(numbers(), file=StringIO())]

    assert asyncio.run(total()) == [0, 1, 2]
