import abi
import both
import wit_world

first = both.__file__.rpartition("/")[2]

# The search path is there while the component is built, and only then.
file = abi.file("/0/text.txt")


class WitWorld(wit_world.WitWorld):
    def report(self) -> list[str]:
        return abi.report()

    def file(self) -> list[str]:
        return file

    def first(self) -> str:
        return first
