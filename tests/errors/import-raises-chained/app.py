try:
    int("one")
except ValueError as error:
    raise RuntimeError("no number") from error
