import sdk.gen.all
from sdk.gen.all import exports
from sdk.gen.all.imports import a_sdk_types_1_0_0 as types, from_the_command


class HttpHandler(exports.HttpHandler):
    def echo_r(self, a: types.R) -> types.R:
        return a

    def echo_f(self, a: types.F) -> types.F:
        return a


class SdkGenAll(sdk.gen.all.SdkGenAll):
    def run(self, n: int) -> list[str]:
        return [from_the_command.__name__]
