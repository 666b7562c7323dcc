from typing import List, Optional, Tuple

from wit_world import exports
from wit_world.imports import tuples


class Tuples(exports.Tuples):
    def one(self, a: Tuple[int]) -> Tuple[str]:
        return (str(a[0]),)

    def pair(self, a: Tuple[int, str]) -> Tuple[str, int]:
        number, text = a
        return text, number

    def deep(self, a: Tuple[Tuple[int, int], List[Tuple[bool, str]]]) -> Optional[Tuple[float, bytes]]:
        return tuples.deep(a)
