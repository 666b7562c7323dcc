import preview1
import wit_world

try:
    import raises
except ModuleNotFoundError as error:
    missing = f"{error.name} is missing"

# The search path is there while the component is built, and only then.
files = preview1.files("/0")


class WitWorld(wit_world.WitWorld):
    def files(self) -> list[str]:
        return files

    def process(self) -> list[str]:
        return preview1.process()

    def waiting(self) -> list[str]:
        return preview1.waiting()

    def missing(self) -> str:
        return missing

    def leave(self) -> None:
        preview1.leave(1)
