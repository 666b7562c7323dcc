from sdk.wit.imports.types import MethodGet, MethodOther, Scheme_Http
from sdk.wit.types import Err, Ok

__all__ = ["Err", "MethodGet", "MethodOther", "Ok", "Scheme_Http"]
