import componentize_py_runtime
import wit_world
from componentize_py_error_context import ErrorContext
from componentize_py_types import Err
from wit_world.imports import diagnosis

try:
    ErrorContext("while building")
except RuntimeError as error:
    early = str(error)


class Mine(ErrorContext):
    def __init__(self, message):
        super().__init__(f"mine: {message}")

    def __del__(self):
        print("let go")


def raised(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class WitWorld(wit_world.WitWorld):
    def messages(self):
        texts = ["", "plain", "Grüße, 世界", "x" * 100]
        return [early, *(ErrorContext(text).debug_message() for text in texts)]

    def raised(self):
        found = []
        try:
            diagnosis.fail("no route")
        except Err as error:
            assert type(error.value) is ErrorContext
            found.append(error.value.debug_message())
        try:
            diagnosis.fail_richly("no luck")
        except Err as error:
            found.append(error.value.value.debug_message())
        return found

    def passed_on(self):
        e = ErrorContext("shared")
        found = [diagnosis.explain(e), diagnosis.explain(e)]
        back = diagnosis.echo(e)
        assert back is not e
        diagnosis.kept(e)
        found.append(e.debug_message())
        del e
        found.append(back.debug_message())
        found.append(diagnosis.kept(None).debug_message())
        found.append(str(diagnosis.kept(None)))
        found.append(diagnosis.explain(Mine("own class")))
        return found

    def aggregates(self):
        report = diagnosis.make_report(["a", "b", "c"])
        found = [f"{report.code}", report.cause.debug_message(), *(e.debug_message() for e in report.more)]
        # The same one several times.
        found += diagnosis.count(diagnosis.Report(1, report.cause, [report.cause, *report.more]))
        found += [e.debug_message() for e in diagnosis.pair((1, report.cause))]
        found += [f"{name} {e.debug_message()}" for name, e in diagnosis.by_name({"x": report.cause}).items()]
        return found

    def mistakes(self):
        bare = ErrorContext.__new__(ErrorContext)
        return [
            raised(ErrorContext, 7),
            raised(ErrorContext),
            raised(diagnosis.explain, "text"),
            raised(diagnosis.explain, None),
            raised(diagnosis.explain, bare),
            raised(bare.debug_message),
            raised(diagnosis.count, diagnosis.Report(1, None, [ErrorContext("good"), "bad"])),
        ]

    def often(self, count):
        for i in range(count):
            e = diagnosis.echo(ErrorContext(str(i)))
        return [e.debug_message()]

    def make(self, message):
        return Mine(message)

    def handles(self):
        return [componentize_py_runtime.live()["handles"], diagnosis.handles()]
