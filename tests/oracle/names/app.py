"""Names that Python writes differently; an interface imported and exported."""

import wit_world
from wit_world import exports
from wit_world.imports import some_tools
from wit_world.imports.some_tools import Kind, MyRecord


class SomeTools(exports.SomeTools):
    def run_it(self, r: MyRecord, k: Kind) -> MyRecord:
        made = some_tools.run_it(MyRecord(r.first_field + 1, r.list), Kind.ONE_OF)
        return MyRecord(made.first_field, f"{k} {r.list}")

    def class_(self, from_: str) -> str:
        return some_tools.class_(from_=from_)


class WitWorld(wit_world.WitWorld):
    def two_words(self, in_put: int) -> int:
        return in_put + 1

    def import_(self) -> str:
        return "import"
