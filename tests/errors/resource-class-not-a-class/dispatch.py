Job = 3
