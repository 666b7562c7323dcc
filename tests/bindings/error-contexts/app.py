from componentize_py_error_context import ErrorContext
from componentize_py_types import Err
import wit_world
from wit_world import exports
from wit_world.imports import diagnosis


class WitWorld(wit_world.WitWorld):
    def fail(self) -> None:
        report = diagnosis.Report(ErrorContext("a"), [])
        if report.cause is not None:
            text = report.cause.debug_message().upper()
            text += diagnosis.explain(report.cause, diagnosis.ErrorContext("own"))
            raise Err(ErrorContext(text))


class Diagnosis(exports.Diagnosis):
    def fail(self) -> None:
        raise Err(ErrorContext("b"))

    def explain(self, e: ErrorContext, other: diagnosis.ErrorContext) -> str:
        return e.debug_message() + other.text
