"""Measuring one function."""

import math
import time


def fastest(function, seconds=0.25):
    """The shortest of as many runs as fit, at least three."""
    best, end, runs = math.inf, time.perf_counter() + seconds, 0
    while runs < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
        runs += 1
    return best
