NAME = "stop"
