"""Counts the lines, words and bytes of its standard input, like `wc`."""

import argparse
import sys

from wit_world import exports

COUNTS = ("lines", "words", "bytes")


def count(text: bytes) -> dict[str, int]:
    return {"lines": text.count(b"\n"), "words": len(text.split()), "bytes": len(text)}


class Run(exports.Run):
    def run(self) -> None:
        parser = argparse.ArgumentParser(prog="count", description=__doc__)
        parser.add_argument("what", nargs="*", metavar="WHAT", help=f"any of {', '.join(COUNTS)}; all if left out")
        what = parser.parse_args().what or COUNTS

        unknown = [name for name in what if name not in COUNTS]
        if unknown:
            # The usual way: the message goes to standard error, and 2 to the caller.
            parser.error(f"cannot count {unknown[0]!r}")

        counts = count(sys.stdin.buffer.read())
        for name in what:
            print(f"{counts[name]:8} {name}")
        if counts["bytes"] == 0:
            sys.exit(1)
