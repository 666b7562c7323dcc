last = None
for number in range(5000):
    error = ValueError(number)
    error.__context__ = last
    last = error
raise last
