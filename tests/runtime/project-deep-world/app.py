import wit_world
from sdk import wit
from sdk.wit import exports
from sdk.wit.imports import c_http_types_0_3_0_rc_2026_03_15 as types
from sdk.wit.imports.c_http_types_0_3_0_rc_2026_03_15 import Method, Method_Get


class HttpHandler(exports.HttpHandler):
    def handle(self, method: Method) -> list[bool]:
        return [
            isinstance(method, Method_Get),
            types.Request is wit_world.imports.types.Request,
            exports.HttpHandler is wit_world.exports.Handler,
        ]


class SdkWit(wit.SdkWit):
    def name(self) -> str:
        return wit.SdkWit.__module__
