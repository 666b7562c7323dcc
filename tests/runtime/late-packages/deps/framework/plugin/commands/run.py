NAME = "run"
