import sdk.wit.imports.types as types
from sdk import Err, MethodGet, MethodOther


class SdkWit:
    def try_all(self) -> list[str]:
        try:
            answer = types.check(MethodOther("x"))
        except Err as error:
            answer = error.value
        return [type(answer).__name__, repr(MethodGet()), str(hasattr(types, "SchemeHttp"))]
