from typing import List, Optional

from componentize_py_types import Ok, Result, Some
from wit_world import exports
from wit_world.imports import options


class Options(exports.Options):
    def once(self, a: Optional[str]) -> Optional[str]:
        return None if a is None else a.upper()

    def twice(self, a: Optional[Some[Optional[int]]]) -> Optional[Some[Optional[int]]]:
        match a:
            case None:
                return Some(None)
            case Some(None):
                return Some(7)
            case Some(_):
                return None

    def thrice(
        self, a: Optional[Some[Optional[Some[Optional[int]]]]]
    ) -> Optional[Some[Optional[Some[Optional[int]]]]]:
        return options.thrice(Some(Some(None)) if a is None else a)

    def through_alias(self, a: Optional[Some[Optional[int]]]) -> Optional[int]:
        return a.value if a else None

    def in_list(self, a: List[Optional[List[Optional[bool]]]]) -> Optional[Result[Optional[int], int]]:
        return Ok(len(a)) if a else None
