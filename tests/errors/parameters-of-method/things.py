from wit_world.exports import things


class Thing(things.Thing):
    def __init__(self, name):
        self.name = name

    def get(self, at, to):
        return self.name[at]

    @staticmethod
    def make(a, b):
        return a + b
