import one
import wit_world
from componentize_py_types import Err
from package import two

# Of the memory that is kept: the next call goes on from here.
one.next_state()


class WitWorld(wit_world.WitWorld):
    def counts(self) -> list[int]:
        return [one.next_state(), two.next_state()]

    def separate(self) -> bool:
        return one.is_mine() and two.is_mine()

    def half(self) -> str:
        return one.half()

    def late(self) -> str:
        import late

        return late.__doc__

    def numbers(self):
        return two.Numbers()

    def open(self, name: str) -> str:
        try:
            return one.open_library(name)
        except OSError as error:
            raise Err(str(error))

    def reopened(self) -> str:
        return self.open(two.__file__)
