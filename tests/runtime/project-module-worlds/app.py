from one.wit import exports
from one.wit.imports import more

try:
    from one.wit.imports import store
except ImportError:
    store = None


class Store(exports.Store):
    def get(self, key: str) -> str:
        return f"{key} {store} {more.get_more.__name__}"
