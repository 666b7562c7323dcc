from wit_world import exports
from wit_world.imports import (
    dep_next_things_1_0_0,
    dep_next_things_1_0_0_rc_1_build_7,
    dep_store_items_0_1_0,
    dep_store_items_0_2_0,
    extra,
)


class DepStoreItems010(exports.DepStoreItems010):
    def get(self, id: int) -> dep_store_items_0_1_0.Item:
        return dep_store_items_0_1_0.get(id + extra.count())


class DepStoreItems020(exports.DepStoreItems020):
    def get(self, id: int) -> dep_store_items_0_2_0.Item:
        dep_next_things_1_0_0.b()
        dep_next_things_1_0_0_rc_1_build_7.a()
        return dep_store_items_0_2_0.Item(id, dep_store_items_0_1_0.Item(0))
