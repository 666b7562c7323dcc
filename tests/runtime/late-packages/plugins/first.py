NAME = "own plugin"
