import componentize_py_runtime
from componentize_py_error_context import ErrorContext
from componentize_py_types import Err, Ok
from wit_world.exports import diagnosis

kept = None


class Diagnosis:
    def fail(self, why):
        raise Err(ErrorContext(why))

    def fail_richly(self, why):
        raise Err(diagnosis.Failure_Rich(ErrorContext(why)))

    def explain(self, e):
        return f"callee has: {e.debug_message()}"

    def make_report(self, why):
        return diagnosis.Report(len(why), ErrorContext(why[0]), [ErrorContext(text) for text in why[1:]])

    def count(self, report):
        cause = [report.cause] if report.cause else []
        return [e.debug_message() for e in cause + report.more]

    def echo(self, e):
        return e

    def kept(self, e):
        global kept
        kept, last = e, kept
        return last

    def pair(self, e):
        return [e[1], e[1]]

    def by_name(self, all):
        return {name + "!": e for name, e in all.items()}

    def handles(self):
        return componentize_py_runtime.live()["handles"]
