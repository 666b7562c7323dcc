import sdk
import sdk.gen
from componentize_py_types import Err
from sdk.gen.imports import store
from sdk.gen.imports.types import F


class Handler(sdk.Handler):
    def echo_f(self, a: F) -> F:
        return a


class SdkGen(sdk.gen.SdkGen):
    def run(self, n: int) -> list[str]:
        sdk.gen.log(f"run {n}")
        try:
            opened = str(store.open("one").x)
        except Err as error:
            opened = type(error.value).__name__
        try:
            import wit_world
        except ImportError as error:
            return [opened, str(error)]
        return [opened, wit_world.__name__]


try:
    import sdk.gen.stale
except ModuleNotFoundError:
    pass
