def log(s):
    raise NotImplementedError("this is the shipped stub")
