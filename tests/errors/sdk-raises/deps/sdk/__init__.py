from sdk.gen import exports
from sdk.gen.imports.types import R


class Handler(exports.Handler):
    """What an SDK offers on top of its world."""

    def echo_r(self, a: R) -> R:
        return a

raise RuntimeError("the SDK is broken")
