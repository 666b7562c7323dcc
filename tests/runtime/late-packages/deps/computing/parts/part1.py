NAME = "part one"
