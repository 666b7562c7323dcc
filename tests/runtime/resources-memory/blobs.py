"""A resource that holds memory."""


class Blob:
    def __init__(self, size: int) -> None:
        self.data = bytearray(size)

    def size(self) -> int:
        return len(self.data)
