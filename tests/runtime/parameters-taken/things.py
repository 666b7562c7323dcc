from wit_world.exports import things


class Thing(things.Thing):
    def __init__(self, *arguments, **named):
        (self.name,) = arguments

    def get(self, at=0):
        return self.name[at]

    @classmethod
    def make(cls, a, b, c=0):
        return a + b + c

    @staticmethod
    def other(*a):
        return a[0]
