raise ImportError("a class Err of its own would be no use")
