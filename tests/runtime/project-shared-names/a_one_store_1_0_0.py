from one.wit.exports import store


class Thing(store.Thing):
    def __init__(self, n: int) -> None:
        self.n = n

    def get(self) -> int:
        return self.n
