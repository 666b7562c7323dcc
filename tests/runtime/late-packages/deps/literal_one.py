NAME = "literal"
