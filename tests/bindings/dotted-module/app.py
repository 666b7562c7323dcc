from sdk.wit import generated
from sdk.wit.generated import exports
from sdk.wit.generated.imports.api import Point


class Api(exports.Api):
    def f(self, a: Point) -> None:
        pass


class SdkWitGenerated(generated.SdkWitGenerated):
    def run(self) -> None:
        pass
