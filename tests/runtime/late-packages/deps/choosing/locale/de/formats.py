NAME = "de"
