from typing import List

from wit_world import exports
from wit_world.imports import lists
from wit_world.imports.lists import Row


class Lists(exports.Lists):
    def unsigned_bytes(self, a: bytes) -> bytes:
        return lists.unsigned_bytes(a)

    def signed_bytes(self, a: bytes) -> bytes:
        return lists.signed_bytes(a)

    def numbers(self, a: List[int]) -> List[float]:
        return lists.numbers(a)

    def strings(self, a: List[str]) -> List[str]:
        return lists.strings(a)

    def nested(self, a: List[List[bytes]]) -> List[List[bool]]:
        return lists.nested(a)

    def rows(self, a: List[Row]) -> List[Row]:
        return [Row(row.name, row.bytes[1:]) for row in lists.rows(a)]
