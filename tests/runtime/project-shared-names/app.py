import one.wit.imports.a_one_store_1_0_0 as long_of_first
import one.wit.imports.store as first
import two.wit.imports.a_one_store_1_0_0 as second
import two.wit.imports.store as short_of_second
from one.wit.exports import store as exported
from two.wit import exports
from two.wit.exports import a_one_store_1_0_0, store


class AOneStore100(exports.AOneStore100):
    def next(self, a: store.Kind) -> store.Kind:
        assert isinstance(a, a_one_store_1_0_0.Kind_Cold)
        return a


class BTwoClock100(exports.BTwoClock100):
    def now(self) -> str:
        assert store.Kind_Cold is a_one_store_1_0_0.Kind_Cold is exported.Kind_Cold
        assert exports.AOneStore100 is exports.Store
        modules = [long_of_first, first, second, short_of_second]
        return f"{len({module.Thing for module in modules})} {len({module.next for module in modules})}"
