"""The same interfaces imported and exported: exported items wrap imported ones."""

from typing import Optional

import items
from items import Item
from wit_world import exports
from wit_world.imports import items as host_items
from wit_world.imports import users as host_users


class Items(exports.Items):
    def wrap(self, i: Item) -> list[Item]:
        return [Item.around(inner) for inner in host_items.wrap(i.inner)] + [i]


class Users(exports.Users):
    def describe(self, e: Item) -> str:
        return f"exported {e.label()}, {host_users.describe(e.inner)}"

    def pass_(self, e: Item) -> Optional[Item]:
        passed = host_users.pass_(e.inner)
        return None if passed is None else Item.around(passed)
