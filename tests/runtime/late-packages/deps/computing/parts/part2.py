NAME = "part two"
