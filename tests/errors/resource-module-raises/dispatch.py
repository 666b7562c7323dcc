class Job:
    pass


1 / 0
