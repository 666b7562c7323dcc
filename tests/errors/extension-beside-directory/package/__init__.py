from ._core import Validator
