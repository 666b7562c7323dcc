from typing import List, Optional

from componentize_py_types import Err, Ok, Result
from wit_world import exports
from wit_world.imports import results
from wit_world.imports.results import Failure


class Results(exports.Results):
    def both(self) -> int:
        try:
            return results.both()
        except Err as error:
            raise Err(f"again: {error.value}") from error

    def only_ok(self) -> List[str]:
        raise Err(None)

    def only_err(self) -> None:
        raise Err(Failure(1, "no"))

    def neither(self) -> None:
        pass

    def through_alias(self) -> int:
        return results.through_alias()

    def ok_is_option(self) -> Optional[int]:
        return None

    def take(
        self,
        a: Result[int, str],
        b: Result[int, None],
        c: Result[None, int],
        d: Result[None, None],
        e: Result[int, Failure],
    ) -> List[Result[int, int]]:
        match a:
            case Ok(number):
                assert number >= 0
            case Err(text):
                assert text.isascii()
        if isinstance(e, Err):
            print(e.value.text)
        return [Ok(1), Err(2)]

    def nested(self) -> Result[int, int]:
        return Ok(3)
